"""Pure: what an application says in ``start_response``, as the start of an ASGI response."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from router.errors import AnswerBroken
from router.types import Headers, Message

_STATUS = re.compile(r"([2-5][0-9]{2})(?: [^\x00-\x08\x0a-\x1f\x7f]*)?")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = b"content-length"
# They belong to the connection, which is the server's. PEP 3333 forbids them to applications; many set one.
_LEFT_OUT = frozenset({b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", _LENGTH})
_WITHOUT_BODY = frozenset({204, 304})


class Head(NamedTuple):
    """Status and headers. ``bodiless``: no byte of a body may follow. ``length`` is the Content-Length, if told.

    (A tuple, for every answer makes one.)
    """

    status: int
    headers: Headers
    bodiless: bool
    length: int | None

    @classmethod
    def parse(cls, status: str, headers: Iterable[tuple[str, str]], method: str) -> "Head":
        """The reason phrase may be missing. Repeated headers stay repeated. Raises `AnswerBroken`."""
        code = _code(status)
        bodiless = code in _WITHOUT_BODY
        length: int | None = None
        kept: Headers = []
        for given, text in headers:
            name, value = _name(given), text.strip(" \t")
            if not value.isprintable() and _CONTROL.search(value):
                raise AnswerBroken(f"The application gave the header {name!r} a value with a control character in it.")
            if name not in _LEFT_OUT:
                kept.append((name, value.encode("latin-1")))
            elif name == _LENGTH:
                length = _length(value, length)
        if length is not None and not bodiless:
            kept.append((_LENGTH, b"%d" % length))
        return cls(code, kept, bodiless or method == "HEAD", length)

    def is_short(self, limit: int) -> bool:
        """Whether the whole body was promised to be short: then it may be held and sent at once."""
        return self.length is not None and self.length <= limit

    def message(self, size: int | None) -> Message:
        """The ASGI message. ``size`` is the body's, when it is known here and the application did not tell it."""
        headers = self.headers
        if size is not None and self.length is None and not self.bodiless:
            headers = [*headers, (_LENGTH, b"%d" % size)]
        return {"type": "http.response.start", "status": self.status, "headers": headers}


@lru_cache(256)
def _code(status: str) -> int:
    match = _STATUS.fullmatch(status)
    if match is None:
        raise AnswerBroken(f"The application gave the status {status!r}: it must be a final code and one line.")
    return int(match[1])


@lru_cache(1024)
def _name(given: str) -> bytes:
    """In lower case. Refuses what would end a header early and begin another, or the body."""
    name = given.lower().encode("latin-1")
    if not _NAME.fullmatch(name):
        raise AnswerBroken(f"The application gave a header the name {name!r}.")
    return name


def _length(value: str, told: int | None) -> int:
    """What Content-Length tells. Told twice and alike counts as once."""
    length = int(value) if value.isascii() and value.isdigit() else -1
    if length < 0 or (told is not None and told != length):
        raise AnswerBroken("The application gave a Content-Length that is no number, or two that differ.")
    return length
