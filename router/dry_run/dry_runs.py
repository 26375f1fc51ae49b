"""Dry runs of writes: modern is asked first and keeps nothing; then answers and writes of both are compared."""

import asyncio
import contextvars
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import Metric

from migration_flags import Plan, Stage
from router.comparison.field_waiver import FieldWaiver
from router.comparison.mismatch import Mismatch
from router.comparison.redaction import Redactor
from router.comparison.rules import Rules
from router.comparison.waiver import Waiver
from router.dry_run.attempt import Attempt
from router.dry_run.body import BodyAhead
from router.dry_run.isolate import Isolate, NotIsolated, Recorder
from router.dry_run.limits import DryRunLimits
from router.dry_run.metrics import families
from router.dry_run.outcome import USUAL, Outcome, differences, failed
from router.dry_run.skip import Skip
from router.mirror.apart import Apart
from router.mirror.asking import Unanswered, ask
from router.mirror.evidence import Keep
from router.mirror.ledgers import Ledgers
from router.mirror.limits import MirrorLimits
from router.mirror.shape import shape_of
from router.mirror.ticket import Ticket
from router.row import Owner, Row
from router.types import ASGIApp, Receive, Scope

METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SOURCE = "dry-run"
"""The end of the name that evidence of dry runs is kept under."""

_chance = random.Random()  # noqa: S311  # samples, guards nothing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DryRun:
    """Which routes are tried, and how. ``routes`` are keys; their modern handlers write to the database alone.

    ``rules`` are by route, `USUAL` for the others.
    """

    routes: frozenset[str]
    isolate: Isolate
    recorder: Recorder
    limits: DryRunLimits = field(default_factory=DryRunLimits)
    rules: Mapping[str, Rules] = field(default_factory=dict)


class DryRuns:
    """Lives on one event loop; `summary` and `collect` may be called from any thread.

    ``candidate`` gives the application to ask for a row. ``keep`` stores evidence by the name ``source``; it may block.
    """

    def __init__(
        self,
        chosen: DryRun,
        candidate: Callable[[Row], ASGIApp],
        *,
        waivers: Sequence[Waiver] = (),
        keep: Keep | None = None,
        source: str = "",
        version: str = "",
        accepted: Callable[[str], Sequence[FieldWaiver]] = lambda _key: (),
        clock: Callable[[], float] = time.perf_counter,
        chance: Callable[[], float] = _chance.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limits = chosen.limits
        self.running = False
        self._chosen = chosen
        self._candidate = candidate
        self._clock = clock
        self._chance = chance
        self._now = now
        self._inside = 0
        self._redactor = Redactor()
        self._recorded = MirrorLimits(
            request_bytes=chosen.limits.request_bytes, response_bytes=chosen.limits.response_bytes
        )
        self._thread = Apart("dry-run")
        self._ledgers = Ledgers(
            waivers, self._redactor, self._thread, keep, f"{source}:{SOURCE}", version, now, accepted
        )
        self._tasks: set[asyncio.Task[None]] = set()

    # What a visitor's request calls.

    def wants(self, row: Row, method: str, plan: Plan) -> bool:
        """Whether modern shall be asked first. Only for requests that legacy will serve."""
        if row.key not in self._chosen.routes or method not in METHODS or row.owner is not Owner.BOTH:
            return False
        if plan.default.stage is not Stage.SHADOW or self._chance() >= self.limits.share:
            return False
        self._ledgers.epoch = plan.default.epoch
        if self.running and self._inside < self.limits.concurrency:
            return True
        self._ledgers[row.key].skip(Skip.BUSY if self.running else Skip.STOPPED)
        return False

    async def before(self, row: Row, scope: Scope, receive: Receive) -> tuple[Attempt | None, Receive]:
        """Asks modern, takes everything back, and returns what legacy shall receive from. Raises nothing of its own."""
        self._inside += 1
        try:
            ahead = BodyAhead(receive)
            await ahead.read(self.limits.request_bytes, self.limits.deadline)
            if ahead.body is None:
                self._ledgers[row.key].skip(Skip.REQUEST_BODY)
                return None, ahead.receive
            return await self._attempt(row, scope, ahead.body), ahead.receive
        finally:
            self._inside -= 1

    @contextmanager
    def recorded(self, attempt: Attempt | None) -> Iterator[None]:
        """Watches what legacy writes meanwhile."""
        if attempt is None:
            yield
            return
        with self._chosen.recorder() as attempt.recording:
            yield

    def offer(self, attempt: Attempt) -> None:
        """Legacy is done with this request, one way or the other. Never blocks, never raises."""
        ledger, primary = self._ledgers[attempt.ticket.row.key], attempt.ticket.primary
        if primary.status >= 500:
            ledger.skip(Skip.PRIMARY_FAILED)
        elif primary.beyond:
            ledger.skip(Skip.ANSWER)
        elif not primary.whole or attempt.recording is None:
            ledger.skip(Skip.CLIENT_LEFT)
        elif self.running:
            self._spawn(self._compare(attempt))

    async def _attempt(self, row: Row, scope: Scope, body: bytes) -> Attempt | None:
        ledger = self._ledgers[row.key]
        shape = shape_of(row, scope)
        ledger.came(shape)
        ticket = Ticket(row, scope, shape, self._clock(), self._recorded)
        ticket.body = body
        try:
            return Attempt(ticket, await self._try(ticket))
        except NotIsolated as error:
            ledger.skip(Skip.NOT_ISOLATED)
            logger.info("No dry run of %s: %s", row.key, error)
        except Exception:  # the visitor's edge: legacy answers, whatever became of the surroundings
            ledger.skip(Skip.BROKEN)
            logger.exception("A dry run of %s failed.", row.key)
        return None

    async def _try(self, ticket: Ticket) -> Outcome | Mismatch:
        copy = ticket.request(dict(ticket.scope["state"]))
        until = self._clock() + self.limits.deadline
        async with self._chosen.isolate(copy) as isolated:
            app, left = self._candidate(ticket.row), max(0.0, until - self._clock())
            key = ticket.row.key
            try:
                answer = await ask(app, ticket.request(isolated.state), ticket.body, left, self._recorded)
                return Outcome(answer, await isolated.writes())
            except TimeoutError:
                return failed(key, "timeout")
            except Unanswered:
                return failed(key, "no answer")
            except Exception as error:  # noqa: BLE001  # the candidate's edge: that it raised is what was looked for
                return failed(key, type(error).__name__)

    # What happens afterwards.

    async def _compare(self, attempt: Attempt) -> None:
        ticket = attempt.ticket
        ledger = self._ledgers[ticket.row.key]
        try:
            found = await self._thread.call(lambda: self._found(attempt))
            ledger.compare(found, self._now(), self._redactor.target(ticket.path, ticket.query))
            ledger.covered(ticket.shape)
        except Exception:  # the task's edge: nobody waits for it
            ledger.skip(Skip.BROKEN)
            logger.exception("A dry run of %s could not be compared.", ticket.row.key)

    def _found(self, attempt: Attempt) -> list[Mismatch]:
        if isinstance(attempt.candidate, Mismatch) or attempt.recording is None:
            return [attempt.candidate] if isinstance(attempt.candidate, Mismatch) else []
        key = attempt.ticket.row.key
        control = Outcome(attempt.ticket.primary.answer(), attempt.recording.writes())
        rules = self._chosen.rules.get(key, USUAL)
        return differences(key, control, attempt.candidate, rules, self._now().replace(tzinfo=None))

    async def flush(self) -> None:
        """Stores what was found since the last time."""
        await self._ledgers.store()

    # What the router calls.

    def summary(self, key: str) -> dict[str, Any]:
        """What this worker found on a route since it started, as JSON: `Summary.from_json` reads it."""
        return self._ledgers.summary(key)

    def collect(self) -> Iterable[Metric]:
        """Families for Prometheus."""
        return families(self._ledgers.copy())

    async def start(self) -> None:
        self.running = True
        self._spawn(self._ledgers.store_often(self.limits.flush))

    async def stop(self) -> None:
        """Ends within a second: what was found is stored."""
        self.running = False
        for task in self._tasks.copy():
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ledgers.store_last()
        self._thread.stop(0.05)

    def _spawn(self, job: Any) -> None:
        task = asyncio.get_running_loop().create_task(job, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
