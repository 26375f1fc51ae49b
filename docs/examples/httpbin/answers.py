"""One request to a running server, and what of its answer has to be equal everywhere."""

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection

from questions import Question

HOST = "httpbin.test"
REQUEST_ID = "asked-by-the-comparison"

NOT_COMPARED = {
    "connection": "belongs to the hop (RFC 9110, 7.6.1)",
    "keep-alive": "belongs to the hop",
    "transfer-encoding": "belongs to the hop; so does Content-Length where one frames by length and one by chunks",
    "proxy-authenticate": "belongs to the hop: gunicorn drops what belongs to the hop, the bridge lets it pass",
    "server": "names the server",
    "date": "tells the second",
    "x-served-by": "is the front door's",
    "x-request-id": "is the front door's",
}
"""Headers of an answer that may differ, and why. There are no others."""


@dataclass(frozen=True)
class Answer:
    """``headers`` have lower-case names; those of one name are in order, names are sorted. ``side`` who answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: str | None
    side: str

    def differs(self, other: "Answer") -> list[str]:
        """What is not equal, in words."""
        found = []
        if self.status != other.status:
            found.append(f"status {self.status} is {other.status}")
        for name in dict.fromkeys(name for name, _ in (*self.headers, *other.headers)):
            ours, theirs = ([value for key, value in a.headers if key == name] for a in (self, other))
            if ours != theirs:
                found.append(f"{name} {ours} is {theirs}")
        if self.length is not None and other.length is not None and self.length != other.length:
            found.append(f"content-length {self.length} is {other.length}")
        if self.body != other.body:
            found.append(f"body {_excerpt(self.body, other.body)!r} is {_excerpt(other.body, self.body)!r}")
        return found


def ask(port: int, question: Question) -> Answer:
    """The answer of the server at ``port``, without what may differ."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.putrequest(question.method, question.target, skip_host=True, skip_accept_encoding=True)
        for name, value in _headers(question):
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders()
        connection.send(_wire(question))
        response = connection.getresponse()
        body = response.read()
        told = [(name.lower(), value) for name, value in response.getheaders()]
    length = None if question.vague else dict(told).get("content-length")
    kept = [
        (name, _masked(value, question.vague))
        for name, value in sorted(told, key=lambda pair: pair[0])
        if name not in NOT_COMPARED and name != "content-length"
    ]
    text = _masked(body.decode("latin-1"), question.vague).encode("latin-1")
    return Answer(response.status, tuple(kept), text, length, dict(told).get("x-served-by", ""))


def _headers(question: Question) -> Iterable[tuple[str, str]]:
    """One Host for all, for httpbin shows it; and a request id, which the front door would otherwise make up."""
    yield "Host", HOST
    yield "X-Request-ID", REQUEST_ID
    yield from question.headers.items()
    if not isinstance(question.body, bytes):
        yield "Transfer-Encoding", "chunked"
    elif question.body:
        yield "Content-Length", str(len(question.body))


def _wire(question: Question) -> bytes:
    if isinstance(question.body, bytes):
        return question.body
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in question.body) + b"0\r\n\r\n"


def _masked(text: str, patterns: Iterable[str]) -> str:
    for pattern in patterns:
        text = re.sub(pattern, "", text)
    return text


def _excerpt(text: bytes, other: bytes) -> bytes:
    """Around the first byte that differs."""
    place = next((at for at, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    return text[max(0, place - 30) : place + 30]
