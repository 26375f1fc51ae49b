"""Asks every route as nobody, and as those who may too little, on both sides."""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from router.comparison.answer import Answer
from router.declared import ANY_METHOD
from router.demands.treatment import NOBODY, Ask, Probed, judge
from router.lifespan import Lifespan
from router.parity.client import Client
from router.parity.play import Visit
from router.parity.rehearsal import Rehearsal, Rehearse
from router.row import Owner, Row, Side
from router.table import RouteTable
from router.types import ASGIApp, Headers

VALUES = ("1", "987654321")
"""What stands in for a path's parameters: a row that is there, as a rule, and one that is not."""
SAFE = frozenset({"GET", "HEAD"})
_PARAMETER = re.compile(r"\{[^}]*\}")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_BODY = b"{}"
_JSON = (b"content-type", b"application/json")


def asks(table: RouteTable, labels: Iterable[str], *, unsafe: bool) -> list[Ask]:
    """Every route that both sides have, with each value, by each label. Writes only where ``unsafe``."""
    who = (NOBODY, *labels)
    rows = [row for row in table if row.owner is Owner.BOTH and not row.unmatched]
    return [
        Ask(row.key, method, path, label)
        for label in who
        for row in rows
        for method in _methods(row, unsafe)
        for path in dict.fromkeys(_PARAMETER.sub(value, row.template) for value in VALUES)
    ]


def probe_copies(rehearse: Rehearse) -> list[Probed]:
    """Both sides on throwaway copies, one after the other, with all methods. Raises `RouterError`s."""
    with rehearse(Side.LEGACY) as copy:
        asked = asks(copy.router.table, sorted(copy.logins.keys() - {copy.prober}), unsafe=True)
        control = asyncio.run(_ask_copy(copy, asked))
    with rehearse(Side.MODERN) as copy:
        candidate = asyncio.run(_ask_copy(copy, asked))
    return judge(asked, control, candidate)


def probe_here(
    router: ASGIApp, table: RouteTable, side: Callable[[Row, Side], ASGIApp], credentials: Mapping[str, Headers]
) -> list[Probed]:
    """Both sides of a router as it is, with its data: GET and HEAD alone. ``side`` is one side's application."""
    asked = asks(table, credentials, unsafe=False)

    async def ask_both() -> list[dict[Ask, Answer]]:
        state: dict[str, Any] = {}
        lifespan = Lifespan(router, "probed")
        await lifespan.start({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state})
        try:
            return [await _ask_here(table, side, one, state, asked, credentials) for one in (Side.LEGACY, Side.MODERN)]
        finally:
            await lifespan.stop()

    return judge(asked, *asyncio.run(ask_both()))


async def _ask_here(
    table: RouteTable,
    side: Callable[[Row, Side], ASGIApp],
    one: Side,
    state: dict[str, Any],
    asked: Sequence[Ask],
    credentials: Mapping[str, Headers],
) -> dict[Ask, Answer]:
    return {
        ask: await Client(side(table[ask.key], one), state).ask(
            ask.method, ask.target, list(credentials.get(ask.label, [])), b""
        )
        for ask in asked
    }


async def _ask_copy(copy: Rehearsal, asked: Sequence[Ask]) -> dict[Ask, Answer]:
    state: dict[str, Any] = {}
    lifespan = Lifespan(copy.router, "probed")
    await lifespan.start({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state})
    try:
        visit = Visit(Client(copy.router, state), copy.logins)
        return {ask: await _as_visitor(visit, ask) for ask in asked}
    finally:
        await lifespan.stop()


async def _as_visitor(visit: Visit, ask: Ask) -> Answer:
    """A label whose login ended logs in again."""
    has_body = ask.method in _WITH_BODY
    headers: Headers = [_JSON] if has_body else []
    if ask.label != NOBODY:
        if not visit.jars.get(ask.label):
            visit.jars.pop(ask.label, None)
        headers += await visit.cookies(ask.label)
    answer = await visit.client.ask(ask.method, ask.target, headers, _BODY if has_body else b"")
    if ask.label != NOBODY:
        visit.remember(ask.label, answer)
    return answer


def _methods(row: Row, unsafe: bool) -> Iterator[str]:
    method = "GET" if row.method == ANY_METHOD else row.method
    if method in SAFE or unsafe:
        yield method
    if method == "GET":
        yield "HEAD"
