"""The two protocols that meet here. The WSGI side's types are a2wsgi's."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from a2wsgi.wsgi_typing import Environ, ExceptionInfo, IterableChunks, StartResponse, WriteCallable, WSGIApp

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

Headers = list[tuple[bytes, bytes]]

BODIES = frozenset(f"http.response.{name}" for name in ("body", "pathsend", "zerocopysend"))
"""Messages that carry a part of an answer, or name the file that does: extensions that servers offer."""

__all__ = [
    "BODIES",
    "ASGIApp",
    "Environ",
    "ExceptionInfo",
    "Headers",
    "IterableChunks",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "StartResponse",
    "WSGIApp",
    "WriteCallable",
]
