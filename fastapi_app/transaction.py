"""The one database session of a request: shared by whoever asks for it, committed before the answer leaves."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request
from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from fastapi_app.database import Database

Record: TypeAlias = Row[*tuple[Any, ...]]
"""One row of columns, whatever they are."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for reading where the method is safe, for writing otherwise.

    It connects when it is first used. The function scope of `Transaction` ends it before the answer is sent, so a
    commit that fails is an error and never a 200.
    """
    database: Database = request.state.database
    opened = database.reading() if request.method in SAFE_METHODS else database.writing()
    async with opened as session:
        yield session


Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]


async def found(session: AsyncSession, statement: Executable, **values: Any) -> Sequence[Record]:
    """The rows of columns that a statement gives, which was built once and is told its values by name.

    Past the ORM, which has nothing to do for columns: for what is asked so often that this counts. What the session
    holds and did not flush yet is not seen.
    """
    return await session.run_sync(_rows, statement, values)


def _rows(session: Session, statement: Executable, values: dict[str, Any]) -> Sequence[Record]:
    return session.connection().execute(statement, values).all()
