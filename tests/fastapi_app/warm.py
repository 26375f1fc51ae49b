"""A database that a test reads and writes through one warm connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import insert, select

from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.models import Artist, Base

NAMES = select(Artist.name)
ADDED = insert(Artist).values(id=1, name="Björk")


@asynccontextmanager
async def warm(url: str, folder: Path) -> AsyncIterator[Database]:
    """One connection, and room for another, over an empty table of artists."""
    config = Config(data_dir=folder, database_url=url, database_pool_size=1, database_pool_overflow=1)
    engine = blocking_engine(config)
    Base.metadata.create_all(engine, tables=[Base.metadata.tables["artists"]])
    engine.dispose()
    found = Database(config)
    async with found.reading() as session:
        await session.execute(NAMES)  # the first connection asks the database about itself
    yield found
    await found.close()
