"""Pure: what each side of each route did lately, in one worker or in all of them."""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import accumulate, dropwhile
from typing import NamedTuple

from migration_flags import JSON
from router.metrics import BUCKETS
from router.row import Side

WINDOW = 300.0
"""Seconds that are looked back."""
NAME = "traffic"
"""Where in a worker's facts it is."""
LENGTH = 40_000
"""Characters of JSON that a worker tells, of the 100,000 that a store keeps of a beat; the rollback's come first."""

_SIZE = len(BUCKETS) + 1


class Figures(NamedTuple):
    """``requests`` of one side, those that were ``faults``, and durations by bucket of `BUCKETS`.

    A fault is what takes a route back: a 5xx, or a failure that legacy answered for in modern's place.
    """

    requests: int = 0
    faults: int = 0
    buckets: tuple[int, ...] = (0,) * _SIZE

    def plus(self, other: "Figures") -> "Figures":
        buckets = tuple(ours + theirs for ours, theirs in zip(self.buckets, other.buckets, strict=True))
        return Figures(self.requests + other.requests, self.faults + other.faults, buckets)

    def told(self) -> str:
        """Short: requests, faults, the first bucket that is not empty, and the buckets from there."""
        filled = list(dropwhile(lambda count: not count, self.buckets))
        first = _SIZE - len(filled)
        while filled and not filled[-1]:
            filled.pop()
        return f"{self.requests}:{self.faults}:{first}:{','.join(map(str, filled))}"


Traffic = dict[str, dict[Side, Figures]]
"""By route and side. Who had no request is not there."""


def quantile(share: float, buckets: Iterable[int]) -> float | None:
    """The duration in seconds below which that share of the requests stayed, as Prometheus reckons it.

    Even within a bucket; what took longer than the last bound counts as that. None without requests.
    """
    sums = list(accumulate(buckets))
    if not sums or not sums[-1]:
        return None
    rank = share * sums[-1]
    index = next(number for number, count in enumerate(sums) if count >= rank and count > 0)
    if index >= len(BUCKETS):
        return BUCKETS[-1]
    below, floor = (sums[index - 1], BUCKETS[index - 1]) if index else (0, 0.0)
    return floor + (BUCKETS[index] - floor) * (rank - below) / (sums[index] - below)


def added(parts: Iterable[Mapping[str, Mapping[Side, Figures]]]) -> Traffic:
    """The sum of several workers, or slots."""
    found: Traffic = {}
    for part in parts:
        for key, sides in part.items():
            mine = found.setdefault(key, {})
            for side, figures in sides.items():
                mine[side] = mine[side].plus(figures) if side in mine else figures
    return found


def told(traffic: Mapping[str, Mapping[Side, Figures]], length: int = LENGTH) -> JSON:
    """For the other workers. Where that would be too long, the routes with the most requests are told."""
    busy = sorted(traffic.items(), key=lambda item: -sum(one.requests for one in item[1].values()))
    routes: dict[str, JSON] = {}
    for key, sides in busy:
        text = "|".join(sides[side].told() if side in sides else "" for side in (Side.LEGACY, Side.MODERN))
        length -= len(text) + 19  # digest, quotes, colon, comma
        if length < 0:
            break
        routes[_digest(key)] = text
    return {"buckets": _SIZE, "routes": routes}


def heard(fact: JSON, keys: Iterable[str]) -> Traffic:
    """What another worker told, of the routes that are known here. What can't be understood is passed over."""
    if not isinstance(fact, Mapping) or fact.get("buckets") != _SIZE:
        return {}
    routes = fact.get("routes")
    if not isinstance(routes, Mapping):
        return {}
    found: Traffic = {}
    for key in keys:
        text = routes.get(_digest(key))
        if isinstance(text, str):
            found[key] = _sides(text)
    return found


def _sides(text: str) -> dict[Side, Figures]:
    pairs = zip((Side.LEGACY, Side.MODERN), text.split("|"), strict=False)
    read = {side: _figures(part) for side, part in pairs if part}
    return {side: figures for side, figures in read.items() if figures is not None}


def _figures(text: str) -> Figures | None:
    try:
        requests, faults, first, counts = text.split(":")
        filled = [int(count) for count in counts.split(",") if count]
        buckets = [0] * int(first) + filled
        return Figures(int(requests), int(faults), tuple(buckets + [0] * (_SIZE - len(buckets)))[:_SIZE])
    except ValueError:
        return None


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=6).hexdigest()
