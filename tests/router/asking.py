"""Asks an ASGI application, without a server between: every message is in the test's hands."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from router.types import ASGIApp, Message, Scope


@dataclass
class Answer:
    """``messages`` are all that the application sent."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode("latin-1") for name, value in self.messages[0]["headers"]}

    def all(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self.messages[0]["headers"] if key == name.encode()]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def side(self) -> str:
        return self.headers["x-served-by"]


def http_scope(method: str, path: str, headers: Iterable[tuple[str, str]] = (), **more: Any) -> Scope:
    """A scope as uvicorn makes it. ``path`` is as on the wire, percent signs and query included."""
    raw, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        "state": {},
        **more,
    }


class Client:
    """The far end of one request: gives the body in parts, then waits; leaves when `leave` is called."""

    def __init__(self, parts: Iterable[bytes] = (b"",), *, complete: bool = True) -> None:
        self.answer = Answer()
        self._parts = list(parts)
        self._complete = complete
        self._gone = asyncio.Event()

    async def receive(self) -> Message:
        if self._parts:
            body = self._parts.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self._parts) or not self._complete}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.answer.messages.append(message)

    def leave(self) -> None:
        self._gone.set()


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    body: bytes | list[bytes] = b"",
    complete: bool = True,
    **more: Any,
) -> Answer:
    """One whole request. Content-Length is told when the body is in one piece; in parts it is chunked."""
    pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    if isinstance(body, list):
        pairs.append(("transfer-encoding", "chunked"))
    elif body:
        pairs.append(("content-length", str(len(body))))
    client = Client(body if isinstance(body, list) else [body], complete=complete)
    await asyncio.wait_for(app(http_scope(method, path, pairs, **more), client.receive, client.send), 10)
    return client.answer


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Waits until ``condition`` holds. Fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        await asyncio.sleep(0.005)
