"""Surroundings for a dry run: modern's resources over one connection whose work is always taken back."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from fastapi_app.auth.refusals import Refusals
from fastapi_app.database import Database
from fastapi_app.jobs.dispatch import Nobody
from fastapi_app.models import WRITES
from fastapi_app.models.write_turn import WriteTurn, turn_of
from legacy_flask.front_door.row_changes import RowChanges, watch_one
from router.dry_run.isolate import EffectRefused, NotIsolated
from router.dry_run.writes import WriteSet
from router.types import Scope

TURN = 0.25
"""Seconds that a dry run waits for a connection, and for its turn to write to an SQLite file."""
STATEMENT = 2
"""Seconds of one statement on MariaDB, which waits one second for a lock; of all statements on SQLite."""
_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""
TAKING_BACK = 2.0

_NOWHERE = Path(os.devnull, "dry-run")
"""Nothing can be read, written or removed below a device."""
_ALLOWED = ("select", "insert", "update", "delete", "with", "savepoint", "release savepoint", "rollback to savepoint")
_OUTSIDE = ("imvdb", "youtube", "transcodes", "pictures", "walks")


class IsolatedDatabase(Database):
    """The database as a dry run sees it: every session is a savepoint on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.engine = connection.engine
        self._connection = connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        async with self._session() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        async with self._session() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Its connection is whoever's it was given by."""

    def _session(self) -> AsyncSession:
        return AsyncSession(
            self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=False
        )


class Refusing:
    """Stands for a resource outside the database: whatever is asked of it is noted, and refused."""

    def __init__(self, name: str, changes: RowChanges) -> None:
        self._name = name
        self._changes = changes

    def __getattr__(self, asked: str) -> Any:
        effect = f"{self._name}.{asked}"
        self._changes.effects.append(effect)
        raise EffectRefused(effect)


class Surroundings:
    """What `router.dry_run.isolate.Isolated` asks for."""

    def __init__(self, state: dict[str, Any], connection: AsyncConnection, changes: RowChanges) -> None:
        self.state = state
        self._connection = connection
        self._changes = changes

    async def writes(self) -> WriteSet:
        await self._connection.run_sync(self._changes.commit)
        return self._changes.writes()


@asynccontextmanager
async def mirrored(state: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """What the copy of a read finds: everything, but that no job it hands in is heard of."""
    yield {**state, "jobs": Nobody()}


@asynccontextmanager
async def isolated(scope: Scope) -> AsyncIterator[Surroundings]:
    """Surroundings made of what the modern lifespan put into the scope's state. Raises NotIsolated.

    Its end rolls back and closes the connection, whatever happened on it, and whoever cancels.
    """
    state: dict[str, Any] = scope["state"]
    library: Database = state["database"]
    changes = RowChanges()
    async with AsyncExitStack() as stack:
        if library.engine.dialect.name == "sqlite":
            await _take_turn(library, stack)
        connection = await _connected(library)
        stack.push_async_callback(_take_back, connection)
        await _prepare(connection)
        await connection.run_sync(_guard, changes)
        others = {name: Refusing(name, changes) for name in _OUTSIDE if name in state}
        nowhere = {"data_dir": _NOWHERE, "media_roots": ()}
        yield Surroundings(
            {
                **state,
                **others,
                "database": IsolatedDatabase(connection),
                "config": state["config"].model_copy(update=nowhere),
                "refusals": Refusals(),
                "tally": None,
                "jobs": Nobody(),
            },
            connection,
            changes,
        )


async def _take_turn(library: Database, stack: AsyncExitStack) -> None:
    """The file is written by one at a time. Whoever is cancelled meanwhile gives the turn back."""
    turn = _turn_of(library)
    asked = asyncio.ensure_future(asyncio.to_thread(turn.take, TURN))
    try:
        has_turn = await asyncio.shield(asked)
    except asyncio.CancelledError:
        asked.add_done_callback(lambda done: _give_late(done, turn))
        raise
    if not has_turn:
        raise NotIsolated("somebody else is writing to the file")
    stack.callback(turn.give)


def _turn_of(library: Database) -> WriteTurn:
    return turn_of(os.path.realpath(library.engine.url.database or ""))


def _give_late(done: "asyncio.Future[bool]", turn: WriteTurn) -> None:
    if not done.cancelled() and done.exception() is None and done.result():
        turn.give()


async def _connected(library: Database) -> AsyncConnection:
    try:
        async with asyncio.timeout(TURN):
            return await library.engine.connect()
    except (TimeoutError, PoolTimeout, DBAPIError) as error:
        raise NotIsolated("no connection came free") from error


async def _prepare(connection: AsyncConnection) -> None:
    """Begins the outer transaction, with short waits; on SQLite as the file's writer."""
    try:
        if connection.dialect.name == "sqlite":
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(TURN * 1000)}")
            await _bound(connection)
            await connection.exec_driver_sql("DELETE FROM settings WHERE 0")  # a reader turns writer, nothing read yet
        else:
            await connection.execution_options(**{WRITES: True})
            await connection.exec_driver_sql(
                f"SET SESSION innodb_lock_wait_timeout = 1, SESSION max_statement_time = {STATEMENT}"
            )
    except DBAPIError as error:
        raise NotIsolated("the database is busy") from error


def _guard(connection: Connection, changes: RowChanges) -> None:
    """From here on nothing on this connection can be kept."""

    def refuse(effect: str) -> None:
        changes.effects.append(effect)
        raise EffectRefused(effect)

    def before_cursor_execute(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().lower().startswith(_ALLOWED):
            refuse(f"statement {statement.split(maxsplit=1)[0].upper()}")

    watch_one(connection, changes)
    event.listen(connection, "before_cursor_execute", before_cursor_execute)
    event.listen(connection, "commit", lambda _connection: refuse("commit of the connection"))


async def _take_back(connection: AsyncConnection) -> None:
    """Rolls back and closes, in a task of its own: it is done even when who waits for it is cancelled."""
    task = asyncio.ensure_future(_undone(connection))
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


async def _bound(connection: AsyncConnection) -> None:
    """A statement whose caller was cancelled goes on in SQLite's thread, and whatever comes next waits for it."""
    until = time.monotonic() + STATEMENT
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS)


async def _undone(connection: AsyncConnection) -> None:
    """A connection that was used like this is not given to anybody else: closing it rolls back what is left."""
    try:
        with suppress(SQLAlchemyError, TimeoutError):
            async with asyncio.timeout(TAKING_BACK):
                await connection.rollback()
    finally:
        await connection.invalidate()
        await connection.close()
