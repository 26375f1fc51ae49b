"""The hybrid in this process: both real applications behind the real router, without a server between."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, cast

from flask import Flask
from sqlalchemy import Engine, make_url

from legacy_flask import database as legacy_database
from legacy_flask.front_door import build
from migration_flags import Change, Stage
from router import Owner, Router
from tests.parity.ask import Ask, timely
from tests.parity.library import FACTOR, PASSWORD, Library
from tests.router.asking import Answer, ask
from tests.router.rig import running


@dataclass
class Hybrid:
    """``state`` is what the modern lifespan made; every request gets a copy of it, as a server would give."""

    router: Router
    state: dict[str, Any]
    library: Library

    @property
    def flask(self) -> Flask:
        return cast("Flask", self.router.legacy.app)

    def engines(self) -> tuple[Engine, Engine]:
        """The legacy engine and the modern one."""
        modern: Engine = self.state["database"].engine.sync_engine
        return legacy_database.of(self.flask).engine, modern

    def checked_out(self) -> int:
        """Connections in use, of both sides."""
        return sum(engine.pool.checkedout() for engine in self.engines())  # type: ignore[attr-defined]  # QueuePools

    async def move(self, stage: Stage, keys: Iterable[str] = ()) -> None:
        """Moves these routes, or every one that both sides have."""
        chosen = list(keys) or [row.key for row in self.router.table if row.owner is Owner.BOTH]
        changes = [Change(key, stage) for key in chosen]
        store = self.router.flags
        await asyncio.to_thread(store.apply, changes, actor="the tests", reason="one side at a time")
        await asyncio.to_thread(self.router.refresh)

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        return await ask(self.router, method, path, state=self.state.copy(), **options)

    async def play(self, one: Ask, cookie: str = "") -> Answer:
        """An ask of the parity corpus."""
        headers = [*one.headers, *([("cookie", cookie)] if cookie else [])]
        return await self.ask(one.method, one.target, headers=headers, body=timely(one, FACTOR).body or b"")

    async def log_in(self, name: str) -> str:
        """A Cookie header with a new login of a user of the parity library."""
        body = f'{{"username": "{name}", "password": "{PASSWORD}"}}'.encode()
        answer = await self.ask("POST", "/auth/login", headers={"content-type": "application/json"}, body=body)
        assert answer.status == 200, f"{name} can't log in: {answer.status}"
        cookies = SimpleCookie(answer.headers["set-cookie"])
        return "; ".join(f"{cookie}={morsel.value}" for cookie, morsel in cookies.items())

    def open_transactions(self) -> int:
        """Transactions that the database itself still sees, told from outside. On SQLite 1 stands for any number."""
        address = make_url(self.library.config.database_url)
        if address.get_backend_name() == "sqlite":
            with closing(sqlite3.connect(str(address.database), timeout=0)) as connection:
                # A checkpoint that must reach the end of the log is busy while anybody reads or writes.
                return int(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        with self.engines()[0].connect() as seen:
            return int(seen.exec_driver_sql("SELECT count(*) FROM information_schema.innodb_trx").scalar() or 0)


@asynccontextmanager
async def started(library: Library, *, watched: bool = True) -> AsyncIterator[Hybrid]:
    """The hybrid on a library, from its start to its stop. Not `watched`: routes stay where they are put."""
    quiet = library.config.model_copy(update={"log_level": "CRITICAL"})
    state: dict[str, Any] = {}
    router = build(quiet, watched=watched)
    async with running(router, state):
        yield Hybrid(router, state, library)
