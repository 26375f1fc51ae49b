"""What is in the database after a request."""

from typing import Any

from sqlalchemy import select

from tests.fastapi_app.conftest import Client


async def one(client: Client, model: type[Any], row_id: int) -> Any:
    """One row, which must be there."""
    async with client.state["database"].reading() as session:
        return await session.get_one(model, row_id)


async def everything(client: Client, model: type[Any]) -> list[int]:
    """The ids of all rows."""
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(model.id).order_by(model.id)))
