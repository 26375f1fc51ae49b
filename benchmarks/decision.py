"""What it costs to decide who answers a request, with canaries, names and overrides: `python -m benchmarks.decision`.

In one process, without sockets, 300 routes of Flask and FastAPI. "Decision" is everything from the request to the side:
the row, the headers, who asks, the bucket. "Whole call" is the request through the front door, to a modern or legacy
side that answers at once. Every call is timed by itself, in turns of a hundred. About a minute.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.raw import RESULTS, keep
from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Route, Router
from router.override import COOKIE, in_cookie
from router.request import path_of, read_request
from router.row import Side
from router.types import Receive, Scope, Send
from router.visitor_cookie import ID_BYTES, NAME, VisitorCookie, derived_key

ROUTES = 300
LEGACY, MODERN, CANARY = 0, 1, 2
"""Numbers of the three routes that are asked."""

SECRET = "a secret of the benchmark"
FOREVER = 4_102_444_800
STRANGERS = 25_000
"""Visitors who come by in turn: more than are remembered, so that each is met anew."""

TURN = 100
TARGET = 15.0
"""Microseconds: the median of a decision. An override is not meant: its signature is checked each time."""
CORE = 0


@dataclass(frozen=True)
class Cost:
    """Microseconds."""

    subject: str
    decision_p50: float
    decision_p99: float
    whole_p50: float


def door() -> Router:
    """Most routes at legacy, one at modern, one at a canary of half the visitors."""
    changes = [Change(key_of(MODERN), Stage.MODERN), Change(key_of(CANARY), Stage.CANARY, 50.0)]
    store = MemoryStore()
    store.apply(changes, actor="benchmark", reason="one of each")
    routes = [Route(key_of(number)) for number in range(ROUTES)]
    router = Router(_legacy, _modern, store, routes=routes, secret=SECRET)
    router.refresh()
    return router


def subjects(router: Router) -> dict[str, list[Scope]]:
    """The requests of each subject, to be asked in turn."""
    cookie = VisitorCookie(derived_key(SECRET, b"visitor"))
    named = [f"{NAME}={cookie.value(number.to_bytes(ID_BYTES, 'big'))}" for number in range(STRANGERS)]
    signed = router.sign_override(Side.MODERN, FOREVER, "benchmark")
    return {
        "legacy for all, no cookie": [scope_of(LEGACY)],
        "legacy for all, a visitor's cookie": [scope_of(LEGACY, cookie=named[0])],
        "modern for all, a visitor's cookie": [scope_of(MODERN, cookie=named[0])],
        "legacy for all, override header": [scope_of(LEGACY, x_strangler_side=signed)],
        "canary, nobody (is given a cookie)": [scope_of(CANARY)],
        "canary, cookie, known": [scope_of(CANARY, cookie=named[0])],
        "canary, cookie, new each time": [scope_of(CANARY, cookie=one) for one in named],
        "canary, Authorization, known": [scope_of(CANARY, authorization="Bearer benchmark")],
        "canary, cookie, known, override header": [scope_of(CANARY, cookie=named[0], x_strangler_side=signed)],
        "canary, cookie, known, override cookie": [
            scope_of(CANARY, cookie=f"{named[0]}; {COOKIE}={in_cookie(signed)}")
        ],
    }


async def decided(router: Router, scope: Scope) -> Side:
    """What `Router` does first with a request. The same steps, for they can't be asked for one by one."""
    row = router.table.match(scope["method"], path_of(scope))
    prospect = router._refresher.picture.prospects[row]  # noqa: SLF001  # see above
    found = read_request(scope)
    selection = prospect.selection
    if router._selector.matters(prospect, found):  # noqa: SLF001
        selection = await router._selector.select(scope, prospect, found)  # noqa: SLF001
    return selection.decision.side


async def measured(calls: int) -> list[Cost]:
    """Every subject, in turns."""
    router = door()
    asked = subjects(router)
    await _open(router)
    decisions = await _times({name: (decided, router, scopes) for name, scopes in asked.items()}, calls)
    whole = await _times({name: (_through, router, scopes) for name, scopes in asked.items()}, max(TURN, calls // 5))
    await router.legacy.close()
    await asyncio.to_thread(router._close)  # noqa: SLF001  # what a lifespan would do
    return [_cost(name, decisions[name], whole[name]) for name in asked]


Subject = tuple[Callable[[Router, Scope], Awaitable[object]], Router, Sequence[Scope]]


async def _times(asked: Mapping[str, Subject], calls: int) -> dict[str, list[float]]:
    """Seconds of each call. The first turn warms up."""
    found: dict[str, list[float]] = {name: [] for name in asked}
    turns = {name: cycle(scopes) for name, (_, _, scopes) in asked.items()}
    for turn in range(-1, max(1, calls // TURN)):
        for name, (ask, router, _) in asked.items():
            for _ in range(TURN):
                scope = {**next(turns[name]), "state": {}}
                started = time.perf_counter()
                await ask(router, scope)
                if turn >= 0:
                    found[name].append(time.perf_counter() - started)
    return found


def _cost(name: str, decisions: list[float], whole: list[float]) -> Cost:
    hundredths = quantiles(decisions, n=100, method="inclusive")
    half = quantiles(whole, n=2, method="inclusive")[0]
    return Cost(name, hundredths[49] * 1e6, hundredths[98] * 1e6, half * 1e6)


async def _open(router: Router) -> None:
    """The first request opens a router whose server runs no lifespan."""
    await _through(router, {**scope_of(MODERN), "state": {}})


async def _through(router: Router, scope: Scope) -> None:
    await router(scope, _receive, _send)


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_message: Any) -> None:
    return


def _legacy(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def _modern(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def key_of(number: int) -> str:
    return f"GET /api/noun{number}/{{id}}"


def scope_of(number: int, **headers: str) -> Scope:
    """A browser's request. ``x_strangler_side`` is sent as x-strangler-side."""
    path = f"/api/noun{number}/7"
    usual = {"host": "benchmark", "user-agent": "Mozilla/5.0", "accept": "*/*", "accept-encoding": "gzip, br"}
    sent = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }


def main(calls: int = 20_000, results: Path = RESULTS) -> int:
    """Measures, prints, keeps the raw figures. Returns the exit code."""
    console, others = Console(), os.getloadavg()[0]
    os.sched_setaffinity(0, {CORE})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        costs = runner.run(measured(calls))
    found = Table("request", "p50 µs", "p99 µs", "whole µs", title=f"Decisions; target: p50 {TARGET:g} µs")
    for one in costs:
        found.add_row(one.subject, f"{one.decision_p50:.1f}", f"{one.decision_p99:.1f}", f"{one.whole_p50:.0f}")
    console.print(found, f"Load average before the start: {others:.1f} on {os.cpu_count()} cores.")
    file = keep("decision", {"others": others, "calls": calls, "costs": [asdict(one) for one in costs]}, results)
    console.print(f"Raw figures: {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
