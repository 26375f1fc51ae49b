"""The front door: one ASGI application before two backends."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry

from migration_flags import Evidence, FlagStore
from router.boot_check import boot_check
from router.comparison.rules import Rules
from router.comparison.waiver import Waiver
from router.conclusion import Conclusion
from router.console.access import Access, Authorize
from router.console.building import build_console
from router.console.surroundings import surroundings
from router.decision import Decision, Prospect
from router.delivery import Delivery, Errand
from router.demands.comparison import compared
from router.demands.demand import Demands
from router.derive import Route, derive_table, is_readable
from router.drill.warrant import Warrant
from router.drill.warrant import sign as sign_warrant
from router.dry_run.dry_runs import DryRun, DryRuns
from router.errors import SecretMissing
from router.explanation import explanation
from router.fallback import FallbackRules
from router.identity import Identify, Identity
from router.lane import Lane
from router.lifespan import Lifespan
from router.metrics import Gauges, Metrics
from router.mirror.limits import MirrorLimits
from router.mirror.ticket import Ticket
from router.observation import Observer
from router.open_context import refuse_open_context
from router.override import sign
from router.oversight import Oversight
from router.prematched import install_door
from router.promotion.forbidden import forbidden
from router.promotion.version import code_version
from router.protocol import refuse_wsgi
from router.recording.recorder import Recorder
from router.refresher import Picture, Refresher
from router.reply import EXPLAIN, Reply
from router.request import path_of, read_request
from router.request_id import HEADER as REQUEST_ID
from router.request_state import KEY as STATE
from router.rollback.rules import RollbackRules
from router.row import Row, Side
from router.selection import Selector
from router.shadowing import build_dry_runs, build_mirror
from router.stage_metrics import StageMetrics
from router.startup import live
from router.table import RouteTable
from router.traffic_window import window_of
from router.types import ASGIApp, Receive, Scope, Send
from router.visitor_cookie import derived_key
from router.wsgi import WSGIBackend

MAX_BODY = 100 * 1024 * 1024

_LEGACY = Side.LEGACY  # looked up in its enumeration, a member costs as much as a call

Secret = str | bytes | Callable[[], str | bytes]


class Router:
    """Carries each request to the side that its route's flag names.

    ``legacy`` is a WSGI application (or a `WSGIBackend` made of one), ``modern`` an ASGI one, ``flags`` a store.
    Constructing connects to nothing; the lifespan starts both backends and the polling of flags, and stops them.

    ``identify(scope)`` says who a request belongs to: a text such as ``user:5``, a `Visitor`, or None. It does no I/O,
    is asked only where a side depends on it, and is believed for a minute. ``secret`` (or what returns it, asked at the
    start) signs the router's own cookie and overrides; without one there are none, and who has no name stays with
    legacy. ``authorize(scope, action)`` may be async; without it every action is refused. Actions are ``console`` (to
    look at it), ``move`` (to change what it shows), ``explain`` and ``override``; a text in place of True is the name
    that a change is signed with. ``login`` is the address where the console sends a browser that nobody knows.

    ``mirror`` are the limits of asking modern what legacy answered (None: never); routes in ``unmirrored`` change
    something when they are read. ``comparison`` says by route what may differ, ``waivers`` what does and may.
    ``dry_run`` names the routes whose writes modern is asked first, to be taken back, while they are at shadow.
    ``demands`` tells what each side asks of its visitors: a route for which modern asks less is not promoted.
    ``rollback`` are the rules by which a route is taken back; None: by nobody. ``unattended`` promotes routes by itself
    as far as their evidence goes; ``version`` names the code that the evidence is about.

    ``fallback`` are the limits within which legacy answers for a modern side that failed before it spoke; None: never.
    ``replayable`` are keys of routes that may fall back though they write. ``observers`` are told of every finished
    request. ``recorder`` keeps a redacted sample of them as a corpus. ``registry`` gets the router's collectors.
    ``max_body`` is in bytes, times are in seconds. ``acknowledged`` are keys of `findings` that would refuse the boot
    and were dealt with. ``isolate`` gives a mirrored request other resources than a visitor's.
    Raises a `BootError` for a pair that can't be served.
    """

    def __init__(
        self,
        legacy: Any,
        modern: Any,
        flags: FlagStore,
        *,
        routes: RouteTable | Iterable[Route] | None = None,
        identify: Identify | None = None,
        authorize: Authorize | None = None,
        login: str | None = None,
        isolate: Any = None,
        secret: Secret | None = None,
        mirror: MirrorLimits | None = MirrorLimits(),  # noqa: B008  # frozen
        unmirrored: Iterable[str] = (),
        comparison: Mapping[str, Rules] | None = None,
        waivers: Iterable[Waiver] = (),
        rollback: RollbackRules | None = RollbackRules(),  # noqa: B008  # frozen
        fallback: FallbackRules | None = FallbackRules(),  # noqa: B008  # frozen
        replayable: Iterable[str] = (),
        dry_run: DryRun | None = None,
        demands: Demands | None = None,
        unattended: bool = False,
        version: str = "",
        observers: Iterable[Observer] = (),
        recorder: Recorder | None = None,
        registry: CollectorRegistry | None = None,
        threads: int = 10,
        queue: int = 100,
        queue_deadline: float = 5.0,
        acknowledged: Iterable[str] = (),
        max_body: int = MAX_BODY,
        poll_interval: float = 0.25,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        refuse_open_context()
        refuse_wsgi(modern)
        backend = legacy if isinstance(legacy, WSGIBackend) else None
        self.legacy = backend or WSGIBackend(legacy, threads=threads, queue=queue, deadline=queue_deadline)
        self.modern: ASGIApp = modern
        self.flags = flags
        self.isolate = isolate
        self.rollback = rollback
        self.findings = boot_check(self.legacy.app, modern, acknowledged)
        self.table = derive_table(self.legacy.app, modern, routes)
        self._own = self.table.own
        self.demands = compared(self.table, demands)
        self._secret = secret
        self.identify = identify
        self._selector = Selector(Identity(identify), self._may)
        self._delivery = Delivery(self.legacy, modern, self.table, fallback, replayable, max_body, clock)
        self._refresher = Refresher(flags, self.table, poll_interval, pulse=self._pulse)
        self._oversight = Oversight(
            flags,
            self.table,
            self._refresher,
            rollback,
            unattended=unattended,
            version=version,
            forbidding=self.forbidden,
            window=window_of(lambda: self.metrics, self._delivery, self.table, lambda: self._refresher.picture, clock),
        )
        waivers = tuple(waivers)
        self.mirror = build_mirror(
            mirror,
            self.legacy,
            self._delivery,
            self.table,
            self._oversight,
            unmirrored=unmirrored,
            rules=comparison,
            waivers=waivers,
            isolate=isolate,
        )
        self.dry_runs = build_dry_runs(dry_run, self._delivery, self.table, self._oversight, waivers)
        self._access = Access(authorize, identify)
        self.console = build_console(
            self._access,
            login,
            surroundings(
                self.table,
                self._refresher,
                self._oversight,
                self.demands,
                waivers,
                self.forbidden,
                unattended=unattended,
            ),
        )
        self._clock = clock
        self._opening = threading.Lock()
        if is_readable(modern):
            install_door(modern)
        gauges = Gauges(lambda: self.epoch, lambda: self.trouble is None, self._thread_states)
        self.stages = StageMetrics(
            lambda: self._refresher.picture, self.legacy, self._selector, self._delivery, self._oversight
        )
        self.recorder = recorder
        self._serving: ASGIApp = self._serve if recorder is None else recorder.around(self.table, self._serve)
        some = (self.mirror, self.dry_runs, recorder)
        parts = [self.stages.collect, *(part.collect for part in some if part is not None)]
        self.metrics = Metrics(gauges, parts)
        self._conclude = Conclusion(
            self.metrics, tuple(observers), self._oversight, self.mirror, self._selector.identity, clock
        )
        self._lane = Lane(self._delivery, self._selector, self._conclude)
        self.legacy.waited = self._waited
        if registry is not None:
            registry.register(self.metrics)

    @property
    def epoch(self) -> int:
        """The epoch of the flags in use."""
        return self._refresher.picture.snapshot.epoch

    @property
    def trouble(self) -> str | None:
        """Why the flags can't be renewed, in a sentence; None while they can."""
        return self._refresher.trouble

    def decision(self, key: str) -> Decision:
        """The present decision for a route, and a visitor of whom nothing is known. Raises `UnknownRoute`."""
        return self._refresher.picture.prospects[self.table[key]].decision

    @property
    def version(self) -> str:
        """What evidence about the present code is known by."""
        return self._oversight.version

    def version_of(self, code: str | None) -> str:
        """What evidence about ``code`` is known by, such as a commit; None is the code that runs."""
        return self.version if code is None else code_version(self.table, code)

    def side(self, row: Row, side: Side) -> ASGIApp:
        """One side alone, entered at a row: for whoever compares the two. HEAD may get a body."""
        return self.legacy if side is _LEGACY else self._delivery.candidate(row)

    def forbidden(self, key: str, pieces: Sequence[Evidence]) -> tuple[str, ...]:
        """Why a route may not be promoted, whatever else its evidence says; empty: nothing forbids it."""
        return forbidden(self.demands.get(key), pieces, self.version, datetime.now(UTC).date())

    def sign_override(self, side: Side, until: int, by: str) -> str:
        """What X-Strangler-Side takes, until then (seconds since 1970).

        Raises `SecretMissing`, or ValueError for a name that no header can carry.
        """
        return sign(derived_key(self._known_secret(), b"override"), side, until, by)

    def sign_drill(self, warrant: Warrant) -> str:
        """What X-Strangler-Drill takes. Raises `SecretMissing`."""
        return sign_warrant(derived_key(self._known_secret(), b"drill"), warrant)

    def refresh(self) -> None:
        """Reads the flags now, instead of at the next poll. Blocks."""
        self._refresher.refresh()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serving(scope, receive, send)
        elif scope["type"] == "lifespan":
            await live(receive, send, partial(self._start, scope))
        else:
            await self.modern(scope, receive, send)

    def _serve(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """One request, from the first look to the last byte."""
        started = self._clock()
        scope.setdefault(STATE, {})
        if not self._refresher.running:
            return self._serve_late(scope, receive, send)
        path = path_of(scope) if scope.get("root_path") else scope["path"]
        picture = self._refresher.picture
        prospect = picture.prospects[self.table.match(scope["method"], path)]
        if self._lane.takes(scope, prospect):
            return self._lane.carry(scope, receive, send, path, prospect, started)
        return self._decide(scope, receive, send, path, picture, prospect, started)

    async def _serve_late(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The server runs no lifespan, and nothing is open yet."""
        await asyncio.to_thread(self._open)
        await self._serve(scope, receive, send)

    async def _decide(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        path: str,
        picture: Picture,
        prospect: Prospect,
        started: float,
    ) -> None:
        """The way of a request that may want something of the router, or whose visitor matters."""
        row = prospect.row
        request = read_request(scope)
        selection = prospect.selection
        if self._selector.matters(prospect, request):
            selection = await self._selector.select(scope, prospect, request)
        verdict = self.table.verdict(scope["method"], path) if row is self.table.unmatched else None
        side = selection.decision.side
        if verdict is not None and verdict.side is not None:
            side = verdict.side
        is_legacy = side is _LEGACY
        headers = [(REQUEST_ID, request.request_id)]
        if selection.introduction is not None:
            headers.append(selection.introduction)
        if request.explain and await self._may(scope, "explain"):
            headers.append((EXPLAIN, explanation(row, selection.decision, picture.snapshot)))
        errand = Errand(scope, receive, path, prospect, request, verdict, started)
        if is_legacy and prospect.plan.mirror:
            errand.ticket = self._ticket(errand)
        reply = self._delivery.reply(send, side, headers, selection.private, errand)
        try:
            runs = self.dry_runs if is_legacy else None
            if row is self._own:
                await self.console.reply(errand, reply)
            elif runs is not None and runs.wants(row, scope["method"], prospect.plan):
                await self._after_a_dry_run(runs, reply, errand)
            else:
                await self._delivery.answer(reply, errand)
        finally:
            self._conclude(errand, selection, reply)

    async def _after_a_dry_run(self, runs: DryRuns, reply: Reply, errand: Errand) -> None:
        """Modern is asked, and taken back; then legacy answers."""
        scope: Scope = {**errand.scope, "headers": errand.request.headers}
        attempt, errand.receive = await runs.before(errand.prospect.row, scope, errand.receive)
        if attempt is None:
            await self._delivery.answer(reply, errand)
            return
        errand.ticket = attempt.ticket
        try:
            with runs.recorded(attempt):
                await self._delivery.answer(reply, errand)
        finally:
            errand.ticket = None  # it is not the mirror's
            runs.offer(attempt)

    def _ticket(self, errand: Errand) -> Ticket | None:
        """Where this request shall be asked again."""
        if self.mirror is None:
            return None
        prospect, scope = errand.prospect, {**errand.scope, "headers": errand.request.headers}
        wanted = self.mirror.wants(prospect.row, scope, prospect.plan)
        return wanted if isinstance(wanted, Ticket) else None

    def _known_secret(self) -> str | bytes:
        """Raises `SecretMissing`."""
        if self._secret is None:
            raise SecretMissing
        return self._secret() if callable(self._secret) else self._secret

    def _waited(self, seconds: float) -> None:
        self.metrics.queue_wait.observe(seconds)
        if self.mirror is not None:
            self.mirror.waited(seconds)

    def _pulse(self) -> None:
        self._oversight.pulse()
        self._delivery.telemetry.look()

    def _open(self) -> None:
        """Everything that serving needs on this side of the backends. Blocks."""
        refuse_open_context()
        with self._opening:
            if self._secret is not None:
                secret = self._known_secret()
                self._selector.trust(secret)
                self._delivery.warrants.trust(derived_key(secret, b"drill"))
            self._refresher.start()
            self._oversight.start()
            self.console.start()

    def _close(self) -> None:
        self.console.stop()
        self._oversight.stop()
        self._refresher.stop()

    async def _may(self, scope: Scope, action: str) -> bool:
        return (await self._access.ask(scope, action)).allowed

    async def _start(self, scope: Scope, stack: AsyncExitStack) -> None:
        stack.push_async_callback(asyncio.to_thread, self._close)
        await asyncio.to_thread(self._open)
        for name, app in (("legacy", self.legacy), ("modern", self.modern)):
            backend = Lifespan(app, name)
            stack.push_async_callback(backend.stop)
            await backend.start(dict(scope))
        if self.mirror is not None:
            stack.push_async_callback(self.mirror.stop)
            await self.mirror.start()
        if self.dry_runs is not None:
            stack.push_async_callback(self.dry_runs.stop)
            await self.dry_runs.start()
        if self.recorder is not None:
            stack.push_async_callback(self.recorder.stop)
            await self.recorder.start()

    def _thread_states(self) -> dict[str, int]:
        zombies = self.legacy.zombies
        return {"busy": self.legacy.busy - zombies, "idle": self.legacy.idle, "zombie": zombies}
