"""Made-up traffic of one route: visitors who stay on one side, faults of both, and outages that both share."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

VISITORS = 1000


@dataclass(frozen=True)
class Traffic:
    """``rate`` in requests per second; ``share`` of the visitors on modern; faults per request of each side.

    Modern fails with ``candidate_late`` from ``late`` seconds on. Outages come every ``outage_every`` seconds in the
    mean, last ``outage_seconds`` in the mean, and then ``outage_faults`` of all requests fail, whichever side they are
    on.
    """

    rate: float
    control: float = 0.01
    candidate: float = 0.01
    share: float = 0.05
    late: float = float("inf")
    candidate_late: float = 0.0
    outage_every: float = float("inf")
    outage_seconds: float = 5.0
    outage_faults: float = 0.6


class Request(NamedTuple):
    at: float
    is_candidate: bool
    unit: int
    fault: bool


def requests(traffic: Traffic, seconds: float, chance: random.Random) -> Iterator[Request]:
    """So many seconds of it, from 0."""
    on_modern = round(traffic.share * VISITORS)
    at = 0.0
    begins, ends = _outage(traffic, 0.0, chance)
    while True:
        at += chance.expovariate(traffic.rate)
        if at >= seconds:
            return
        if at > ends:
            begins, ends = _outage(traffic, ends, chance)
        unit = int(chance.random() * VISITORS)
        is_candidate = unit < on_modern
        faults = traffic.control
        if is_candidate:
            faults = traffic.candidate_late if at >= traffic.late else traffic.candidate
        if begins <= at:
            faults = max(faults, traffic.outage_faults)
        yield Request(at, is_candidate, unit, chance.random() < faults)


def _outage(traffic: Traffic, after: float, chance: random.Random) -> tuple[float, float]:
    if traffic.outage_every == float("inf"):
        return float("inf"), float("inf")
    begins = after + chance.expovariate(1 / traffic.outage_every)
    return begins, begins + chance.expovariate(1 / traffic.outage_seconds)
