"""Asks an ASGI application in this process, as a server would."""

import asyncio
from itertools import count
from typing import Any
from urllib.parse import unquote

from router.comparison.answer import Answer
from router.parity.errors import AskedInVain
from router.request_id import HEADER as REQUEST_ID
from router.types import ASGIApp, Headers, Message

HOST = b"parity.invalid"
SECONDS = 60.0


class Client:
    """``state`` is what the application's lifespan made.

    Requests are numbered: the same one has the same name on both sides, in whatever an application stores of it.
    """

    def __init__(self, app: ASGIApp, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._numbers = count(1)

    async def ask(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """One request and its whole answer. Raises `AskedInVain` when there is none, or none within a minute."""
        gathering = _Gathering(body)
        try:
            async with asyncio.timeout(SECONDS):
                await self._app(self._scope(method, target, headers, body), gathering.receive, gathering.send)
        except TimeoutError:
            raise AskedInVain(f"{method} {target} had no answer within {SECONDS:.0f} seconds.") from None
        finally:
            gathering.done.set()
        return gathering.answer(f"{method} {target}", bodiless=method == "HEAD")

    def _scope(self, method: str, target: str, headers: Headers, body: bytes) -> dict[str, Any]:
        path, _, query = target.partition("?")
        named = {name for name, _ in headers}
        own = [(b"host", HOST)] if b"host" not in named else []
        if REQUEST_ID not in named:
            own.append((REQUEST_ID, b"parity-%d" % next(self._numbers)))
        if (body or method in {"POST", "PUT", "PATCH"}) and b"transfer-encoding" not in named:
            own.append((b"content-length", b"%d" % len(body)))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [*own, *headers],
            "client": ("127.0.0.1", 1),
            "server": (HOST.decode(), 80),
            "state": self._state.copy(),
        }


class _Gathering:
    """One request's two channels."""

    def __init__(self, body: bytes) -> None:
        self._messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._start: Message | None = None
        self._body = bytearray()
        self.done = asyncio.Event()

    async def receive(self) -> Message:
        if self._messages:
            return self._messages.pop()
        await self.done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                self.done.set()

    def answer(self, request: str, *, bodiless: bool) -> Answer:
        """A server sends no body for HEAD, whatever the application gave."""
        if self._start is None:
            raise AskedInVain(f"{request} had no answer.")
        headers = (
            (name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in self._start.get("headers", ())
        )
        return Answer(self._start["status"], tuple(headers), b"" if bodiless else bytes(self._body))
