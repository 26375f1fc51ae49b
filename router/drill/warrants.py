"""The warrants that a worker has honoured: each counts once."""

import time
from collections import Counter, deque
from collections.abc import Callable

from router.drill.warrant import read
from router.types import Receive, Scope, Send

MOST = 10_000
"""Warrants that are remembered. While so many are valid, no other one is honoured."""


class DrillFault(Exception):
    """Modern was made to fail, for the request of a drill."""

    def __init__(self) -> None:
        super().__init__("A drill asked modern to fail.")


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands in for the modern application, and raises before any handler of it runs."""
    del scope, receive, send
    raise DrillFault


class Warrants:
    """Without a key none is honoured. ``seen`` counts them by what became of them. ``now`` is the time of day."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._key: bytes | None = None
        self._used: set[str] = set()
        self._order: deque[tuple[int, str]] = deque()
        self.seen: Counter[str] = Counter()

    def trust(self, key: bytes) -> None:
        """From now on what is signed with it is honoured."""
        self._key = key

    def honours(self, text: bytes, route: str) -> bool:
        """Whether modern shall fail for this request of ``route``. Never raises for what a client sent."""
        now = self._now()
        warrant = None if self._key is None else read(self._key, text.decode("latin-1"), now)
        granted = warrant is not None and warrant.route == route and self._is_new(warrant.nonce, warrant.until, now)
        self.seen["honoured" if granted else "refused"] += 1
        return granted

    def _is_new(self, nonce: str, until: int, now: float) -> bool:
        while self._order and self._order[0][0] <= now:
            self._used.discard(self._order.popleft()[1])
        if nonce in self._used or len(self._used) >= MOST:
            return False
        self._used.add(nonce)
        self._order.append((until, nonce))
        return True
