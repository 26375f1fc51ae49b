"""Making an account: the password is hashed beside the event loop, with no transaction open meanwhile."""

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import User
from fastapi_app.users import changes
from fastapi_app.users.rules import NewAccount


async def make_account(request: Request, session: AsyncSession, who: changes.Acting, new: NewAccount) -> User:
    """The new account, stored. `session`, in which the login was looked up, ends. Raises Conflict."""
    await session.rollback()
    password_hash = await request.state.hashing.make(new.password)
    async with request.state.database.writing() as writer:
        return await changes.create(writer, who, new, password_hash)
