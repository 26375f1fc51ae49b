"""So many a second, and no more."""


class Rate:
    """``per_second`` on average, and as many at once after a pause. ``take`` is told the time."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._most = max(1.0, per_second)
        self._left = self._most
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Whether one more may pass now. A clock that goes back gives nothing, and takes nothing."""
        if self._at is not None and now > self._at:
            self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now if self._at is None else max(self._at, now)
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
