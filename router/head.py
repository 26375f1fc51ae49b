"""Pure: what an application says in ``start_response``, as the start of an ASGI response."""

from collections.abc import Iterable
from dataclasses import dataclass

from router.types import Headers, Message


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers. ``bodiless``: no byte of a body may follow. ``length`` is the Content-Length, if told."""

    status: int
    headers: Headers
    bodiless: bool
    length: int | None

    @classmethod
    def parse(cls, status: str, headers: Iterable[tuple[str, str]], method: str) -> "Head":
        """The reason phrase may be missing. Repeated headers stay repeated."""
        code = int(status.split(None, 1)[0])
        encoded = [(name.strip().lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers]
        length = next((int(value) for name, value in encoded if name == b"content-length" and value.isdigit()), None)
        return cls(code, encoded, method == "HEAD" or code in {204, 304} or code < 200, length)

    def is_short(self, limit: int) -> bool:
        """Whether the whole body was promised to be short: then it may be held and sent at once."""
        return self.length is not None and self.length <= limit

    def message(self, size: int | None) -> Message:
        """The ASGI message. ``size`` is the body's, when it is known here and the application did not tell it."""
        headers = self.headers
        if size is not None and self.length is None and not self.bodiless:
            headers = [*headers, (b"content-length", b"%d" % size)]
        return {"type": "http.response.start", "status": self.status, "headers": headers}
