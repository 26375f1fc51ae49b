"""Engines and sessions. One request or task, one session, one commit, at its edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from fastapi_app import mariadb, silence, sqlite
from fastapi_app.config import SQLITE, Config, database_address
from fastapi_app.connection_pool import LingeringPool
from fastapi_app.models import CONNECT_ARGUMENTS, WRITES, prepare_sqlite

_ASYNC_DRIVERS = {SQLITE: "sqlite+aiosqlite", "mysql": "mysql+asyncmy"}
_SYNC_DRIVERS = {SQLITE: "sqlite+pysqlite", "mysql": "mysql+pymysql"}
_RECYCLE_SECONDS = 3600
_DISCREET: dict[str, Any] = {"hide_parameters": True}
"""Values of statements stay out of errors, and so out of logs: hashes and session tokens are among them."""


class Database:
    """The library's database as one process sees it. Constructing connects to nothing."""

    def __init__(self, config: Config) -> None:
        address = database_address(config)
        self.engine = _async_engine(address, config)
        self._readers = async_sessionmaker(
            self.engine.execution_options(**{sqlite.READS: True}), expire_on_commit=False, autoflush=False
        )
        self._writers = async_sessionmaker(
            self.engine.execution_options(**{WRITES: True}), expire_on_commit=False, autoflush=False
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading; whatever it changed is dropped."""
        session = self._readers()
        try:
            yield session
        except BaseException:
            await session.__aexit__(None, None, None)  # to its end, whoever cancels meanwhile; that takes a task
            raise
        await session.close()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session committed at the end of the block, rolled back when the block raises."""
        async with self._writers() as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def writes(session: AsyncSession) -> bool:
    """Whether `session` is one of `Database.writing`: what is executed in another is dropped, or refused."""
    return bool(session.get_bind().get_execution_options().get(WRITES))


def rows_changed(made: object) -> int:
    """How many rows an UPDATE or a DELETE changed: its result has the number, and its type doesn't say so."""
    return int(getattr(made, "rowcount", 0))


def blocking_engine(config: Config, patience: float | None = None) -> Engine:
    """An engine for commands, workers and schema changes, which run outside the event loop.

    An answer of a server that takes longer than `patience` seconds to begin counts as a lost connection.
    """
    address = database_address(config)
    if address.get_backend_name() == SQLITE:
        engine = create_engine(_with(address, _SYNC_DRIVERS), connect_args=CONNECT_ARGUMENTS, **_DISCREET)
        prepare_sqlite(engine)
        return engine
    limits = {} if patience is None else silence.limits(patience)
    engine = create_engine(_with(address, _SYNC_DRIVERS), connect_args=limits, **_server_pool(config))
    event.listen(engine, "do_connect", mariadb.connect_blocking)
    return engine


def _async_engine(address: URL, config: Config) -> AsyncEngine:
    if address.get_backend_name() == SQLITE:
        engine = create_async_engine(
            _with(address, _ASYNC_DRIVERS),
            connect_args={**CONNECT_ARGUMENTS, "async_creator_fn": sqlite.connect},
            poolclass=LingeringPool,
            pool_size=config.database_pool_size,
            max_overflow=config.database_pool_overflow,
            **_DISCREET,
        )
        sqlite.prepare_files(engine.sync_engine)
        return engine
    engine = create_async_engine(
        _with(address, _ASYNC_DRIVERS),
        connect_args={"async_creator_fn": mariadb.connect},
        poolclass=LingeringPool,
        **_server_pool(config),
    )
    mariadb.prepare_mariadb(engine.sync_engine)
    return engine


def _with(address: URL, drivers: dict[str, str]) -> URL:
    return address.set(drivername=drivers[address.get_backend_name()])


def _server_pool(config: Config) -> dict[str, Any]:
    return {
        "pool_size": config.database_pool_size,
        "max_overflow": config.database_pool_overflow,
        "pool_timeout": config.database_pool_timeout,
        "pool_recycle": _RECYCLE_SECONDS,
        "pool_pre_ping": True,
        **_DISCREET,
    }
