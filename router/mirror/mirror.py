"""The mirror: what legacy answered a visitor is asked of modern afterwards, and both are compared.

It runs on the event loop, in tasks of its own with contexts of their own, within `MirrorLimits`. Nothing here may
raise into, or wait within, a visitor's request.
"""

import asyncio
import contextvars
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from prometheus_client.core import Metric

from migration_flags import Plan
from router.comparison.field_waiver import FieldWaiver
from router.comparison.redaction import Redactor
from router.comparison.rules import LIVE, Rules
from router.comparison.waiver import Waiver
from router.lifespan import Lifespan
from router.mirror.apart import Apart
from router.mirror.backlog import Backlog
from router.mirror.evidence import Keep
from router.mirror.ledgers import Ledgers
from router.mirror.limits import MirrorLimits
from router.mirror.metrics import families
from router.mirror.rate import Rate
from router.mirror.shape import shape_of
from router.mirror.skip import Skip
from router.mirror.strain import CALM, Strain, felt
from router.mirror.ticket import Ticket
from router.mirror.trial import Isolate, Trial
from router.row import Owner, Row
from router.types import ASGIApp, Scope

WHOLE = 100_000
"""A plan's share of everything."""
LOOK = 0.1
"""Seconds between two looks at the event loop."""
CANCEL_WITHIN = 0.5
CONTROL_WITHIN = 0.7

_chance = random.Random()  # noqa: S311  # samples, guards nothing

logger = logging.getLogger(__name__)


class Mirror:
    """Lives on one event loop; `summary` and `collect` may be called from any thread.

    ``control`` is asked a second time for some requests, to learn what differs by itself: legacy, with threads of its
    own (`control_of`); None: never. ``candidate`` gives the application to ask for a row. ``rules`` are by route;
    ``usual`` are for all others. Routes in ``unmirrored`` change something when they are read. ``isolate`` gives a
    mirrored request other resources than a visitor's. ``keep`` stores evidence, by the name ``source``; it may block
    and raise. ``version`` names the code that is compared. ``accepted`` gives the waivers of a route that were made
    meanwhile.
    """

    def __init__(
        self,
        control: ASGIApp | None,
        candidate: Callable[[Row], ASGIApp],
        limits: MirrorLimits | None = None,
        *,
        rules: Mapping[str, Rules] | None = None,
        usual: Rules = LIVE,
        waivers: Sequence[Waiver] = (),
        redactor: Redactor | None = None,
        unmirrored: Collection[str] = (),
        isolate: Isolate | None = None,
        keep: Keep | None = None,
        source: str = "",
        version: str = "",
        accepted: Callable[[str], Sequence[FieldWaiver]] = lambda _key: (),
        clock: Callable[[], float] = time.perf_counter,
        chance: Callable[[], float] = _chance.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = limits or MirrorLimits()
        self.running = False
        self._trial = Trial(candidate, control, self.limits, now, isolate, dict(rules or {}), usual)
        self._unmirrored = frozenset(unmirrored)
        self._clock = clock
        self._chance = chance
        self._now = now
        self._redactor = redactor or Redactor()
        self._storing = Apart("mirror-evidence")
        self._ledgers = Ledgers(waivers, self._redactor, self._storing, keep, source, version, now, accepted)
        self._rate = Rate(self.limits.rate)
        self._recorded: WeakSet[Ticket] = WeakSet()
        self._backlog = Backlog(self.limits, self._mirror)
        self._strain: Strain = CALM
        self._longest_wait = 0.0
        self._own: list[asyncio.Task[None]] = []
        self._echo: Lifespan | None = None

    @property
    def off(self) -> str:
        """Why the mirror is off, in a few words; empty while it is on."""
        return self._strain.reason

    # What a visitor's request calls.

    def wants(self, row: Row, scope: Scope, plan: Plan) -> Skip | Ticket:
        """Whether this request shall be mirrored. Asked before it is served by legacy."""
        if not plan.mirror or row.owner is not Owner.BOTH or row.unmatched:
            return Skip.OFF
        self._ledgers.epoch = plan.default.epoch
        ledger = self._ledgers[row.key]
        shape = shape_of(row, scope)
        ledger.came(shape)
        why = self._objection(row, scope, plan)
        if why is not None:
            ledger.skip(why)
            return why
        ticket = Ticket(row, scope, shape, self._clock(), self.limits)
        self._recorded.add(ticket)
        return ticket

    def offer(self, ticket: Ticket) -> None:
        """The primary is done with this request, one way or the other. Never blocks, never raises."""
        try:
            ticket.duration = self._clock() - ticket.started
            why = self._refusal(ticket)
            if why is None:
                self._backlog.add(ticket)
            else:
                self._ledgers[ticket.row.key].skip(why)
        except Exception:  # the visitor's edge: the answer is out, and whole
            self._ledgers[ticket.row.key].skip(Skip.BROKEN)
            logger.exception("A request could not be mirrored.")

    def waited(self, seconds: float) -> None:
        """Told how long a request waited for a legacy thread."""
        self._longest_wait = max(self._longest_wait, seconds)

    def _objection(self, row: Row, scope: Scope, plan: Plan) -> Skip | None:
        if scope["method"] not in {"GET", "HEAD"}:
            return Skip.METHOD
        if row.key in self._unmirrored:
            return Skip.UNMIRRORED
        if plan.mirror < WHOLE and self._chance() * WHOLE >= plan.mirror:
            return Skip.SAMPLE
        if not self.running:
            return Skip.STOPPED
        if self._strain.reason:
            return Skip.STRAIN
        if len(self._recorded) >= self.limits.answers:
            return Skip.QUEUE
        return None if self._rate.take(self._clock()) else Skip.RATE

    def _refusal(self, ticket: Ticket) -> Skip | None:
        primary = ticket.primary
        if not self.running:
            return Skip.STOPPED
        if primary.status >= 500:
            return Skip.PRIMARY_FAILED
        if primary.beyond:
            return Skip.ANSWER
        if not primary.whole:
            return Skip.CLIENT_LEFT
        return Skip.REQUEST_BODY if not ticket.has_request else self._backlog.objection(ticket)

    # What happens afterwards.

    async def _mirror(self, ticket: Ticket) -> None:
        ledger = self._ledgers[ticket.row.key]
        try:
            found = await self._trial.candidates(ticket)
            if self._chance() < self.limits.noise:
                noise = await self._trial.controls(ticket)
                if noise is not None:
                    ledger.probe(noise)
            ledger.compare(found, self._now(), self._redactor.target(ticket.path, ticket.query))
            ledger.covered(ticket.shape)
        except Exception:  # the task's edge: nobody waits for it
            ledger.skip(Skip.BROKEN)
            logger.exception("A mirrored request of %s could not be compared.", ticket.row.key)

    def feel(self, lag: float, now: float) -> None:
        """One look at how this worker does: how late the loop was, in seconds."""
        wait, self._longest_wait = self._longest_wait, 0.0
        before, self._strain = self._strain, felt(self._strain, lag, wait, now, self.limits.strain)
        if bool(before.reason) != bool(self._strain.reason):
            logger.warning("The mirror is %s.", f"off: {self.off}" if self.off else "on again")

    async def flush(self) -> None:
        """Stores what was found since the last time. A store that can't be reached is asked again the next time."""
        await self._ledgers.store()

    # What the router calls.

    def summary(self, key: str) -> dict[str, Any]:
        """What this worker found on a route since it started, as JSON: `Summary.from_json` reads it."""
        return self._ledgers.summary(key)

    def collect(self) -> Iterable[Metric]:
        """Families for Prometheus."""
        return families(self._ledgers.copy(), self._now().date())

    async def start(self) -> None:
        """Raises `BackendFailed` where the control can't be started."""
        if self._trial.control is not None:
            self._echo = Lifespan(self._trial.control, "mirrored control")
            await self._echo.start({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}})
        loop = asyncio.get_running_loop()
        jobs = (self._watch(), self._ledgers.store_often(self.limits.flush))
        self._own = [loop.create_task(job, context=contextvars.Context()) for job in jobs]
        self.running = True

    async def stop(self) -> None:
        """Ends within two seconds: what waits is dropped, what runs is cancelled, what was found is stored."""
        self.running = False
        for task in self._own:
            task.cancel()
        for ticket in await self._backlog.stop(CANCEL_WITHIN):
            self._ledgers[ticket.row.key].skip(Skip.STOPPED)
        await self._ledgers.store_last()
        if self._echo is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._echo.stop(), CONTROL_WITHIN)
        self._own, self._echo = [], None
        for thread in (self._trial.thread, self._storing):
            thread.stop(0.05)  # an idle one ends at once; a store that hangs keeps its thread, a daemon

    async def _watch(self) -> None:
        while True:
            before = self._clock()
            await asyncio.sleep(LOOK)
            now = self._clock()
            self.feel(now - before - LOOK, now)
