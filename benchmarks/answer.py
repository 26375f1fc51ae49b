"""Where an HTTP/1.1 answer ends: by its length, by its last chunk, or because it has no body."""

from collections.abc import Collection

from benchmarks.load import LoadFailed

_WITHOUT_BODY = frozenset({204, 304})
_LONGEST_HEAD = 65_536


class Answer:
    """One answer that arrives in parts. Its body is counted and not kept: a film does not fit into a measurement.

    ``head_only``: the answer to a HEAD, which tells a length and has no body.
    """

    def __init__(self, accepted: Collection[int] = (200,), *, head_only: bool = False) -> None:
        self.closes = False
        self.status = 0
        self.size = 0
        self._accepted = accepted
        self._head_only = head_only
        self._head = b""
        self._chunks: _Chunks | None = None
        self._left = -1

    @property
    def has_begun(self) -> bool:
        return bool(self._head) or self.status > 0

    def feed(self, part: bytes) -> bool:
        """Takes what came. Whether the answer is whole. Raises `LoadFailed` where it is not one that was expected."""
        if self._left < 0 and self._chunks is None:
            self._head += part
            head, found, part = self._head.partition(b"\r\n\r\n")
            if not found:
                if len(self._head) > _LONGEST_HEAD:
                    raise LoadFailed("an answer's head does not end")
                return False
            self._begin(head)
        if self._chunks is not None:
            self.size += len(part)
            return self._chunks.feed(part)
        self.size += len(part)
        self._left -= len(part)
        if self._left < 0:
            raise LoadFailed("an answer is longer than it said")
        return self._left == 0

    def _begin(self, head: bytes) -> None:
        status, self._head = head[9:12], b""
        if not status.isdigit() or int(status) not in self._accepted:
            raise LoadFailed(f"an answer began with {head[:60]!r}")
        self.status = int(status)
        lower = head.lower()
        self.closes = b"\r\nconnection: close" in lower or lower.startswith(b"http/1.0")
        if self._head_only or self.status in _WITHOUT_BODY:
            self._left = 0
        elif b"\r\ntransfer-encoding: chunked" in lower:
            self._chunks = _Chunks()
        else:
            self._left = _length(lower)


def _length(head: bytes) -> int:
    place = head.find(b"\r\ncontent-length:")
    if place < 0:
        raise LoadFailed("an answer has no Content-Length and no chunks: this generator can't tell where it ends")
    return int(head[place + 17 :].split(b"\r\n", 1)[0])


class _Chunks:
    """A chunked body: sizes in hexadecimal, each with its bytes, until a size of zero and the trailers' end."""

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        self._is_last = False

    def feed(self, part: bytes) -> bool:
        """Whether that was its end."""
        while part:
            if self._left:
                taken = min(self._left, len(part))
                self._left -= taken
                part = part[taken:]
                continue
            line, found, rest = (self._line + part).partition(b"\r\n")
            if not found:
                self._line = line
                return False
            self._line, part = b"", rest
            if self._is_last and not line:
                return True
            if not self._is_last and line:
                self._begin(line)
        return False

    def _begin(self, line: bytes) -> None:
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            raise LoadFailed(f"a chunk began with {line[:20]!r}") from None
        self._is_last = size == 0
        self._left = size
