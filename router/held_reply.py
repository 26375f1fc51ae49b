"""A modern answer that goes out when it is known to be one."""

from router.reply import Reply
from router.row import Side
from router.types import Headers, Message, Send

_EVENT_STREAM = b"text/event-stream"
_UNCERTAIN = frozenset({500, 501})
"""Statuses that an application may give in an exception's place: their answers wait until it has ended."""


class HeldReply(Reply):
    """Holds the start of an answer until its first part comes; a 500 or a 501 until the application ends.

    ``status`` stays 0 as long as nothing went out. More than ``room`` bytes are not held.
    """

    _start: Message | None = None
    _more: tuple[Message, ...] = ()
    _passes = False
    served_by = Side.MODERN

    def __init__(self, send: Send, headers: Headers, room: int, private: bool = False) -> None:
        self._send = send
        self.headers = headers
        self.private = private
        self._room = room

    @property
    def held_status(self) -> int:
        """The status of the answer that waits; 0 where none does."""
        return 0 if self._start is None else int(self._start["status"])

    async def __call__(self, message: Message) -> None:
        start = self._start
        if start is None:
            if self._passes or message["type"] != "http.response.start":
                await Reply.__call__(self, message)
                return
            headers = message.get("headers", ())
            if not isinstance(headers, list):  # ASGI allows what can be read but once
                headers = [*headers]
                message = {**message, "headers": headers}
            if dict(headers).get(b"content-type", b"").startswith(_EVENT_STREAM):
                self._passes = True
                await Reply.__call__(self, message)
            else:
                self._start = message
        elif start["status"] in _UNCERTAIN and self._has_room(message):
            self._more = (*self._more, message)
        elif self._more or self.bodiless or self.limit is not None:
            held = (start, *self._more, message)
            self.forget()
            if not self.is_too_large:
                await self._out(*held)
        else:
            self._start, self._passes = None, True
            try:
                await self._send(self._signed(start))
                await self._send(message)
            except Exception:  # as in `_out`, which is a call more for nearly every answer
                self.lost = True
                raise

    def _has_room(self, message: Message) -> bool:
        self._room -= len(message.get("body", b""))
        return self._room >= 0

    async def release(self) -> None:
        """Lets out what was held, and holds nothing more."""
        start, more = self._start, self._more
        self.forget()
        if start is not None and not self.is_too_large:
            await self._out(start, *more)

    def forget(self) -> None:
        """Drops what was held: another side answers."""
        self._passes = True
        self._start, self._more = None, ()
