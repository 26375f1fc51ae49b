"""One client of Socket.IO, as a listener of the hub and a holder of a socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from fastapi_app.jobs.event import Event
from fastapi_app.jobs.visibility import View
from fastapi_app.progress.allowance import Allowance
from fastapi_app.progress.entrance import Entrance
from fastapi_app.progress.news import News
from fastapi_app.progress.outlet import LOGIN_ENDED, TRY_LATER, Ended, Outlet
from fastapi_app.progress.standing import Proof

ROOM = 16
"""Packets that may wait in the client's queue before news are held back, so that they can be folded."""

SEND_WITHIN = 20.0
_LOOK_AGAIN = 0.05

log = structlog.get_logger(__name__)


class Client:
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
        self.sid = sid
        self.entered = entered
        self.allowance = Allowance(clock())
        self.outlet = Outlet(self._tell, clock)
        self._send = send
        self._waiting = waiting
        self._disconnect = disconnect
        self._task: asyncio.Task[None] | None = None

    @property
    def view(self) -> View:
        return self.entered.view

    @property
    def proof(self) -> Proof:
        return self.entered.proof

    def hear(self, news: News) -> None:
        self.outlet.offer(news)

    def told(self, event: Event) -> None:
        self.outlet.told(event)

    def dismiss(self) -> None:
        self.outlet.end(Ended(LOGIN_ENDED, "the login ended or changed"))

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Tells nothing more. The task may call this itself: then it is about to end."""
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
        """Raises Ended where the client's queue has no room for too long."""
        waited = 0.0
        while self._waiting() >= ROOM:
            if waited >= SEND_WITHIN:
                raise Ended(TRY_LATER, "reads too slowly")
            await asyncio.sleep(_LOOK_AGAIN)
            waited += _LOOK_AGAIN
        await self._send(news.packet)
