"""Pure: a fair sample of a stream, in bounded memory."""

from collections.abc import Callable, Sequence
from math import log, log1p

KEPT = 400
"""Durations kept of one side and window."""

_BELOW_ONE = 1 - 2**-53


class Reservoir:
    """Keeps ``KEPT`` of all values added, each as likely as any other. ``chance`` gives numbers in [0, 1).

    Once it is full it draws how many values it passes over before it keeps another, so that a thousand values cost
    little more than one (K.-H. Li, Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n))), 1994).
    """

    __slots__ = ("_chance", "_next", "_weight", "seen", "values")

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self.seen = 0
        self.values: list[float] = []
        self._weight = 1.0
        self._next = KEPT - 1

    def add(self, value: float) -> None:
        self.extend((value,))

    def extend(self, values: Sequence[float]) -> None:
        """All of them, in their order."""
        began = self.seen
        self.seen += len(values)
        if began < KEPT:
            self.values += values[: KEPT - began]
            if self.seen < KEPT:
                return
            self._pass_over()
        while self._next < self.seen:
            self.values[int(self._chance() * KEPT)] = values[self._next - began]
            self._pass_over()

    def _pass_over(self) -> None:
        """Draws which value is kept next, counted from the first of all."""
        self._weight = min(self._weight * (1 - self._chance()) ** (1 / KEPT), _BELOW_ONE)
        self._next += int(log(1 - self._chance()) / log1p(-self._weight)) + 1
