"""One open WebSocket of `/ws/jobs`: a task that reads, a task that writes, and the reasons why it ends."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastapi_app.database import Database
from fastapi_app.errors import EXPECTED
from fastapi_app.progress.allowance import Allowance
from fastapi_app.progress.conversation import Conversation, message
from fastapi_app.progress.entrance import Entrance
from fastapi_app.progress.hub import Hub
from fastapi_app.progress.news import News, timestamp
from fastapi_app.progress.outlet import POLICY, SEND_WITHIN, TOO_BIG, TRY_LATER, Ended, Outlet
from fastapi_app.progress.seat import Seat
from fastapi_app.progress.wishes import NotUnderstood, read

LONGEST_MESSAGE = 64 * 1024
"""Characters of one message from a client."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """Seconds: between two pings, until a silent client is dropped, and until one that does not read is."""

    ping: float = 25.0
    silence: float = 60.0
    send: float = SEND_WITHIN


PATIENCE = Patience()


class Connection(Seat):
    """One socket from its first message to its last."""

    def __init__(
        self,
        websocket: WebSocket,
        entered: Entrance,
        hub: Hub,
        database: Database,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(entered, Outlet(self._tell, clock, patience.send))
        self._websocket = websocket
        self._hub = hub
        self._patience = patience
        self._clock = clock
        self._conversation = Conversation(self, hub, database)
        self._allowance = Allowance(clock())
        self._heard_at = self._pinged_at = clock()

    async def run(self, *, follow_all: bool) -> None:
        """Serves the socket, accepted already, until either side ends it."""
        try:
            await self._greet(follow_all=follow_all)
            await self._converse()
        except Ended as end:
            log.info("a socket was closed", code=end.code, reason=end.reason)
            await self._close(end)
        except EXPECTED as error:
            log.warning("a socket was closed", reason=type(error).__name__)
            await self._close(Ended(TRY_LATER, "the server is busy"))
        except WebSocketDisconnect:
            pass
        finally:
            self.outlet.close()
            self._hub.subscriptions.leave(self)

    async def _greet(self, *, follow_all: bool) -> None:
        visitor = self.entered.visitor
        at = message(
            "connected",
            message="Live progress of jobs",
            user_id=visitor.user_id,
            username=visitor.username,
            sees_all=self.view.everything,
            server_time=timestamp(),
            ping_seconds=self._patience.ping,
            v=1,
        )
        talk = self._conversation
        await self._send_all([at, await (talk.follow_all() if follow_all else talk.active())])

    async def _converse(self) -> None:
        """Reads and writes; whichever ends takes the other along."""
        tasks = [asyncio.ensure_future(self._write()), asyncio.ensure_future(self._listen())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception):
                raise error

    async def _write(self) -> None:
        while True:
            await self.outlet.pump()
            now = self._clock()
            if now - self._heard_at >= self._patience.silence:
                raise Ended(TRY_LATER, "said nothing for too long")
            if now - self._pinged_at >= self._patience.ping:
                self._pinged_at = now
                await self._send_all([message("ping")])
            until = min(self._pinged_at + self._patience.ping, self._heard_at + self._patience.silence)
            await self.outlet.rest(until)

    async def _listen(self) -> None:
        while True:
            text = await self._received()
            self._heard_at = self._clock()
            if self._allowance.takes(self._heard_at):
                await self._answer(text)
            elif self._allowance.is_exhausted:
                raise Ended(POLICY, "too many messages")
            elif self._allowance.refused % 100 == 1:
                await self._send_all([message("error", code="too-many", message="Too many messages, send fewer")])

    async def _received(self) -> str:
        got = await self._websocket.receive()
        if got["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(got.get("code") or 1005)
        text: str | None = got.get("text")
        if len(text or got.get("bytes") or "") > LONGEST_MESSAGE:
            raise Ended(TOO_BIG, "the message is too long")
        return text or ""

    async def _answer(self, text: str) -> None:
        async with self.outlet.answering():
            try:
                answers = await self._conversation.answer(read(text))
            except NotUnderstood as refusal:
                answers = [message("error", code=refusal.code, message=refusal.message)]
            await self._send_all(answers)

    async def _tell(self, news: News) -> None:
        await self._websocket.send_text(news.message)

    async def _send_all(self, texts: Iterable[str]) -> None:
        for text in texts:
            await self._send(text)

    async def _send(self, text: str) -> None:
        """Raises Ended when the client takes nothing for too long: its buffers and ours are full."""
        try:
            async with asyncio.timeout(self._patience.send):
                await self._websocket.send_text(text)
        except TimeoutError:
            raise Ended(TRY_LATER, "reads too slowly") from None

    async def _close(self, end: Ended) -> None:
        """Says why, and gives a client that does not read the same time again to find out."""
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self._patience.send):
                await self._websocket.close(end.code, end.reason)
