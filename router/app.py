"""The front door: one ASGI application before two backends."""

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

from prometheus_client import CollectorRegistry

from migration_flags import FlagError, FlagStore
from router.amendment import Amendment
from router.body_limit import BodyLimit
from router.boot_check import boot_check
from router.decision import Decision
from router.derive import Route, derive_table, is_readable
from router.entrance import entrance_of, refusing
from router.errors import BackendFailed, BootError, BridgeRefused, ClientLeft
from router.lifespan import Lifespan
from router.metrics import Gauges, Metrics
from router.observation import CLIENT_LEFT, Observation, Observer
from router.open_context import refuse_open_context
from router.prematched import install_door
from router.problem import problem
from router.protocol import refuse_wsgi
from router.refresher import Refresher
from router.reply import EXPLAIN, Reply
from router.request import read_request
from router.request_id import HEADER as REQUEST_ID
from router.request_state import request_state
from router.row import Row, Side
from router.table import RouteTable
from router.types import ASGIApp, Receive, Scope, Send
from router.verdict import Verdict
from router.wsgi import WSGIBackend

MAX_BODY = 100 * 1024 * 1024

Authorize = Callable[[Scope, str], bool | Awaitable[bool]]

logger = logging.getLogger(__name__)


class Router:
    """Carries each request to the side that its route's flag names.

    ``legacy`` is a WSGI application (or a `WSGIBackend` made of one), ``modern`` an ASGI one, ``flags`` a store.
    Constructing connects to nothing; the lifespan starts both backends and the polling of flags, and stops them.

    ``authorize(scope, action)`` may be async; without it every action is refused. ``observers`` are told of every
    finished request. ``registry`` gets the router's collectors. ``max_body`` is in bytes, times are in seconds.
    ``acknowledged`` are keys of `findings` that would refuse the boot and were dealt with. ``identify`` and
    ``isolate`` belong to stages that are not served yet. Raises a `BootError` for a pair that can't be served.
    """

    def __init__(
        self,
        legacy: Any,
        modern: Any,
        flags: FlagStore,
        *,
        routes: RouteTable | Iterable[Route] | None = None,
        identify: Callable[[Scope], str | None] | None = None,
        authorize: Authorize | None = None,
        isolate: Any = None,
        observers: Iterable[Observer] = (),
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
        self.identify = identify
        self.isolate = isolate
        self.findings = boot_check(self.legacy.app, modern, acknowledged)
        self.table = derive_table(self.legacy.app, modern, routes)
        self._entrances = {row: entrance_of(row) for row in self.table}
        self._refresher = Refresher(flags, self.table, poll_interval)
        self._authorize = authorize
        self._observers = tuple(observers)
        self._max_body = max_body
        self._clock = clock
        if is_readable(modern):
            install_door(modern)
        self.metrics = Metrics(Gauges(lambda: self.epoch, lambda: self.trouble is None, self._thread_states))
        self.legacy.waited = self.metrics.queue_wait.observe
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
        """The present decision for a route. Raises `UnknownRoute`."""
        return self._refresher.picture.decisions[self.table[key]]

    def refresh(self) -> None:
        """Reads the flags now, instead of at the next poll. Blocks."""
        self._refresher.refresh()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await (self._lifespan if scope["type"] == "lifespan" else self.modern)(scope, receive, send)
            return
        started = self._clock()
        request_state(scope)
        if not self._refresher.running:  # the server runs no lifespan
            refuse_open_context()
            await asyncio.to_thread(self._refresher.start)
        method: str = scope["method"]
        path = _path(scope)
        row = self.table.match(method, path)
        decision = self._refresher.picture.decisions[row]
        headers, request_id, explain, length = read_request(scope)
        signature = [(REQUEST_ID, request_id)]
        if explain and await self._may(scope, "explain"):
            signature.append((EXPLAIN, _explain(row, decision)))
        verdict = self.table.verdict(method, path) if row is self.table.unmatched else None
        side = verdict.side or decision.side if verdict is not None else decision.side
        reply = Reply(send, side, signature)
        try:
            await self._answer({**scope, "headers": headers}, receive, reply, row, path, length, verdict)
        finally:
            duration = self._clock() - started
            self.metrics.count(row.key, reply.served_by, reply.status or CLIENT_LEFT, duration)
            if self._observers:
                self._observe(row, method, decision, reply, request_id, duration)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        reply: Reply,
        row: Row,
        path: str,
        length: int | None,
        verdict: Verdict | None,
    ) -> None:
        """The backend's answer, or where there is none, the router's."""
        if length is None:
            receive = reply.limit = BodyLimit(receive, self._max_body)
        elif length > self._max_body:
            await _refuse(scope, reply, 413)
            return
        answer = reply if verdict is None else Amendment(reply, verdict, reply.served_by, scope)
        try:
            if reply.served_by is Side.LEGACY:
                await self.legacy.serve(scope, receive, answer)
            else:
                entrance = self._entrances[row] if verdict is None else refusing(verdict)
                reply.bodiless = entrance.open(scope, path)
                await self.modern(scope, receive, answer)
        except BridgeRefused as error:
            await _refuse(scope, reply, error.status, error.retry_after)
        except ClientLeft:
            if reply.limit is None or not reply.limit.exceeded:
                return
        except Exception:  # the request's edge: after the first byte only the server can end the connection
            if reply.status:
                raise
            logger.exception("%s raised at %s.", reply.served_by, row.key)
        if not reply.status:
            await _refuse(scope, reply, 413 if reply.limit is not None and reply.limit.exceeded else 500)

    def _observe(
        self, row: Row, method: str, decision: Decision, reply: Reply, request_id: bytes, duration: float
    ) -> None:
        observation = Observation(
            row.key,
            method,
            decision.side,
            reply.served_by,
            reply.status or CLIENT_LEFT,
            duration,
            decision.epoch,
            request_id.decode(),
        )
        for observer in self._observers:
            try:
                observer(observation)
            except Exception:  # the observer's edge: counted, and the request is whole
                self.metrics.observer_errors += 1
                logger.exception("An observer raised.")

    async def _may(self, scope: Scope, action: str) -> bool:
        if self._authorize is None:
            return False
        verdict = self._authorize(scope, action)
        return bool(await verdict if inspect.isawaitable(verdict) else verdict)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            try:
                await self._start(scope, stack)
            except (BackendFailed, BootError, FlagError) as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            try:
                await stack.aclose()
            except BackendFailed as error:
                await send({"type": "lifespan.shutdown.failed", "message": str(error)})
                return
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self, scope: Scope, stack: AsyncExitStack) -> None:
        stack.push_async_callback(asyncio.to_thread, self._refresher.stop)
        refuse_open_context()
        await asyncio.to_thread(self._refresher.start)
        for name, app in (("legacy", self.legacy), ("modern", self.modern)):
            backend = Lifespan(app, name)
            stack.push_async_callback(backend.stop)
            await backend.start(dict(scope))

    def _thread_states(self) -> dict[str, int]:
        zombies = self.legacy.zombies
        return {"busy": self.legacy.busy - zombies, "idle": self.legacy.idle, "zombie": zombies}


def _path(scope: Scope) -> str:
    """The path below the mount point."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in {"", "/"}:
        return path[len(root) :]
    return path


def _explain(row: Row, decision: Decision) -> bytes:
    fields = {"route": row.key, "side": decision.side, "stage": decision.stage, "reason": decision.reason}
    text = "; ".join(f"{name}={quote(value, safe=' /{}*:')}" for name, value in fields.items())
    return f"{text}; epoch={decision.epoch}".encode()


async def _refuse(scope: Scope, reply: Reply, status: int, retry_after: int | None = None) -> None:
    reply.served_by = Side.ROUTER
    reply.bodiless = reply.bodiless or scope["method"] == "HEAD"
    await problem(scope, reply, status, retry_after)
