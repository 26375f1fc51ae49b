"""How many threads clients may hold at once, by what they take or send slowly."""

import threading
import time
from collections.abc import Callable

from router.errors import Saturated

YOUNG = 1.0
"""Seconds after which a holder is not expected to end soon, and nobody waits for its place any more."""


class Places:
    """At most ``limit`` holders: answers that are being streamed, and large uploads that are being read.

    They last as long as their clients like, so they may not take the last thread from requests that don't. `enter` is
    called in the thread that would be held: refused there, the thread is free at once. A refusal therefore comes before
    the first byte, and a request that may already have changed something is never refused.
    """

    def __init__(self, limit: int, retry_after: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._retry_after = retry_after
        self._clock = clock
        self._since: dict[object, float] = {}
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._since)

    def enter(self, holder: object, *, obliged: bool) -> None:
        """Takes a place, also beyond the limit where ``obliged``. Raises `Saturated`.

        Waits for a place while one of the holders is young: a burst of large answers ends by itself.
        """
        with self._changed:
            until = self._clock() + YOUNG
            while len(self._since) >= self.limit and holder not in self._since and not obliged:
                left = min(until, max(self._since.values()) + YOUNG) - self._clock()
                if left <= 0:
                    raise Saturated(self._retry_after)
                self._changed.wait(left)
            self._since.setdefault(holder, self._clock())

    def leave(self, holder: object) -> None:
        """Gives the place back, if there is one."""
        with self._changed:
            if self._since.pop(holder, None) is not None:
                self._changed.notify_all()
