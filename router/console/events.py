"""News for the page as they happen: a stream of server-sent events."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from router.console.answer import ALWAYS
from router.console.errors import Busy
from router.console.visit import Visit
from router.types import Receive, Send

MOST = 50
"""Streams of one worker."""
LOOK = 0.1
"""Seconds between two looks at the epoch and the server."""
FIGURES = 5.0
COMMENT = 15.0
LIFETIME = 600.0
"""Seconds that a stream lasts: the page opens a new one, and whoever lost the right to look is found out."""
SHORT_LIFETIME = 60.0
"""The same, under a server that can't be seen stopping."""
RETRY = 1000
"""Milliseconds until a page that lost its stream asks for another."""


class Events:
    """``epoch`` tells the present one. `stop` ends every stream."""

    def __init__(self, epoch: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._epoch = epoch
        self._clock = clock
        self._stopped = False
        self.open = 0

    def start(self) -> None:
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    async def stream(self, visit: Visit, send: Send) -> None:
        """Lasts until the client leaves, the server stops, or its time is over. Raises `Busy`."""
        if self.open >= MOST:
            raise Busy(f"{MOST} pages listen to this worker already.")
        self.open += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            leaving = asyncio.ensure_future(_left(visit.receive))
            try:
                await self._tell(visit.receive, send, leaving)
            finally:
                leaving.cancel()
                with suppress(asyncio.CancelledError):
                    await leaving
            await send({"type": "http.response.body", "body": b""})
        except OSError:
            return  # the client is gone
        finally:
            self.open -= 1

    async def _tell(self, receive: Receive, send: Send, leaving: "asyncio.Future[None]") -> None:
        serves = _serving(receive)
        started = now = self._clock()
        ends = started + (SHORT_LIFETIME if serves is None else LIFETIME)
        figures, comment = started + FIGURES, started + COMMENT
        known: int | None = None
        text = f"retry: {RETRY}\n\n"
        while not (self._stopped or leaving.done() or now >= ends or (serves is not None and not serves())):
            epoch = self._epoch()
            if epoch != known:
                known = epoch
                text += f'event: epoch\ndata: {{"epoch":{epoch}}}\n\n'
            if now >= figures:
                figures = now + FIGURES
                text += "event: figures\ndata: {}\n\n"
            if now >= comment:
                comment = now + COMMENT
                text += ": still here\n\n"
            if text:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                text = ""
            await asyncio.wait([leaving], timeout=LOOK)
            now = self._clock()


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    *ALWAYS,
]


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _serving(receive: Receive) -> Callable[[], bool] | None:
    """How to see that the server stops while it waits for this very answer; None: it can't be seen.

    uvicorn tells the application only when all answers are through. Before, it tells each connection to close after
    its answer, which can be read where the connection was to be kept.
    """
    cycle: Any = getattr(receive, "__self__", None)
    if getattr(cycle, "keep_alive", None) is not True:
        return None
    return lambda: cycle.keep_alive is True
