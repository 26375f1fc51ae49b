"""Carries one request to the side that was chosen for it, and to legacy where a modern side failed before it spoke."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from router.amendment import Amendment
from router.body_limit import BodyLimit
from router.decision import Prospect
from router.drill.warrant import HEADER as DRILL
from router.drill.warrants import Warrants, fail
from router.entrance import entrance_of, refusing
from router.errors import BridgeRefused, ClientLeft
from router.fallback import EXCEPTIONS, Budget, Cause, FallbackRules, Obstacle, cause_of, methods_of
from router.held_body import HeldBody
from router.held_reply import HeldReply
from router.mirror.ticket import Ticket
from router.native_telemetry import NativeTelemetry
from router.problem import problem
from router.reply import EXPLAIN, FALLBACK, Reply
from router.request import Request, path_of
from router.row import Row, Side
from router.table import RouteTable
from router.types import ASGIApp, Headers, Receive, Scope, Send
from router.verdict import Verdict
from router.wsgi import WSGIBackend

_LEGACY, _MODERN = Side.LEGACY, Side.MODERN  # looked up in its enumeration, a member costs as much as a call

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Errand:
    """One request on its way. Below the mount point its path is ``path``; it began at ``started``.

    With a ``ticket``, what legacy answers is recorded for the mirror.
    """

    scope: Scope
    receive: Receive
    path: str
    prospect: Prospect
    request: Request
    verdict: Verdict | None
    started: float
    ticket: Ticket | None = None

    @property
    def key(self) -> str:
        return self.prospect.row.key


class Delivery:
    """The two backends, and what is allowed between them. Without ``rules`` nothing falls back.

    ``fallbacks`` counts by route and cause, ``refused_fallbacks`` by what stood in the way. ``clock`` is in seconds.
    ``warrants`` are those of drills. By row: ``entrances`` lead into the modern application, ``retried`` are the
    methods in whose place legacy may answer.
    """

    def __init__(
        self,
        legacy: WSGIBackend,
        modern: ASGIApp,
        table: RouteTable,
        rules: FallbackRules | None,
        replayable: Iterable[str],
        max_body: int,
        clock: Callable[[], float],
    ) -> None:
        self._legacy = legacy
        self.modern = modern
        self.telemetry = NativeTelemetry(modern)
        self.entrances = {row: entrance_of(row, self.telemetry) for row in table}
        self.rules = rules or FallbackRules()
        named = frozenset(table[key].key for key in replayable)
        self.retried = {row: methods_of(rules, row, named) if rules else frozenset() for row in table}
        self._max_body = max_body
        self._clock = clock
        self.budget = Budget(self.rules)
        self.warrants = Warrants()
        self.fallbacks: Counter[tuple[str, Cause]] = Counter()
        self.refused_fallbacks: Counter[Obstacle] = Counter()

    def reply(self, send: Send, side: Side, headers: Headers, private: bool, errand: Errand) -> Reply:
        """What ``side`` answers through: held back where legacy could answer in its place."""
        if side is _MODERN and self.holds(errand.prospect, errand.scope["method"]):
            return HeldReply(send, headers, self.rules.held, private)
        return Reply(send, side, headers, private)

    def holds(self, prospect: Prospect, method: str) -> bool:
        """Whether modern's answer waits until it is known to be one."""
        return prospect.watched and method in self.retried[prospect.row]

    def candidate(self, row: Row) -> ASGIApp:
        """The modern application, entered at a row: for requests that no visitor waits for. HEAD may get a body."""
        entrance = self.entrances[row]

        async def enter(scope: Scope, receive: Receive, send: Send) -> None:
            scope = {**scope}
            entrance.open(scope, path_of(scope))
            await self.modern(scope, receive, send)

        return enter

    async def answer(self, reply: Reply, errand: Errand, rest: Awaitable[None] | None = None) -> None:
        """The backend's answer, or where there is none, the router's. ``rest``: what is left of one that was begun."""
        length = errand.request.length
        if length is None:
            errand.receive = reply.limit = BodyLimit(errand.receive, self._max_body)
        elif length > self._max_body:
            await _refuse(reply, errand, 413)
            return
        try:
            await (rest or self._way(reply, errand))
        except BridgeRefused as error:
            reply.failed = reply.failed or error.status >= 500
            await _refuse(reply, errand, error.status, error.retry_after)
        except ClientLeft:
            if not reply.is_too_large:
                return
        except Exception:  # the request's edge: after the first byte only the server can end the connection
            if reply.status:
                raise
            logger.exception("%s raised at %s.", reply.served_by, errand.key)
        if not reply.status:
            await _refuse(reply, errand, 413 if reply.is_too_large else 500)

    def _way(self, reply: Reply, errand: Errand) -> Awaitable[None]:
        return self._try(reply, errand) if isinstance(reply, HeldReply) else self._carry(reply, errand)

    async def _carry(self, reply: Reply, errand: Errand) -> None:
        """To the side that the reply names, once."""
        scope: Scope = {**errand.scope, "headers": errand.request.headers}
        verdict = errand.verdict
        answer: Send = reply if verdict is None else Amendment(reply, verdict, reply.served_by, scope)
        if reply.served_by is _LEGACY:
            receive, ticket = errand.receive, errand.ticket
            if ticket is not None:
                receive, answer = ticket.overhear(receive), ticket.tap(answer)
            await self._ask_legacy(scope, receive, reply, answer)
            return
        entrance = self.entrances[errand.prospect.row] if verdict is None else refusing(verdict)
        body = HeldBody(errand.receive, 0)
        failure: Exception | None = None
        try:
            reply.bodiless = entrance.open(scope, errand.path)
            await self._modern_of(errand, reply)(scope, body, answer)
        except Exception as error:  # noqa: BLE001  # the modern side's edge: judged, and raised again
            failure = error
        _conclude(reply, body, errand, failure)

    async def _ask_legacy(self, scope: Scope, receive: Receive, reply: Reply, answer: Send) -> None:
        try:
            await self._legacy.serve(scope, receive, answer)
        except (BridgeRefused, ClientLeft):
            raise
        except Exception:
            reply.failed = reply.failed or not reply.lost
            raise

    async def _try(self, reply: HeldReply, errand: Errand) -> None:
        """To the modern side, and if that fails before its first byte, to legacy."""
        body = HeldBody(errand.receive, self.rules.max_body)
        app = self._modern_of(errand, reply)
        failure: Exception | None = None
        extensions = {**(errand.scope.get("extensions") or {}), EXCEPTIONS: {}}
        scope: Scope = {**errand.scope, "headers": errand.request.headers, "extensions": extensions}
        self.budget.under_way += 1
        try:
            reply.bodiless = self.entrances[errand.prospect.row].open(scope, errand.path)
            await app(scope, body, reply)
        except Exception as error:  # noqa: BLE001  # the modern side's edge: answered by legacy, or raised again
            failure = error
        finally:
            self.budget.under_way -= 1
        try:
            await self.settle(reply, body, errand, failure)
        finally:
            failure = None  # its traceback leads to this frame

    async def settle(self, reply: HeldReply, body: HeldBody, errand: Errand, failure: Exception | None) -> None:
        """What modern left: its answer goes out, or legacy's does. Raises what it raised, where that is the answer."""
        if not reply.status:
            cause = None if body.left else cause_of(failure, reply.held_status)
            if cause is not None and self._may_retry(body, errand):
                await self._fall_back(body, reply, errand, cause, failure)
                return
            if body.left:
                reply.forget()
            await reply.release()
        _conclude(reply, body, errand, failure)

    def _modern_of(self, errand: Errand, reply: Reply) -> ASGIApp:
        """The modern application, or what fails in its place where a drill wants it to."""
        drill = errand.request.drill
        if drill is None or not errand.prospect.watched or not self.warrants.honours(drill, errand.key):
            return self.modern
        reply.headers = [*reply.headers, (DRILL, b"failed")]
        return fail

    def _may_retry(self, body: HeldBody, errand: Errand) -> bool:
        if body.overflowed:
            obstacle = Obstacle.BODY
        elif self._clock() - errand.started > self.rules.within:
            obstacle = Obstacle.LATE
        elif self.budget.is_spent:
            obstacle = Obstacle.BUDGET
        else:
            return True
        self.refused_fallbacks[obstacle] += 1
        return False

    async def _fall_back(
        self, body: HeldBody, reply: HeldReply, errand: Errand, cause: Cause, failure: Exception | None
    ) -> None:
        name = errand.request.request_id.decode()
        logger.error("modern failed at %s (%s); legacy answers request %s.", errand.key, cause, name, exc_info=failure)
        self.fallbacks[errand.key, cause] += 1
        reply.forget()
        reply.failed = reply.fell_back = True
        reply.served_by, reply.bodiless = Side.LEGACY, False
        reply.headers = _with_fallback(reply.headers)
        self.budget.retries += 1
        try:
            scope: Scope = {**errand.scope, "headers": errand.request.headers}
            await self._ask_legacy(scope, body.again(), reply, reply)
        finally:
            self.budget.retries -= 1


def _conclude(reply: Reply, body: HeldBody, errand: Errand, failure: Exception | None) -> None:
    """Notes whether the modern side failed, and raises what it raised.

    Raises `ClientLeft` where the client did before anything was said, whatever the application made of that.
    """
    if body.left and not reply.status:
        if failure is not None:
            logger.error("modern raised at %s after its client had left.", errand.key, exc_info=failure)
        raise ClientLeft from failure
    reply.failed = not (body.left or reply.lost) and (failure is not None or not reply.status)
    if failure is not None:
        raise failure


def _with_fallback(headers: Headers) -> Headers:
    """For those who asked for an explanation, and may."""
    if all(name != EXPLAIN for name, _ in headers):
        return headers
    told = [(name, value + b"; fallback=legacy" if name == EXPLAIN else value) for name, value in headers]
    return [*told, (FALLBACK, Side.LEGACY.value.encode())]


async def _refuse(reply: Reply, errand: Errand, status: int, retry_after: int | None = None) -> None:
    scope: Scope = {**errand.scope, "headers": errand.request.headers}
    reply.served_by = Side.ROUTER
    reply.bodiless = reply.bodiless or scope["method"] == "HEAD"
    await problem(scope, reply, status, retry_after)
