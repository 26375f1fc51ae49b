"""A front door in few lines: one route, one visitor after the other, and a mirror behind them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from migration_flags import Change, Plan, Stage, plan
from migration_flags.stores.memory import MemoryStore
from router.comparison.summary import Summary
from router.mirror.limits import MirrorLimits, StrainRules
from router.mirror.mirror import Mirror
from router.mirror.ticket import Ticket
from router.row import Owner, Relation, Row
from router.types import ASGIApp, Headers, Message, Receive, Scope, Send

ROW = Row("GET /items/{id}", "GET", "/items/{id}", Owner.BOTH, Relation.EQUAL)
EVERYTHING = MirrorLimits(rate=1e9, noise=0.0, timeout=30.0, least_timeout=30.0, strain=StrainRules(lag=1e9, wait=1e9))
"""A busy machine must not switch a test's mirror off, nor find a candidate slow."""


def plan_of(percent: float, key: str = ROW.key) -> Plan:
    store = MemoryStore()
    store.apply([Change(key, Stage.SHADOW, mirror=percent)], actor="a test", reason="a mirror")
    return plan(store.snapshot(), key)


ALL = plan_of(100)


def answering(
    content: Any = None, status: int = 200, headers: Headers | None = None, body: bytes | None = None
) -> ASGIApp:
    """An application with one answer; ``content`` may be a function of the number of the call, from 1."""
    calls = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal calls
        calls += 1
        said = content(calls) if callable(content) else content
        whole = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() if body is None else body
        own = headers if headers is not None else [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": own})
        await send({"type": "http.response.body", "body": whole})

    return app


def scope_of(path: str = "/items/7", method: str = "GET", query: bytes = b"", headers: Headers | None = None) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": headers or [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {"database": "the real one"},
        "extensions": {"http.response.pathsend": {}},
    }


async def nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def visit(mirror: Mirror, legacy: ASGIApp, scope: Scope | None = None, at: Plan = ALL) -> list[Message]:
    """One visitor's request, answered by legacy; returns what the visitor was sent."""
    asked = scope or scope_of()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    wanted = mirror.wants(ROW, asked, at)
    if not isinstance(wanted, Ticket):
        await legacy(asked, nothing_more, send)
        return sent
    try:
        await legacy(asked, wanted.overhear(nothing_more), wanted.tap(send))
    finally:
        mirror.offer(wanted)
    return sent


@asynccontextmanager
async def running(candidate: ASGIApp, control: ASGIApp | None = None, **options: Any) -> AsyncIterator[Mirror]:
    mirror = Mirror(control, lambda _row: candidate, **{"limits": EVERYTHING, **options})
    await mirror.start()
    try:
        yield mirror
    finally:
        await mirror.stop()


def seen(mirror: Mirror) -> Summary:
    return Summary.from_json(mirror.summary(ROW.key))


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Polls until the condition holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # what is awaited sets no event
            await asyncio.sleep(0.002)


async def compared(mirror: Mirror, count: int = 1) -> Summary:
    """Waits until so many requests were compared."""
    await until(lambda: seen(mirror).compared >= count)
    return seen(mirror)
