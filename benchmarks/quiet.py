"""Whether the machine has nothing else to do: a measurement on a busy one is refused, not corrected.

Before anything is started the load average is looked at. While measuring, a loop that always does the same work is
timed on the server's core, so that the report can say how the machine's pace changed. That alone refuses nothing: on a
machine with other guests the pace changes several times a second, and a round is as long as many such changes. What
noise leaves uncertain shows in the rounds, and a verdict that they don't bear is not given (`findings.interval`).
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

REFUSED = 3
"""The exit code of a run that was refused."""

_TURNS = 60_000
_TRIES = 29
_LOOK_EVERY = 5.0


class Noisy(Exception):
    """The machine has something else to do. The message says how that is known."""


@dataclass
class Quiet:
    """Watches one part. With ``even_if`` a busy machine is noted, not refused: ``noise`` says so beside every figure.

    ``calibrate`` gives the seconds that the same work takes now, ``wait`` lets so many seconds pass.
    """

    even_if: bool
    calibrate: Callable[[], float]
    wait: Callable[[float], None] = time.sleep
    calibrations: list[float] = field(default_factory=list)
    noise: list[str] = field(default_factory=list)

    def begin(self, load: Callable[[], float], most: float, within: float) -> None:
        """Waits until the load average is low enough, for so many seconds at most. Raises `Noisy`."""
        left = 0.0 if self.even_if else within
        while (now := load()) > most:
            if left <= 0:
                sentence = f"the load average is {now:.1f}, and {most:g} is the most at which measuring begins"
                if not self.even_if:
                    raise Noisy(f"Refused: {sentence}.")
                self.noise.append(sentence)
                return
            self.wait(_LOOK_EVERY)
            left -= _LOOK_EVERY

    def look(self) -> float:
        """Calibrates, and keeps what was found."""
        self.calibrations.append(self.calibrate())
        return self.calibrations[-1]


def calibrated(core: int) -> float:
    """Seconds that the same work takes on a core: the median of a few turns.

    The fastest would be one that a neighbour on the core left alone, and would never tell of him.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return median(_worked() for _ in range(_TRIES))
    finally:
        os.sched_setaffinity(0, before)


def _worked() -> float:
    started, total = time.perf_counter(), 0
    for number in range(_TURNS):
        total += number * number % 7
    return time.perf_counter() - started
