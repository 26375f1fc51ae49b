"""A WSGI application as an ASGI one: bounded, cancellable, and one hop away."""

import asyncio
import contextvars
import functools
import io
import time
from collections.abc import Callable
from typing import Any

from router.admission import Admission
from router.environ import build_environ
from router.errors import BridgeRefused, ClientLeft, UploadCut, UploadStalled
from router.exchange import Exchange
from router.places import Places
from router.problem import problem
from router.protocol import refuse_asgi
from router.rounds import Rounds
from router.threads import Threads
from router.types import Receive, Scope, Send
from router.upload import JOINED, Upload, gather
from router.watch import Watch

BRIEF = 0.5
"""Seconds that a request waits for a thread when every thread works for a client that is gone."""


class WSGIBackend:
    """An ASGI application: ``asgi = WSGIBackend(any_wsgi_app)``, then ``uvicorn module:asgi``.

    ``threads`` requests run at once; ``queue`` more wait, each at most ``deadline`` seconds; the others get 503 with
    Retry-After. Of the threads, ``streams`` (all but one, unless told) may be held by clients, for answers that are
    streamed and uploads that are large: one more of them gets 503 too. A client has ``patience`` seconds for each
    64 KiB that it sends or takes; then it gets 408, or is given up. ``grace`` bounds the shutdown. (The server has to
    bound its own: ``uvicorn --timeout-graceful-shutdown``.)

    A request keeps its thread until the application returns: threads can't be interrupted, so an abandoned one counts
    as busy (and as one of the `zombies`) until then.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        threads: int = 10,
        queue: int = 100,
        deadline: float = 5.0,
        streams: int | None = None,
        patience: float = 30.0,
        grace: float = 5.0,
        clock: Callable[[], float] = time.perf_counter,
        waited: Callable[[float], None] | None = None,
    ) -> None:
        refuse_asgi(app)
        self.app = app
        self.waited = waited
        self._admission = Admission(threads, queue, deadline)
        self._places = Places(max(1, threads - 1) if streams is None else streams, self._admission.retry_after)
        self._threads = Threads(threads)
        self._patience = patience
        self._grace = grace
        self._clock = clock
        self._rounds = Rounds()
        self._running: set[Exchange] = set()

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
        return sum(exchange.aborted for exchange in self._running.copy())

    @property
    def streams(self) -> int:
        """Threads that clients hold."""
        return len(self._places)

    @property
    def waiting(self) -> int:
        return self._admission.waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await self.serve(scope, receive, send)
            except ClientLeft:
                return
            except BridgeRefused as error:
                await problem(scope, send, error.status, error.retry_after)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request.

        Raises `BridgeRefused` before the first byte, `ClientLeft`, or what the app raised.
        """
        environ = build_environ(scope, None)
        body, complete = await gather(receive, self._patience if _expects_body(scope, environ) else None)
        loop = asyncio.get_running_loop()
        upload = None if complete else Upload(body, loop)
        environ["wsgi.input"] = io.BytesIO(body) if upload is None else io.BufferedReader(upload, JOINED)
        if complete and body:
            environ.setdefault("CONTENT_LENGTH", str(len(body)))
        exchange = Exchange(
            self.app, environ, upload, loop=loop, places=self._places, patience=self._patience, freed=self._freed
        )
        watch = Watch(exchange, upload, receive, self._patience)
        try:
            if not self._admission.try_enter():
                await self._wait_in_queue(watch)
            elif self.waited is not None:
                self.waited(0.0)
            self._run(exchange)
            if upload is not None:
                watch.begin()
            self._rounds.add(watch, loop)
            await exchange.wait()
            if not exchange.done:
                watch.begin()
            await exchange.respond(send)
        except UploadCut:  # the client is still there, but sent nothing for too long
            if exchange.begun:
                raise
            raise UploadStalled from None
        finally:
            self._rounds.remove(watch)
            watch.end()
            if not exchange.done:
                exchange.abort()

    async def close(self) -> int:
        """Ends everything within the grace time. Returns how many threads could not be ended."""
        self._admission.close()
        for exchange in self._running.copy():
            exchange.abort()
        return await asyncio.to_thread(self._threads.stop, self._grace)

    async def _wait_in_queue(self, watch: Watch) -> None:
        self._admission.refuse_if_full()
        started = self._clock()
        within = self._admission.deadline
        if self.zombies >= self._admission.threads:
            within = min(BRIEF, within)
        try:
            await self._admission.enter(within, watch.begin)
        finally:
            if self.waited is not None:
                self.waited(self._clock() - started)

    def _run(self, exchange: Exchange) -> None:
        self._running.add(exchange)
        job = functools.partial(contextvars.copy_context().run, exchange.run)
        try:
            self._threads.run(job, self._admission.inside)
        except RuntimeError:  # the system has no thread to give
            self._running.discard(exchange)
            self._admission.leave()
            raise

    def _freed(self, exchange: Exchange) -> None:
        """In the thread: its next request may come."""
        self._running.discard(exchange)
        self._admission.leave_soon(exchange.loop)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._admission.closed = False
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})


def _expects_body(scope: Scope, environ: dict[str, Any]) -> bool:
    """Whether a body may still be on its way. HTTP/1 tells; later versions don't have to."""
    told = "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ
    return told or scope["http_version"][:1] != "1"
