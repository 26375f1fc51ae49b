"""The one database session of a request: shared by whoever asks for it, committed before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

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
