"""What one side sends, kept as far as the limits allow."""

import hashlib
from typing import Any

from router.comparison.answer import Answer, Digest
from router.mirror.limits import MirrorLimits
from router.types import Message


class Recorder:
    """``whole``: the last byte came. ``beyond``: it was too large even for a digest, so that nothing is known."""

    __slots__ = ("_bodiless", "_chunks", "_hash", "_limits", "_start", "beyond", "length", "whole")

    def __init__(self, limits: MirrorLimits, *, bodiless: bool) -> None:
        self._limits = limits
        self._bodiless = bodiless
        self._start: Message | None = None
        self._chunks: list[bytes] = []
        self._hash: Any = None
        self.length = 0
        self.whole = False
        self.beyond = False

    @property
    def status(self) -> int:
        """0 until the answer has started."""
        return 0 if self._start is None else int(self._start["status"])

    @property
    def kept(self) -> int:
        """Bytes held in memory."""
        return 0 if self._hash is not None else self.length

    def record(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            body: bytes = message.get("body", b"")
            if body and not self._bodiless and not self.beyond:
                self._add(body)
            self.whole = self.whole or not message.get("more_body", False)

    def answer(self) -> Answer:
        """What was recorded. Only after it has started."""
        pairs = () if self._start is None else self._start.get("headers", ())
        headers = tuple((name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
        if self._hash is None:
            return Answer(self.status, headers, b"".join(self._chunks))
        return Answer(self.status, headers, b"", Digest(self.length, self._hash.hexdigest()))

    def _add(self, body: bytes) -> None:
        self.length += len(body)
        if self._hash is not None:
            self._hash.update(body)
        else:
            self._chunks.append(bytes(body))
            if self.length > self._limits.response_bytes:
                self._hash = hashlib.sha256(b"".join(self._chunks))
                self._chunks.clear()
        self.beyond = self.length > self._limits.digest_bytes
