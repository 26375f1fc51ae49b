"""One client of Socket.IO, as a listener of the hub and a holder of a socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from fastapi_app.progress.allowance import Allowance
from fastapi_app.progress.entrance import Entrance
from fastapi_app.progress.news import News
from fastapi_app.progress.outlet import Ended, Outlet
from fastapi_app.progress.seat import Seat

ROOM = 16
"""Packets that may wait in the client's queue before news are held back, so that they can be folded."""

_LOOK_AGAIN = 0.05

log = structlog.get_logger(__name__)


class Client(Seat):
    """`send` puts a packet into the client's queue, `waiting` counts those in it, `disconnect` ends the client."""

    def __init__(
        self,
        sid: str,
        entered: Entrance,
        send: Callable[[str], Awaitable[None]],
        waiting: Callable[[], int],
        disconnect: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(entered, Outlet(self._tell, clock))
        self.sid = sid
        self.allowance = Allowance(clock())
        self._send = send
        self._waiting = waiting
        self._disconnect = disconnect
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Tells nothing more. The task may call this itself: then it is about to end."""
        self.outlet.close()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                await self.outlet.pump()
                await self.outlet.rest()
        except Ended as end:
            log.info("a client of Socket.IO was disconnected", reason=end.reason)
            await self._disconnect()

    async def _tell(self, news: News) -> None:
        """Waits while the client's queue has no room."""
        while self._waiting() >= ROOM:  # noqa: ASYNC110 - the library's queue has no event for it
            await asyncio.sleep(_LOOK_AGAIN)
        await self._send(news.packet)
