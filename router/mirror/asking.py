"""Asks an application a copy of a request, and records the answer. Nothing of it goes anywhere."""

import asyncio
from collections.abc import Callable

from router.comparison.answer import Answer
from router.errors import RouterError
from router.mirror.limits import MirrorLimits
from router.mirror.recorder import Recorder
from router.types import ASGIApp, Message, Scope


class Unanswered(RouterError):
    """The application returned without a whole answer."""


async def ask(app: ASGIApp, scope: Scope, body: bytes, within: float, limits: MirrorLimits) -> Answer:
    """The answer. Raises TimeoutError, `Unanswered`, or what the application raised before its answer was whole.

    An application that is busy with other things after its last byte has the rest of the time for them.
    """
    channel = _Channel(body, Recorder(limits, bodiless=scope["method"] == "HEAD"))
    try:
        async with asyncio.timeout(within) as patience:
            channel.enough = lambda: patience.reschedule(0.0)
            await app(scope, channel.receive, channel.send)
    except TimeoutError:
        if not patience.expired() or not channel.answered:
            raise
    except Exception:  # the candidate's edge: after the last byte nobody would have seen it
        if not channel.answered:
            raise
    if not channel.answered:
        raise Unanswered
    return channel.recorder.answer()


class _Channel:
    """One request's two ends."""

    def __init__(self, body: bytes, recorder: Recorder) -> None:
        self._body: bytes | None = body
        self._done = asyncio.Event()
        self.recorder = recorder
        self.enough: Callable[[], None] = lambda: None

    @property
    def answered(self) -> bool:
        return self.recorder.whole or self.recorder.beyond

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._done.is_set():
            return
        self.recorder.record(message)
        if self.answered:
            self._done.set()
        if self.recorder.beyond:  # and it may never end
            self.enough()
