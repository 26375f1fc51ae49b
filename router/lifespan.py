"""Starts and stops an ASGI application through its lifespan, as its server would."""

import asyncio
from typing import Any

from router.errors import BackendFailed
from router.types import ASGIApp, Message, Scope

START_WITHIN = 120.0
"""Seconds that an application may take to become ready: enough to wait for its database."""

STOP_WITHIN = 30.0
"""Seconds that it may take to stop. Then its task is cancelled, so that the others get their turn."""


class Lifespan:
    """One application's lifespan, run in a task of its own. ``start`` and ``stop`` are each called once.

    Each takes at most as many seconds as it is told.
    """

    def __init__(
        self, app: ASGIApp, name: str, *, start_within: float = START_WITHIN, stop_within: float = STOP_WITHIN
    ) -> None:
        self._app = app
        self._name = name
        self._within = {"startup": start_within, "shutdown": stop_within}
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self, scope: Scope) -> None:
        """Waits until the application is ready. What it puts into ``scope["state"]`` is the caller's.

        An application that knows no lifespan (it raises before it answers) is ready. Raises `BackendFailed`.
        """
        self._task = asyncio.get_running_loop().create_task(self._run(scope))
        await self._expect("startup")

    async def stop(self) -> None:
        """Waits until the application has stopped. Raises `BackendFailed`."""
        if self._task is None:
            return
        try:
            if not self._task.done():
                await self._expect("shutdown")
                await asyncio.wait([self._task], timeout=self._within["shutdown"])
        finally:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=self._within["shutdown"])

    async def _run(self, scope: Scope) -> None:
        try:
            await self._app(scope, self._inbox.get, self._outbox.put)
        except Exception as error:  # noqa: BLE001  # the task's edge: answered below
            await self._outbox.put({"type": "lifespan.ended", "message": repr(error)})
        else:
            await self._outbox.put({"type": "lifespan.ended", "message": ""})

    async def _expect(self, phase: str) -> None:
        await self._inbox.put({"type": f"lifespan.{phase}"})
        within = self._within[phase]
        try:
            answer: Any = await asyncio.wait_for(self._outbox.get(), within)
        except TimeoutError:
            raise BackendFailed(f"The {self._name} application did not end its {phase} within {within:g} s.") from None
        if answer["type"] == f"lifespan.{phase}.failed":
            raise BackendFailed(f"The {self._name} application failed at {phase}: {answer.get('message', '')}")
