"""Two small applications with many routes, traffic that never ends, mismatches and a latch: to look at the console.

``python -m tests.router.console.toy [PORT]`` serves them. Nobody is asked for a login.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import uvicorn

from migration_flags import Change, Evidence, FlagStore, Latch, Stage
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.sql import SQLStore
from router import Router
from router.comparison.ledger import Ledger
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.waiver import Waiver
from router.derive import Route
from router.types import Environ, IterableChunks, Receive, Scope, Send, StartResponse
from tests.router.asking import ask

NOUNS = ("videos", "artists", "playlists", "settings", "downloads", "genres", "users", "jobs", "themes", "webhooks")
FAULTS: set[str] = set()
"""Paths at which the modern side fails."""


def routes(count: int) -> list[Route]:
    """So many; of ten, one has legacy only and one modern only."""
    found = []
    for number in range(count):
        noun = NOUNS[number % len(NOUNS)]
        method = ("GET", "GET", "GET", "POST", "PUT", "DELETE")[number % 6]
        path = f"/api/{noun}/{{id:int}}/part{number}" if number % 3 else f"/api/{noun}/all{number}"
        found.append(Route(f"{method} {path}", legacy=number % 10 != 7, modern=number % 10 != 3))
    return found


def legacy(environ: Environ, start_response: StartResponse) -> IterableChunks:
    body = json.dumps({"path": environ["PATH_INFO"], "side": "legacy"}).encode()
    start_response("200 OK", [("content-type", "application/json"), ("content-length", str(len(body)))])
    return [body]


async def modern(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    if scope["path"] in FAULTS:
        raise RuntimeError("a fault was injected")
    body = json.dumps({"path": scope["path"], "side": "modern"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def create_router(store: FlagStore, count: int = 300, **options: Any) -> Router:
    told: dict[str, Any] = {"authorize": lambda scope, action: "ada", "secret": "a secret of the toy", **options}
    return Router(legacy, modern, store, routes=routes(count), **told)


def create_from_environment() -> Router:
    """Needs ``TOY_STORE``, the URL of a flag store."""
    return create_router(SQLStore(os.environ["TOY_STORE"]), 30)


def populate(store: FlagStore, router: Router) -> None:
    """Stages of every kind, findings on some routes, one that took itself back, and a past of two weeks."""
    keys = [row.key for row in router.table if row.owner.value == "both" and not row.unmatched]
    store.seed(keys, Stage.LEGACY, actor="toy", reason="starts on legacy")
    for depth, stage in enumerate((Stage.SHADOW, Stage.CANARY, Stage.MODERN)):
        for part in range(3):
            chosen = [key for number, key in enumerate(keys) if number % 9 >= depth * 2 + 1 and number % 3 == part]
            percent = (1.0, 5.0, 25.0)[part] if stage is Stage.CANARY else None
            store.apply([Change(key, stage, percent) for key in chosen], actor="ada", reason=f"step {depth}.{part}")
    canary = [flag.key for flag in store.snapshot() if flag.stage is Stage.CANARY]
    now = datetime.now(UTC)
    evidence = {"requests": 214, "faults": 11, "control_requests": 4011, "control_faults": 0, "e_value": 812.5}
    latch = Latch("sequential", now.isoformat(), Stage.CANARY, 5.0, (now + timedelta(minutes=5)).isoformat(), evidence)
    store.apply(
        [Change(canary[0], Stage.SHADOW, latch=latch)], actor="strangler", reason="e-value 812", evidence=evidence
    )
    for key in canary[1:9]:
        store.keep(Evidence(key, "shadow", now.isoformat(), 1, summary(key, router.version), "toy"))


def summary(key: str, version: str) -> dict[str, Any]:
    ledger = Ledger()
    chance = random.Random(key)  # the same toy each time
    now = datetime.now(UTC)
    for number in range(400):
        found: list[Mismatch] = []
        if chance.random() < 0.1:
            items = json.dumps({"name": f"Ziggy {number}", "tags": ["a", "b"], "year": 1972}, indent=1)
            other = json.dumps({"name": f"Ziggy  {number}", "tags": ["b", "a"], "year": "1972"}, indent=1)
            found = [Mismatch(key, "$.items[0]", items, other, Kind.VALUE)]
        if chance.random() < 0.02:
            found.append(Mismatch(key, "status", 200, 500, Kind.STATUS))
        ledger.compare(found, now, key.partition(" ")[2])
    return ledger.summary(version).to_json()


async def visit(router: Router, chosen: Iterable[str], seconds: float) -> None:
    """Asks routes at random, as visitors with a name of their own each time."""
    keys, loop = list(chosen), asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        method, _, path = random.choice(keys).partition(" ")
        headers = {"authorization": f"visitor {random.randrange(10_000)}"}
        await ask(router, method, path.replace("{id}", "7"), headers=headers)
        await asyncio.sleep(random.random() * 0.02)  # visitors don't come evenly


class Visited:
    """The router, with visitors as long as it lives."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._task is None:
            keys = [row.key for row in self._router.table if not row.unmatched]
            self._task = asyncio.get_running_loop().create_task(visit(self._router, keys, float("inf")))
        await self._router(scope, receive, send)


def main(port: int) -> None:
    store = MemoryStore()
    waiver = Waiver("GET /api/videos/.*", "toy", "the two sides count differently", date(2030, 1, 1), "total")
    router = create_router(store, waivers=[waiver])
    populate(store, router)
    uvicorn.run(Visited(router), port=port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8900)
