"""A drill in this process: the application behind a front door of its own, over a copy of its flags."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from migration_flags import Change, Flag, Rule, Snapshot, Stage, Visitor
from migration_flags.change import as_change
from migration_flags.stores.memory import MemoryStore
from router.app import Router
from router.drill.course import Course, Told
from router.drill.timeline import Event, Timeline
from router.drill.warrants import fail
from router.lifespan import Lifespan
from router.parity.client import Client
from router.reply import SERVED_BY
from router.rollback.rules import RollbackRules
from router.row import Row
from router.types import ASGIApp, Receive, Scope, Send

ACTOR = "drill"
USER = "drill"
PERCENT = 5.0
"""Share of the visitors on modern while the drill lasts."""


class Faults:
    """The modern application, which fails for every request. ``count`` of them so far."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.count += 1
            await fail(scope, receive, send)
        await self._app(scope, receive, send)


class Copy:
    """The `Front` of a router in this process."""

    def __init__(self, client: Client, faults: Faults, store: MemoryStore, key: str, path: str) -> None:
        self._client = client
        self._faults = faults
        self._store = store
        self._key = key
        self._path = path

    async def ask(self) -> Told:
        before = self._faults.count
        answer = await self._client.ask("GET", self._path, [], b"")
        side = dict(answer.headers).get(SERVED_BY.decode(), "")
        return Told(answer.status, side, self._faults.count > before)

    async def flag(self) -> Flag | None:
        return self._store.snapshot().get(self._key)


def drill_here(
    router: Router,
    row: Row,
    path: str,
    flags: Snapshot,
    rules: RollbackRules | None,
    tell: Callable[[Event], None],
    within: float,
) -> Timeline:
    """Shows how ``router`` would take ``row`` back at a canary of `PERCENT`. Blocks; nothing outside is changed."""
    store = copied(flags, row.key)
    faults = Faults(router.modern)
    copy = Router(
        router.legacy,
        faults,
        store,
        routes=router.table,
        identify=lambda _scope: Visitor(unit=f"user:{USER}", user=USER),
        mirror=None,
        rollback=rules,
        acknowledged=[finding.key for finding in router.findings],
    )
    return asyncio.run(_run(copy, faults, store, Timeline(row.key, path), tell, within))


def copied(flags: Snapshot, key: str) -> MemoryStore:
    """A store with those flags, in which the route is at a canary, and the test user on modern.

    Latches are left out, and so is what the route requires: the drill is about this route.
    """
    store = MemoryStore()
    changes = [as_change(replace(flag, latch=None, requires=())) for flag in flags if flag.key != key]
    mine = Change(key, Stage.CANARY, PERCENT, rules=(Rule("user", USER, True),))
    store.apply([*_settable(changes), mine], actor=ACTOR, reason="drill")
    return store


def _settable(changes: Iterable[Change]) -> list[Change]:
    """Retired routes can't be retired again in a new store without having been modern; they are no part of this."""
    return [change for change in changes if change.stage is not Stage.RETIRED]


async def _run(
    router: Router,
    faults: Faults,
    store: MemoryStore,
    timeline: Timeline,
    tell: Callable[[Event], None],
    within: float,
) -> Timeline:
    state: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        lifespan = Lifespan(router, "drilled")
        stack.push_async_callback(lifespan.stop)
        await lifespan.start({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state})
        front = Copy(Client(router, state), faults, store, timeline.route, timeline.path)
        return await Course(front, timeline, time.monotonic, tell, within=within).run()
