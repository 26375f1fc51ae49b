"""A WSGI application as an ASGI one: bounded, cancellable, and one hop away."""

import asyncio
import contextvars
import functools
import io
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from router.admission import Admission
from router.environ import build_environ
from router.errors import ClientLeft, Saturated
from router.exchange import Exchange
from router.problem import problem
from router.protocol import refuse_asgi
from router.threads import Threads
from router.types import Receive, Scope, Send
from router.upload import Upload, gather

SLOW = 0.05
"""Seconds after which a silent application's client is watched: sooner, watching costs more than it saves."""


class WSGIBackend:
    """An ASGI application: ``asgi = WSGIBackend(any_wsgi_app)``, then ``uvicorn module:asgi``.

    ``threads`` requests run at once; ``queue`` more wait, each at most ``deadline`` seconds; the others get 503 with
    Retry-After. ``grace`` bounds the shutdown. A request keeps its thread until the application returns: threads can't
    be interrupted, so an abandoned one counts as busy (and as `zombies`) until then.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        threads: int = 10,
        queue: int = 100,
        deadline: float = 5.0,
        grace: float = 5.0,
        clock: Callable[[], float] = time.perf_counter,
        waited: Callable[[float], None] | None = None,
    ) -> None:
        refuse_asgi(app)
        self.app = app
        self.waited = waited
        self._admission = Admission(threads, queue, deadline)
        self._threads = Threads(threads)
        self._grace = grace
        self._clock = clock
        self._running: set[Exchange] = set()
        self._abandoned: set[Exchange] = set()

    @property
    def busy(self) -> int:
        """Threads at work, abandoned ones included."""
        return self._admission.inside

    @property
    def idle(self) -> int:
        return self._admission.threads - self._admission.inside

    @property
    def zombies(self) -> int:
        """Threads at work for clients that are gone."""
        return len(self._abandoned)

    @property
    def waiting(self) -> int:
        return self._admission.waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with suppress(ClientLeft):
                try:
                    await self.serve(scope, receive, send)
                except Saturated as error:
                    await problem(scope, send, 503, error.retry_after)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request. Raises `Saturated` and `ClientLeft` before the first byte, or what the app raised."""
        body, complete = await gather(receive)
        loop = asyncio.get_running_loop()
        upload = None if complete else Upload(body, loop)
        environ = build_environ(scope, io.BytesIO(body) if upload is None else io.BufferedReader(upload))
        if complete and body:
            environ.setdefault("CONTENT_LENGTH", str(len(body)))
        exchange = Exchange(self.app, environ, loop, self._freed)
        await self._enter(receive, complete)
        self._run(exchange)
        watch = _Watch(exchange, upload, receive, loop)
        try:
            await exchange.wait()
            watch.begin_unless(exchange.done)
            await exchange.respond(send)
        finally:
            watch.end()
            if not exchange.done:
                self._abandon(exchange, upload)

    async def close(self) -> int:
        """Ends everything within the grace time. Returns how many threads could not be ended."""
        self._admission.close()
        for exchange in list(self._running):
            self._abandon(exchange, None)
        return await asyncio.to_thread(self._threads.stop, self._grace)

    async def _enter(self, receive: Receive, complete: bool) -> None:
        started = self._clock()
        if not self._admission.try_enter():
            await self._admission.enter(functools.partial(_watch_ticket, receive, complete))
        if self.waited is not None:
            self.waited(self._clock() - started)

    def _run(self, exchange: Exchange) -> None:
        self._running.add(exchange)
        job = functools.partial(contextvars.copy_context().run, exchange.run)
        try:
            self._threads.run(job, self._admission.inside)
        except RuntimeError:  # the system has no thread to give
            self._freed(exchange)
            raise

    def _abandon(self, exchange: Exchange, upload: Upload | None) -> None:
        self._abandoned.add(exchange)
        exchange.abort()
        if upload is not None:
            upload.cut()

    def _freed(self, exchange: Exchange) -> None:
        self._running.discard(exchange)
        self._abandoned.discard(exchange)
        self._admission.leave()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._admission.closed = False
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})


class _Watch:
    """Feeds a large upload to the thread, and notices when the client leaves."""

    def __init__(
        self, exchange: Exchange, upload: Upload | None, receive: Receive, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._exchange = exchange
        self._upload = upload
        self._receive = receive
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        if upload is None:
            self._timer = loop.call_later(SLOW, self._begin)
        else:
            self._begin()

    def begin_unless(self, done: bool) -> None:
        if not done:
            self._begin()

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            if self._upload is not None:
                await self._upload.pump(self._receive)
            await _until_gone(self._receive)
        except ClientLeft:
            self._exchange.abort()


def _watch_ticket(receive: Receive, complete: bool, ticket: "asyncio.Future[None]") -> "asyncio.Task[None]":
    return asyncio.get_running_loop().create_task(_void_when_gone(receive, complete, ticket))


async def _void_when_gone(receive: Receive, complete: bool, ticket: "asyncio.Future[None]") -> None:
    """Gives up a place in the queue when the client leaves it. Of an unfinished body nothing may be read here."""
    if not complete:
        return
    try:
        await _until_gone(receive)
    except ClientLeft as left:
        if not ticket.done():
            ticket.set_exception(left)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientLeft
