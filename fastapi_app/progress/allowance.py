"""How many messages a client may send. Pure: time is passed in, in seconds."""

PER_SECOND = 20.0
BURST = 60.0
PATIENCE = 1_000
"""Messages refused before the socket is closed: that is no mistake any more."""


class Allowance:
    """A bucket of tokens, full at first."""

    def __init__(self, now: float, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._at = now
        self.refused = 0

    def takes(self, now: float) -> bool:
        """Whether one more message is taken."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        return True

    @property
    def is_exhausted(self) -> bool:
        """Whether the client has been refused so often that it must go."""
        return self.refused > PATIENCE
