"""Requests sent exactly as they are written, and answers exactly as they came."""

import http.client
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

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


def encode(body: Mapping[str, Any] | None) -> tuple[bytes | None, str | None]:
    """The bytes of a golden body and the content type that they imply."""
    if body is None:
        return None, None
    if "json" in body:
        return json.dumps(body["json"]).encode(), "application/json"
    if "form" in body:
        return urlencode(body["form"]).encode(), "application/x-www-form-urlencoded"
    if "multipart" in body:
        return b"".join(map(_part, body["multipart"])) + b"--golden--\r\n", "multipart/form-data; boundary=golden"
    return body["raw"].encode(), None


def _part(part: Mapping[str, str]) -> bytes:
    file = f'; filename="{part["filename"]}"' if "filename" in part else ""
    kind = f"\r\nContent-Type: {part['content_type']}" if "content_type" in part else ""
    head = f'--golden\r\nContent-Disposition: form-data; name="{part["name"]}"{file}{kind}\r\n\r\n'
    content = b64decode(part["base64"]) if "base64" in part else part["text"].encode()
    return head.encode() + content + b"\r\n"
