"""The metrics of stages: how far each route has moved, and what came in its way."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from migration_flags import Flag, Snapshot, Stage
from router.decision import Prospect
from router.delivery import Delivery
from router.oversight import Oversight
from router.refresher import Picture
from router.rollback.trip import TripKind
from router.row import Owner, Side
from router.selection import Selector
from router.wsgi import WSGIBackend

_Label = TypeVar("_Label", bound=tuple[str, ...])
_FULL = frozenset({Stage.MODERN, Stage.RETIRED})


class StageMetrics:
    """Reads what others count. `collect` is called when Prometheus asks, from another thread."""

    def __init__(
        self,
        picture: Callable[[], Picture],
        legacy: WSGIBackend,
        selector: Selector,
        delivery: Delivery,
        oversight: Oversight,
    ) -> None:
        self._oversight = oversight
        self._picture = picture
        self._legacy = legacy
        self._selector = selector
        self._delivery = delivery

    def collect(self) -> Iterable[Metric]:
        fallbacks = self._delivery.fallbacks
        yield _counted("strangler_fallbacks", "Answers by legacy in modern's place.", "route reason", fallbacks)
        refused = {(obstacle,): count for obstacle, count in self._delivery.refused_fallbacks.copy().items()}
        yield _counted("strangler_fallbacks_refused", "Failures that did not fall back.", "reason", refused)
        claims = {(claim,): count for claim, count in self._selector.claims.copy().items()}
        yield _counted("strangler_overrides", "What became of overrides.", "result", claims)
        yield _counted("strangler_rollbacks", "Rollbacks by this worker.", "route trip", self._rollbacks())
        flips = CounterMetricFamily("strangler_identity_flips", "Visitors who became somebody else.")
        flips.add_metric([], self._selector.identity.flips)
        yield flips
        held = {(): self._legacy.streams}
        yield _by_worker("strangler_streams", "Legacy threads that clients hold.", "", held)
        waiting = {(): self._legacy.waiting}
        yield _by_worker("strangler_wsgi_waiting", "Requests that wait for a legacy thread.", "", waiting)
        evidence = {} if self._oversight.guard is None else self._oversight.guard.e_values()
        against = {(key,): value for key, value in evidence.items()}
        yield _by_worker("strangler_evalue", "What speaks against a route's modern side.", "route", against)
        yield from self._routes()

    def _rollbacks(self) -> dict[tuple[str, str], int]:
        trips = self._oversight.rollback.trips.copy()
        return {label: count for label, count in trips.items() if TripKind(label[1]).rolls_back}

    def _routes(self) -> Iterable[Metric]:
        picture = self._picture()
        rollout = GaugeMetricFamily("strangler_rollout_percent", "Share of visitors on modern.", labels=["route"])
        stages: Counter[str] = Counter({stage.value: 0 for stage in Stage})
        for row, prospect in picture.prospects.items():
            if row.owner is Owner.BOTH:
                rollout.add_metric([row.key], percent(prospect, picture.snapshot))
                stages[prospect.decision.stage.value] += 1
        yield rollout
        routes = GaugeMetricFamily("strangler_routes", "Routes that both sides have, by stage.", labels=["stage"])
        for stage, count in stages.items():
            routes.add_metric([stage], count)
        yield routes
        yield _latched(picture.snapshot)
        withheld: Counter[tuple[str, ...]] = Counter((why,) for why in picture.withheld.values())
        text = "Routes that this worker keeps on legacy whatever their flags say."
        yield _by_worker("strangler_routes_withheld", text, "why", withheld)


def percent(prospect: Prospect, snapshot: Snapshot) -> float:
    """The share of visitors that a row's flag sends to modern now, rules and overrides left out: 0 to 100."""
    if prospect.settled:
        return 100.0 if prospect.decision.side is Side.MODERN else 0.0
    flag: Flag | None = snapshot.get(prospect.row.key)
    if flag is None:
        return 0.0
    return 100.0 if flag.stage in _FULL else flag.percent or 0.0


def _latched(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily("strangler_latched", "1 for a route that rolled itself back.", labels=["route", "trip"])
    for flag in snapshot:
        if flag.latch is not None:
            family.add_metric([flag.key, flag.latch.trip], 1.0)
    return family


def _by_worker(name: str, text: str, labels: str, values: Mapping[_Label, float]) -> Metric:
    """A gauge of this worker alone."""
    family = GaugeMetricFamily(name, text, labels=[*labels.split(), "worker"])
    for label, value in dict(values).items():
        family.add_metric([*label, str(os.getpid())], value)
    return family


def _counted(name: str, text: str, labels: str, counts: Mapping[_Label, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=labels.split())
    for label, count in dict(counts).items():
        family.add_metric(list(label), count)
    return family
