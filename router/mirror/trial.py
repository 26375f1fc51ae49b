"""One request asked again: of the candidate, and now and then of legacy, to learn what differs by itself."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from router.comparison.answer import Answer
from router.comparison.compare import compare
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.rules import LIVE, Rules
from router.mirror.apart import Apart
from router.mirror.asking import Unanswered, ask
from router.mirror.limits import MirrorLimits
from router.mirror.ticket import Ticket
from router.row import Row
from router.types import ASGIApp

Isolate = Callable[[dict[str, Any]], AbstractAsyncContextManager[dict[str, Any]]]
"""Given a copy of what the lifespan put into ``scope["state"]``, enters what a mirrored request shall find there."""

LARGE = 16 * 1024
"""Bytes of two answers from which on they are compared in a thread: the loop has visitors to serve."""


@dataclass(frozen=True)
class Trial:
    """Whom to ask, and how the answers are compared: ``rules`` by route, ``usual`` for all others."""

    candidate: Callable[[Row], ASGIApp]
    control: ASGIApp | None
    limits: MirrorLimits
    now: Callable[[], datetime]
    isolate: Isolate | None = None
    rules: Mapping[str, Rules] = field(default_factory=dict)
    usual: Rules = LIVE
    thread: Apart = field(default_factory=lambda: Apart("mirror-comparison"))

    async def candidates(self, ticket: Ticket) -> list[Mismatch]:
        """How modern's answer differs from the one that the visitor had."""
        try:
            answer = await self._ask(self.candidate(ticket.row), ticket, self.isolate)
        except TimeoutError:
            return [_exception(ticket, "timeout", "no answer in time")]
        except Unanswered:
            return [_exception(ticket, "exception", "no answer")]
        except Exception as error:  # noqa: BLE001  # the candidate's edge: that it raised is what was looked for
            return [_exception(ticket, "exception", type(error).__name__)]
        return await self._compared(ticket, answer)

    async def controls(self, ticket: Ticket) -> list[Mismatch] | None:
        """How legacy's second answer differs from its first; None where there is none, and nothing was learned."""
        if self.control is None:
            return None
        try:
            answer = await self._ask(self.control, ticket, None)
        except Exception:  # noqa: BLE001  # the control's edge: it answered the visitor, so this says nothing of it
            return None
        return await self._compared(ticket, answer) if answer.status < 500 else None

    async def _ask(self, app: ASGIApp, ticket: Ticket, isolate: Isolate | None) -> Answer:
        patience = self.limits.patience(ticket.duration)
        state = dict(ticket.scope["state"])
        if isolate is None:
            return await ask(app, ticket.request(state), ticket.body, patience, self.limits)
        async with isolate(state) as isolated:
            return await ask(app, ticket.request(isolated), ticket.body, patience, self.limits)

    async def _compared(self, ticket: Ticket, answer: Answer) -> list[Mismatch]:
        key, first = ticket.row.key, ticket.primary.answer()
        rules = self.rules.get(key, self.usual)
        at = self.now().replace(tzinfo=None)
        if len(first.body) + len(answer.body) < LARGE or first.body == answer.body:
            return compare(key, first, answer, rules, at)
        return await self.thread.call(lambda: compare(key, first, answer, rules, at))


def _exception(ticket: Ticket, field_: str, what: str) -> Mismatch:
    return Mismatch(ticket.row.key, field_, None, what, Kind.EXCEPTION)
