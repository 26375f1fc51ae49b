"""Requests sent exactly as they are written, and answers exactly as they came."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 60


@dataclass(frozen=True)
class Sent:
    """A request: the target as it goes over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """An answer; names of headers are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body)


class Wire:
    """A connection to one server, kept open from request to request."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self.base = base
        self.host = parts.netloc
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)

    def send(self, request: Sent) -> Answer:
        """One request and its whole answer. A connection that the server closed meanwhile is opened again."""
        try:
            return self._send(request)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            return self._send(request)

    def close(self) -> None:
        self._connection.close()

    def _send(self, request: Sent) -> Answer:
        self._connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        names = {name.lower() for name, _ in request.headers}
        own = [("Host", self.host)] if "host" not in names else []
        if request.body is not None and "transfer-encoding" not in names:
            own.append(("Content-Length", str(len(request.body))))
        for name, value in (*own, *request.headers):
            self._connection.putheader(name, value.encode("utf-8"))
        self._connection.endheaders(request.body)
        response = self._connection.getresponse()
        headers = tuple((name.lower(), value) for name, value in response.getheaders())
        return Answer(response.status, headers, response.read())


@contextmanager
def opened(base: str) -> Iterator[Wire]:
    """A wire that is closed at the end of the block."""
    wire = Wire(base)
    try:
        yield wire
    finally:
        wire.close()
