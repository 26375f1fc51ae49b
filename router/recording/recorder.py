"""Listens to the front door, and keeps some of what is asked there."""

import asyncio
import contextvars
import logging
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, Metric

from router.mirror.apart import Apart
from router.mirror.rate import Rate
from router.mirror.shape import shape_of
from router.mirror.ticket import has_body
from router.recording.corpus_file import CorpusFile
from router.recording.hearing import Hearing
from router.recording.line import Line, Request, Unrecorded, line_of
from router.recording.mask import Mask
from router.recording.roles import WITHIN, Roles, Who, somebody
from router.recording.rules import RecordingRules
from router.recording.skip import Skip
from router.recording.writer import Writer
from router.request import path_of
from router.row import Owner, Row
from router.table import RouteTable
from router.types import ASGIApp, Message, Receive, Scope, Send

RECORDED = "recorded"
_AT_ONCE = 16
"""Requests that are known with their secrets. Their lines wait without."""
STOP_WITHIN = 2.0
_OUTLINES = 10_000
"""Kinds of requests of which is known, before any work, that there are enough."""
_READS = frozenset({"GET", "HEAD"})

_chance = random.Random()  # noqa: S311  # samples, guards nothing

logger = logging.getLogger(__name__)


class Recorder:
    """Nothing of a request leaves this object before its secrets are out of it. One event loop's, and one worker's.

    ``who`` names the role that asks; what it says is believed for a minute. Constructing opens nothing. A file that
    can't be written is logged, said in `off`, and never felt by a visitor. ``counts`` tells what became of the requests
    that were chosen.
    """

    def __init__(
        self,
        file: Path,
        rules: RecordingRules | None = None,
        *,
        who: Who = somebody,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _chance.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        name: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self.rules = rules or RecordingRules()
        self.counts: Counter[str] = Counter()
        self._roles = Roles(who, clock)
        self._clock = clock
        self._chance = chance
        self._now = now
        self._name = name
        self._mask = Mask(self.rules)
        self._rate = Rate(self.rules.rate)
        self._forms: Counter[str] = Counter()
        self._enough: set[tuple[object, ...]] = set()
        self._counting = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        # A body of a few kilobytes takes longer to look through than other visitors may wait.
        self._apart = Apart("recorder-mask")
        self._writer = Writer(CorpusFile(file, self.rules.size, self.rules.alike), self.rules.queue, self._told)

    @property
    def off(self) -> str:
        """Why nothing is recorded, in a sentence; empty while it is."""
        return self._writer.off

    async def start(self) -> None:
        """Begins to record. Whether the file can be written, its thread finds out."""
        self._writer.start()

    async def stop(self) -> None:
        """Waits until what was heard is written, five seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=WITHIN)
        await asyncio.to_thread(self._apart.stop, STOP_WITHIN)
        await asyncio.to_thread(self._writer.stop, STOP_WITHIN)

    def around(self, table: RouteTable, serve: ASGIApp) -> ASGIApp:
        """``serve``, listened to; where it has a lifespan, the recorder starts and stops with it.

        Raises `UnknownRoute` where the rules name a route that is none.
        """
        for key in (*(self.rules.routes or ()), *self.rules.writes):
            table[key]

        async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
            row = self._chosen(table, scope) if scope["type"] == "http" else None
            if row is None:
                await serve(scope, receive, self._living(send) if scope["type"] == "lifespan" else send)
                return
            hearing = Hearing(scope, self.rules.body)
            heard = hearing.receive_of(receive) if has_body(scope) else receive
            try:
                await serve(scope, heard, hearing.send_of(send))
            finally:
                self._heard(table, row, hearing)

        return recorded

    def _living(self, send: Send) -> Send:
        async def living(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self.start()
            elif message["type"].startswith("lifespan.shutdown."):
                await self.stop()
            await send(message)

        return living

    def collect(self) -> Iterable[Metric]:
        """Families for Prometheus."""
        family = CounterMetricFamily(
            "strangler_recorded", "Requests chosen for the corpus, by what became of them.", labels=["result"]
        )
        for result, count in self.counts.copy().items():
            family.add_metric([result], count)
        yield family

    def _chosen(self, table: RouteTable, scope: Scope) -> Row | None:
        if self._writer.off or (self.rules.share < 1.0 and self._chance() >= self.rules.share):
            return None
        row = table.match(scope["method"], path_of(scope))
        if row.unmatched or row.owner is not Owner.BOTH:
            return None
        if scope["method"] not in _READS and row.key not in self.rules.writes:
            return None
        return row if self.rules.routes is None or row.key in self.rules.routes else None

    def _heard(self, table: RouteTable, row: Row, hearing: Hearing) -> None:
        """In a task of its own: the visitor's connection may have another request already."""
        if not hearing.whole:
            self._count(Skip.CLIENT_LEFT)
        elif len(self._tasks) >= _AT_ONCE:
            self._count(Skip.QUEUE)
        else:
            work = self._conclude(table, row, hearing, self._now())
            task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _conclude(self, table: RouteTable, row: Row, hearing: Hearing, at: datetime) -> None:
        try:
            await self._keep(table, row, hearing, at)
        except Unrecorded as error:
            self._count(error.why)
        except Exception as error:  # noqa: BLE001  # the task's edge: nobody waits for it
            self._count(Skip.BROKEN)
            # Neither text nor traceback: they might quote the request.
            logger.error("A request of %s could not be recorded: %s.", row.key, type(error).__name__)

    async def _keep(self, table: RouteTable, row: Row, hearing: Hearing, at: datetime) -> None:
        role = await self._roles.role(hearing.scope)
        outline = (row.key, hearing.scope["method"], role, hearing.status, shape_of(row, hearing.scope))
        if outline in self._enough:
            raise Unrecorded(Skip.ALIKE)
        body = hearing.body if has_body(hearing.scope) else b""
        if body is None:
            raise Unrecorded(Skip.BODY)
        if not self._rate.take(self._clock()):
            raise Unrecorded(Skip.RATE)
        request = Request(row, hearing.scope, body, hearing.status, role)
        line = await self._apart.call(partial(line_of, request, table, self._mask, self.rules, self._name(), at))
        if self._forms[line.form] >= self.rules.alike:
            if not body and len(self._enough) < _OUTLINES:
                self._enough.add(outline)
            raise Unrecorded(Skip.ALIKE)
        if not self._writer.offer(line):
            raise Unrecorded(Skip.QUEUE)

    def _told(self, why: Skip | None, line: Line) -> None:
        """By the writer's thread, the only one that changes the forms."""
        self._count(RECORDED if why is None else why)
        if why is None:
            self._forms[line.form] += 1
        elif why is Skip.ALIKE:
            self._forms[line.form] = self.rules.alike

    def _count(self, result: str) -> None:
        with self._counting:
            self.counts[result] += 1
