"""Counts and durations, kept as plain numbers on the event loop and read by Prometheus when it asks.

prometheus_client's own counters take a lock per request; these are touched by one thread.

Gauges that differ from worker to worker name theirs; the others are the same everywhere. So whoever puts the figures of
several workers together adds up counters and histograms, and takes the highest of a gauge's values.
"""

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from router.row import Side

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = (*map(str, BUCKETS), "+Inf")


class Histogram:
    """Durations in seconds, by bucket."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def add(self, other: "Histogram") -> None:
        self.counts = [ours + theirs for ours, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def buckets(self) -> list[tuple[str, float]]:
        return list(zip(_BOUNDS, map(float, accumulate(self.counts)), strict=True))


@dataclass
class Gauges:
    """What is asked for when Prometheus reads: numbers that others keep."""

    epoch: Callable[[], int] = lambda: 0
    flags_current: Callable[[], bool] = lambda: True
    threads: Callable[[], dict[str, int]] = dict
    worker: Callable[[], str] = lambda: str(os.getpid())


@dataclass(eq=False)
class Metrics(Collector):
    """The router's collector. `count` is the hot path's only call. ``parts`` count for themselves, and are asked."""

    gauges: Gauges = field(default_factory=Gauges)
    parts: Sequence[Callable[[], Iterable[Metric]]] = ()
    observer_errors: int = 0
    queue_wait: Histogram = field(default_factory=Histogram)
    _series: dict[tuple[str, Side, int], Histogram] = field(default_factory=dict)

    def count(self, key: str, side: Side, status: int, seconds: float) -> None:
        """One finished request of the route ``key``, answered by ``side``."""
        label = (key, side, status // 100)
        histogram = self._series.get(label)
        if histogram is None:
            histogram = self._series[label] = Histogram()
        histogram.counts[bisect_left(BUCKETS, seconds)] += 1
        histogram.total += seconds

    def requests(self) -> dict[tuple[str, Side, int], int]:
        """Finished requests by route, side and first digit of the status."""
        return {label: sum(histogram.counts) for label, histogram in self._series.copy().items()}

    def collect(self) -> Iterable[Metric]:
        yield self._requests_total()
        yield self._duration_seconds()
        yield self._of_worker("strangler_config_epoch", "Epoch of the flags in use.", self.gauges.epoch())
        current = float(self.gauges.flags_current())
        yield self._of_worker("strangler_flags_current", "1 while the flag store can be read.", current)
        yield self._wsgi_threads()
        wait = HistogramMetricFamily("strangler_wsgi_queue_wait_seconds", "Time spent waiting for a legacy thread.")
        wait.add_metric([], self.queue_wait.buckets(), self.queue_wait.total)
        yield wait
        errors = CounterMetricFamily("strangler_observer_errors", "Observers that raised.")
        errors.add_metric([], self.observer_errors)
        yield errors
        for part in self.parts:
            yield from part()

    def _requests_total(self) -> Metric:
        family = CounterMetricFamily(
            "strangler_requests", "Finished requests.", labels=["route", "side", "status_class"]
        )
        for (key, side, status), count in self.requests().items():
            family.add_metric([key, side.value, f"{status}xx"], count)
        return family

    def _duration_seconds(self) -> Metric:
        family = HistogramMetricFamily(
            "strangler_request_duration_seconds", "Request durations.", labels=["route", "side"]
        )
        merged: dict[tuple[str, Side], Histogram] = {}
        for (key, side, _), histogram in self._series.copy().items():
            merged.setdefault((key, side), Histogram()).add(histogram)
        for (key, side), histogram in merged.items():
            family.add_metric([key, side.value], histogram.buckets(), histogram.total)
        return family

    def _wsgi_threads(self) -> Metric:
        family = GaugeMetricFamily("strangler_wsgi_threads", "Legacy threads by state.", labels=["state", "worker"])
        for state, count in self.gauges.threads().items():
            family.add_metric([state, self.gauges.worker()], count)
        return family

    def _of_worker(self, name: str, text: str, value: float) -> Metric:
        family = GaugeMetricFamily(name, text, labels=["worker"])
        family.add_metric([self.gauges.worker()], value)
        return family
