"""Pure: a visitor who retries is one fault, not twenty."""

from collections.abc import Hashable

KEPT = 256
"""Visitors kept in mind at once. That many failing within one while trip long before one more could matter."""


class Once:
    """Lets each visitor count once every ``seconds``."""

    __slots__ = ("_last", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: dict[Hashable, float] = {}

    def counts(self, unit: Hashable, now: float) -> bool:
        """Whether what happened to this visitor now is to be counted."""
        last = self._last.get(unit)
        if last is not None and now - last < self._seconds:
            return False
        if last is None and len(self._last) >= KEPT and not self._make_room(now):
            return False
        self._last.pop(unit, None)
        self._last[unit] = now
        return True

    def _make_room(self, now: float) -> bool:
        """Forgets those who may count again; the oldest come first."""
        while self._last:
            oldest = next(iter(self._last))
            if now - self._last[oldest] < self._seconds:
                break
            del self._last[oldest]
        return len(self._last) < KEPT
