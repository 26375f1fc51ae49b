"""A restore that tells how far it is, line by line, in the answer to the request that asked for it.

Neither a job nor a later request could: the restore replaces the rows of jobs, and those of logins.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fastapi_app.errors import AppError

MEDIA_TYPE = "application/x-ndjson"
_EVERY_SECONDS = 0.25

Told = Callable[[str, int, int], None]
Work = Callable[[Told], Awaitable[dict[str, Any]]]


def is_wanted(accept: str) -> bool:
    """Whether a client takes the lines. Pure."""
    return MEDIA_TYPE in accept


class Telling(Response):
    """Runs `work`, which calls what it is given from any thread. Who leaves doesn't stop it.

    A line is an object: `{"what", "done", "total"}` while it runs, then `{"result": …}` or `{"error": "…"}`.
    """

    media_type = MEDIA_TYPE

    def __init__(self, work: Work) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._work = work
        self._now: dict[str, Any] = {"what": "checking the backup", "done": 0, "total": 0}
        self._ended = anyio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  as ASGI names it
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with anyio.CancelScope(shield=True):
            async with anyio.create_task_group() as group:
                group.start_soon(self._run)
                while not self._ended.is_set():
                    await _say(send, self._now)
                    with anyio.move_on_after(_EVERY_SECONDS):
                        await self._ended.wait()
            await _say(send, self._now, last=True)

    async def _run(self) -> None:
        try:
            self._now = {"result": await self._work(self._tell)}
        except AppError as refusal:
            self._now = {"error": refusal.message}
        finally:
            self._ended.set()

    def _tell(self, what: str, done: int, total: int) -> None:
        self._now = {"what": what, "done": done, "total": total}


async def _say(send: Send, line: dict[str, Any], *, last: bool = False) -> None:
    body = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    await send({"type": "http.response.body", "body": body, "more_body": not last})
