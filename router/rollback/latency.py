"""Pure: trip D. The candidate is slower, by enough to matter, and stays so.

Compares two samples of durations by the Mann-Whitney statistic: every duration of the candidate less every one of the
control. The median of these differences is the Hodges-Lehmann shift: how much slower the candidate is, typically. The
98 % interval around it is read off the same differences, by rank. The window is slow where the interval's lower end is
above a quarter of the shift. That is stricter than a one-sided test at 1 %, which asks for a lower end above zero: the
shift must also be known to within three quarters of itself. And where the 95th percentiles differ by a quarter.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class LatencyRule:
    """``windows`` in a row of ``window`` seconds, each with at least ``samples`` of both sides, and each slow.

    Slow: the shift's interval of ``confidence`` begins above ``tolerance`` of the shift, and the candidate's 95th
    percentile is ``ratio`` times the control's or more.
    """

    window: float = 300.0
    windows: int = 3
    samples: int = 200
    confidence: float = 0.98
    tolerance: float = 0.25
    ratio: float = 1.25


@dataclass(frozen=True, slots=True)
class Shift:
    """How much slower the candidate is, in seconds, and the lower end of the interval around that."""

    lower: float
    estimate: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two samples side by side. ``shift`` is None where the 95th percentiles already say that nothing is slow."""

    samples: tuple[int, int]
    p95: tuple[float, float]
    shift: Shift | None
    slow: bool


def compare(control: Sequence[float], candidate: Sequence[float], rule: LatencyRule) -> Comparison | None:
    """The candidate's durations against the control's. None: too few to say anything."""
    if min(len(control), len(candidate)) < rule.samples:
        return None
    ours, theirs = sorted(candidate), sorted(control)
    sizes, p95 = (len(theirs), len(ours)), (percentile(theirs, 0.95), percentile(ours, 0.95))
    if p95[1] < rule.ratio * p95[0] or p95[1] <= p95[0]:
        return Comparison(sizes, p95, None, slow=False)
    found = shift(theirs, ours, rule.confidence)
    # the lower end is never above the shift itself, so a shift of nothing, or less, is not slow
    slow = found.lower > rule.tolerance * found.estimate
    return Comparison(sizes, p95, found, slow)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` of an ordered, non-empty sample lies."""
    return ordered[min(len(ordered) - 1, floor(share * len(ordered)))]


def shift(control: Sequence[float], candidate: Sequence[float], confidence: float) -> Shift:
    """The Hodges-Lehmann shift of two ordered samples, and the lower end of its two-sided interval."""
    pairs = len(control) * len(candidate)
    deviation = sqrt(pairs * (len(control) + len(candidate) + 1) / 12)
    below = floor(pairs / 2 - NormalDist().inv_cdf((1 + confidence) / 2) * deviation)
    return Shift(difference(control, candidate, max(0, below - 1)), difference(control, candidate, pairs // 2))


def difference(control: Sequence[float], candidate: Sequence[float], rank: int) -> float:
    """Of all the candidate's values less all the control's, the one with so many below it; samples are ordered.

    Found by halving, down to the nearest of them: all of two samples of 400 would be 160,000 numbers to sort.
    """
    low, high = candidate[0] - control[-1], candidate[-1] - control[0]
    for _ in range(60):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if _at_most(control, candidate, middle) > rank:
            high = middle
        else:
            low = middle
    ends = ((value, bisect_right(candidate, value + high)) for value in control)
    return max((candidate[end - 1] - value for value, end in ends if end), default=high)


def _at_most(control: Sequence[float], candidate: Sequence[float], limit: float) -> int:
    """How many differences are at most ``limit``: for each control value, the candidate's up to it and the limit."""
    return sum(bisect_right(candidate, value + limit) for value in control)


class Slowness:
    """Windows in a row that were slow."""

    __slots__ = ("_rule", "row")

    def __init__(self, rule: LatencyRule) -> None:
        self._rule = rule
        self.row = 0

    def add(self, found: Comparison | None) -> bool:
        """One window is over. Whether that trips. A window with too little in it breaks the row."""
        self.row = self.row + 1 if found is not None and found.slow else 0
        return self.row >= self._rule.windows
