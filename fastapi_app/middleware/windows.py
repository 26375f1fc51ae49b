"""How often each address asked of late, in memory that can't be filled. No I/O; the clock is passed in."""

MOST_ADDRESSES = 50_000
"""Then all are forgotten: whoever has that many addresses must spend them all for every fresh start."""


class Windows:
    """Counts requests per address over the last `seconds`, as a sliding window made of two fixed ones."""

    def __init__(self, limit: int, seconds: int, most: int = MOST_ADDRESSES) -> None:
        self.limit = limit
        self.seconds = seconds
        self._most = most
        self._number = -1
        self._current: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def hit(self, address: str, at: float) -> int:
        """Counts a request at `at` (seconds, of any clock that only rises). Returns how many there were, this included.

        More than `limit` means that it is one too many; such a request is not counted.
        """
        number = int(at // self.seconds)
        if number != self._number:
            self._before = self._current if number == self._number + 1 else {}
            self._current, self._number = {}, number
        now = self._current.get(address, 0)
        fading = 1 - at % self.seconds / self.seconds
        seen = int(now + self._before.get(address, 0) * fading) + 1
        if seen <= self.limit:
            if not now and len(self._current) >= self._most:
                self._current, self._before = {}, {}
            self._current[address] = now + 1
        return seen

    def wait(self, at: float) -> int:
        """Whole seconds, at least one, after which asking again is worth it."""
        return int(self.seconds - at % self.seconds) + 1
