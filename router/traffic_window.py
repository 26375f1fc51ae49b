"""One worker's traffic of the last minutes, made of what it counts anyway: a request pays nothing for it."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from router.delivery import Delivery
from router.metrics import BUCKETS, Metrics
from router.refresher import Picture
from router.row import Side
from router.table import RouteTable
from router.traffic import WINDOW, Figures, Traffic, added

SLOT = 10.0
"""Seconds after which what was counted is put aside: the window is right to within that."""
_NOTHING = (0,) * (len(BUCKETS) + 1)

Series = Mapping[tuple[str, Side, int], "Counted"]


class Counted(NamedTuple):
    """Requests of one route, side and class of status since the process started, by duration; and all ``seconds``."""

    counts: tuple[int, ...]
    seconds: float


class Window:
    """This worker's last minutes. ``series`` are the totals since the start; ``fallbacks`` counts by route how often
    legacy answered for modern; ``side_of`` says to which side a failure belongs that the router had to answer: None
    where the visitor decides.

    `look` is called every few seconds, by any thread; a request pays nothing. ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        series: Callable[[], Series],
        fallbacks: Callable[[], Mapping[str, int]],
        side_of: Callable[[str], Side | None],
        clock: Callable[[], float],
    ) -> None:
        self._series = series
        self._fallbacks = fallbacks
        self._side_of = side_of
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, Side, int], Counted] = {}
        self._fallen: dict[str, int] = {}
        self._slots: deque[tuple[float, Traffic]] = deque()

    def look(self) -> None:
        """Counts what came since the last look."""
        with self._lock:
            now = self._clock()
            fresh = self._fresh()
            if not self._slots or now - self._slots[-1][0] >= SLOT:
                self._slots.append((now, {}))
            started, slot = self._slots[-1]
            self._slots[-1] = (started, added([slot, fresh]))
            while self._slots and now - self._slots[0][0] > WINDOW:
                self._slots.popleft()

    def figures(self) -> Traffic:
        """Of the last `WINDOW` seconds, up to the last look."""
        with self._lock:
            return added(slot for _, slot in self._slots)

    def _fresh(self) -> Traffic:
        parts: list[Traffic] = []
        for label, present in self._series().items():
            before = self._known.get(label)
            if before is None or before.seconds != present.seconds or before.counts != present.counts:
                self._known[label] = present
                part = self._part(label, before, present)
                parts += [part] if part else []
        for key, count in self._fallbacks().items():
            new = count - self._fallen.get(key, 0)
            if new:
                self._fallen[key] = count
                parts.append({key: {Side.MODERN: Figures(new, new)}})
        return added(parts)

    def _part(self, label: tuple[str, Side, int], before: Counted | None, present: Counted) -> Traffic:
        key, side, status = label
        old = before.counts if before is not None else _NOTHING
        buckets = tuple(new - known for new, known in zip(present.counts, old, strict=True))
        requests = sum(buckets)
        is_fault = status == 5
        if side is Side.ROUTER:
            blamed = self._side_of(key) if is_fault else None
            return {} if blamed is None else {key: {blamed: Figures(requests, requests, buckets)}}
        return {key: {side: Figures(requests, requests if is_fault else 0, buckets)}}


def window_of(
    metrics: Callable[[], Metrics],
    delivery: Delivery,
    table: RouteTable,
    picture: Callable[[], Picture],
    clock: Callable[[], float],
) -> Window:
    """The window on what a router counts."""

    def series() -> dict[tuple[str, Side, int], Counted]:
        found = metrics()._series.copy()  # noqa: SLF001  # plain numbers that belong to the event loop, only read
        return {label: Counted(tuple(one.counts), one.total) for label, one in found.items()}

    def fallbacks() -> dict[str, int]:
        found: Counter[str] = Counter()
        for (key, _), count in delivery.fallbacks.copy().items():
            found[key] += count
        return found

    def blamed(key: str) -> Side | None:
        if key == table.own.key:
            return None
        prospect = picture().prospects[table[key]]
        return None if prospect.asks else prospect.decision.side

    return Window(series, fallbacks, blamed, clock)
