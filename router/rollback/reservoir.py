"""Pure: a fair sample of a stream, in bounded memory."""

from collections.abc import Callable

KEPT = 400
"""Durations kept of one side and window."""


class Reservoir:
    """Keeps ``KEPT`` of all values added, each as likely as any other. ``chance`` gives numbers in [0, 1)."""

    __slots__ = ("_chance", "seen", "values")

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self.seen = 0
        self.values: list[float] = []

    def add(self, value: float) -> None:
        self.seen += 1
        if len(self.values) < KEPT:
            self.values.append(value)
            return
        place = int(self._chance() * self.seen)
        if place < KEPT:
            self.values[place] = value
