"""Pure: a slice of traffic, the unit in which trip C weighs faults."""

from collections.abc import Hashable
from dataclasses import dataclass, field

UNITS_KEPT = 10_000
"""Distinct visitors that a slice tells apart, on each side."""


@dataclass(frozen=True, slots=True)
class SliceRule:
    """A slice lasts ``seconds``; longer, up to ``longest``, until it has ``requests``.

    At 20 requests a second and more it is the second's traffic. Below, the share of a single second would be 0 or 1
    and say nothing. Neither end depends on which requests failed, so within a slice every request is as likely as any
    other to be the one that did.
    """

    seconds: float = 1.0
    requests: int = 20
    longest: float = 30.0


@dataclass(slots=True)
class Part:
    """One side's part in a slice. ``faults`` and ``refusals`` (4xx) are counted once per visitor and while."""

    requests: int = 0
    units: set[Hashable] = field(default_factory=set)
    faults: int = 0
    refusals: int = 0

    def add(self, unit: Hashable) -> None:
        self.requests += 1
        if len(self.units) < UNITS_KEPT:
            self.units.add(unit)


@dataclass(slots=True)
class Slice:
    """Traffic of both sides since ``began`` (seconds)."""

    began: float
    control: Part = field(default_factory=Part)
    candidate: Part = field(default_factory=Part)

    def is_over(self, now: float, rule: SliceRule) -> bool:
        age = now - self.began
        if age < rule.seconds:
            return False
        return age >= rule.longest or self.control.requests + self.candidate.requests >= rule.requests

    @property
    def share(self) -> float:
        """The candidate's share, 0 to 1: of requests or of visitors, whichever is larger.

        Faults count once per visitor and while. So a visitor who asks without end has a larger part in the requests
        than in the faults, and the share of requests alone would make the other side look worse than it is. The larger
        share is the careful one: the expectation of a factor falls as the share grows.
        """
        by_requests = _share(self.candidate.requests, self.control.requests)
        return max(by_requests, _share(len(self.candidate.units), len(self.control.units)))


def _share(candidate: int, control: int) -> float:
    return candidate / (candidate + control) if candidate else 0.0
