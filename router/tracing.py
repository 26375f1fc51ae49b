"""OpenTelemetry: one server span for each request, whichever side answers. Needs the extra ``telemetry``.

    tracing = Tracing()
    router = Router(…, observers=[tracing.observe], isolate=tracing.isolate())
    app = tracing.around(router)

Without a configured provider nothing is done but to look for one now and then.

- Where somebody outside opened a span already, that one stays the only server span: it learns the side, and ours is an
  internal one below it.
- Below it, OpenTelemetry's instrumentation of Flask, WSGI and ASGI opens internal spans: it looks for a current span,
  and the bridge carries that into its thread. FastAPI's own would open a second server span and is told to stay out.
- ``traceparent`` and its likes count where ``trusted`` says so; a stranger's is linked, and does not decide what is
  sampled. Either way they end here: the sides find the context, not the headers.
- Mirrored requests and dry runs have traces of their own, linked to the visitor's.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, Tracer, TracerProvider

from router.comparison.redaction import Redactor
from router.dry_run.dry_runs import DryRun
from router.dry_run.isolate import Isolated
from router.mirror.trial import Isolate
from router.native_telemetry import KEY as FASTAPI
from router.observation import CLIENT_LEFT, Observation
from router.reply import SERVED_BY
from router.row import UNMATCHED_KEY
from router.types import ASGIApp, Headers, Message, Receive, Scope, Send

STATE = "strangler_span"
"""Where ``scope["state"]`` holds a visitor's span, for the copies of its request."""
NAME = "strangler"
"""The instrumentation's, and the name of its tracer."""
LOOK_EVERY = 1.0
"""Seconds between two looks for a provider, while there is none: a look costs more than a request has to spend."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY"})
_request: ContextVar[Span | None] = ContextVar("strangler_span", default=None)


def nobody(scope: Scope) -> bool:
    """Trusts no client's trace headers."""
    del scope
    return False


class Tracing:
    """``provider`` is the global one unless given. ``trusted(scope)`` tells whose traces a request may continue."""

    def __init__(
        self,
        provider: TracerProvider | None = None,
        *,
        trusted: Callable[[Scope], bool] = nobody,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known = None if provider is None else provider.get_tracer(NAME)
        self._trusted = trusted
        self._clock = clock
        self._due = float("-inf")
        self._redactor = Redactor()

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, each HTTP request of which has one server span."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            tracer = self._tracer() if scope["type"] == "http" else None
            if tracer is None:
                await app(scope, receive, send)
                return
            outside = trace.get_current_span()
            if outside.get_span_context().is_valid:
                send = _telling(outside, send)
            with self._span(tracer, scope, outside) as span:
                token = _request.set(span)
                try:
                    await app(_below(scope, span), receive, send)
                finally:
                    _request.reset(token)

        return traced

    def observe(self, observation: Observation) -> None:
        """An `Observer`: tells the request's span what became of it."""
        span = _request.get()
        if span is not None and span.is_recording():
            _tell(span, observation)

    def isolate(self, inner: Isolate | None = None) -> Isolate:
        """``isolate`` for the `Router`: the mirror's requests in traces of their own. ``inner`` is the caller's."""

        @asynccontextmanager
        async def apart(state: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
            with self._copy("mirror", state):
                async with nullcontext(state) if inner is None else inner(state) as isolated:
                    yield isolated

        return apart

    def dry_run(self, chosen: DryRun) -> DryRun:
        """``dry_run`` for the `Router`: the same for dry runs."""
        inner = chosen.isolate

        @asynccontextmanager
        async def apart(scope: Scope) -> AsyncIterator[Isolated]:
            with self._copy("dry run", scope["state"]):
                async with inner(scope) as isolated:
                    yield isolated

        return replace(chosen, isolate=apart)

    def _tracer(self) -> Tracer | None:
        """None while nobody listens. The global provider is set once in the life of a process."""
        if self._known is None and self._clock() >= self._due:
            self._due = self._clock() + LOOK_EVERY
            provider = trace.get_tracer_provider()
            if not isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
                self._known = provider.get_tracer(NAME)
        return self._known

    @contextmanager
    def _span(self, tracer: Tracer, scope: Scope, outside: Span) -> Iterator[Span]:
        if outside.get_span_context().is_valid:
            span = tracer.start_span(_method(scope), attributes=self._attributes(scope))
        else:
            span = self._server_span(tracer, scope)
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield span
            except Exception as error:
                _fail(span, type(error).__qualname__)
                raise

    def _server_span(self, tracer: Tracer, scope: Scope) -> Span:
        remote = propagate.extract(_carrier(scope["headers"]))
        theirs = trace.get_current_span(remote).get_span_context()
        trusts = theirs.is_valid and self._trusted(scope)
        links = [Link(theirs)] if theirs.is_valid and not trusts else []
        parent = remote if trusts else Context()
        return tracer.start_span(_method(scope), parent, SpanKind.SERVER, self._attributes(scope), links)

    def _attributes(self, scope: Scope) -> dict[str, Any]:
        """What is known before; of the address neither the query nor what looks like a secret."""
        client, server = scope.get("client"), scope.get("server")
        found = {
            "http.request.method": _method(scope, "_OTHER"),
            "url.scheme": scope.get("scheme"),
            "url.path": self._redactor.target(scope["path"], ""),
            "network.protocol.version": scope.get("http_version"),
            "client.address": client and client[0],
            "server.address": server and server[0],
            "server.port": server and server[1],
        }
        return {name: value for name, value in found.items() if value is not None}

    @contextmanager
    def _copy(self, what: str, state: dict[str, Any]) -> Iterator[None]:
        visitor = state.pop(STATE, None)
        tracer = None if visitor is None else self._tracer()
        if tracer is None:
            yield
            return
        links = [Link(visitor.get_span_context())]
        span = tracer.start_span(what, Context(), SpanKind.INTERNAL, {"strangler.copy": what}, links)
        token = contexts.attach(trace.set_span_in_context(span, Context()))
        try:
            yield
        finally:
            contexts.detach(token)
            span.end()


def _below(scope: Scope, span: Span) -> Scope:
    """The scope for the router: the trace goes on in the context, so its headers end here."""
    fields = {name.lower().encode() for name in propagate.get_global_textmap().fields}
    headers = [pair for pair in scope["headers"] if pair[0] not in fields]
    return {**scope, "headers": headers, FASTAPI: None, "state": {**scope.get("state", {}), STATE: span}}


def _telling(outside: Span, send: Send) -> Send:
    """Tells the side to a span that may be over with the last byte."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and outside.is_recording():
            side = next((value for name, value in message["headers"] if name == SERVED_BY), b"")
            outside.set_attribute("strangler.side", side.decode("latin-1"))
        await send(message)

    return told


def _carrier(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found


def _method(scope: Scope, unknown: str = "HTTP") -> str:
    return scope["method"] if scope["method"] in _METHODS else unknown


def _tell(span: Span, observation: Observation) -> None:
    if observation.key != UNMATCHED_KEY:
        span.update_name(observation.key)
        span.set_attribute("http.route", observation.key.partition(" ")[2])
    span.set_attributes(
        {
            "strangler.side": observation.served_by.value,
            "strangler.stage": observation.stage.value,
            "strangler.fallback": observation.fallback,
            "strangler.epoch": observation.epoch,
            "strangler.request_id": observation.request_id,
        }
    )
    if observation.status == CLIENT_LEFT:
        span.set_attribute("strangler.client_left", True)
        return
    span.set_attribute("http.response.status_code", observation.status)
    if observation.status >= 500:
        _fail(span, str(observation.status))


def _fail(span: Span, kind: str) -> None:
    """Says what kind of failure it was, and not its text: that may hold anything."""
    if span.is_recording():
        span.set_attribute("error.type", kind)
        span.set_status(StatusCode.ERROR)
