"""What Prometheus may read about background work."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fastapi_app.jobs.health import Link, Load, Overview
from fastapi_app.jobs.presence import Role


class JobMetrics(Collector):
    """Counts what is handed in over HTTP, and tells what was seen of the rest.

    Whoever answers a scrape calls `show` before; without anything seen there are no gauges.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seen: Overview | None = None
        self._handed_in = Counter(
            "mvidarr_jobs_submitted_total", "Jobs handed in over HTTP", ("kind", "created"), registry=registry
        )
        registry.register(self)

    def count(self, kind: str, *, created: bool) -> None:
        """`kind` has been looked up, so that the number of series is bounded."""
        self._handed_in.labels(kind, str(created).lower()).inc()

    def show(self, seen: Overview | None) -> None:
        self._seen = seen

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: the registry would otherwise collect to find out."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        seen = self._seen
        if seen is not None:
            yield from _families(seen)


def _families(seen: Overview) -> Iterator[GaugeMetricFamily]:
    jobs = GaugeMetricFamily("mvidarr_jobs", "Jobs by queue and state", labels=("queue", "state"))
    for load in seen.loads:
        for state, number in load.jobs.items():
            jobs.add_metric((load.queue, state), number)
    yield jobs
    yield _by_queue("mvidarr_jobs_waiting", "Jobs that need a worker", seen, lambda load: load.waiting)
    yield _by_queue(
        "mvidarr_jobs_oldest_waiting_seconds",
        "How long the oldest job has needed a worker",
        seen,
        lambda load: load.oldest or 0.0,
    )
    yield _by_queue("mvidarr_job_queue_paused", "Whether nothing is begun", seen, lambda load: load.pause is not None)
    processes = GaugeMetricFamily("mvidarr_job_processes", "Processes that are alive", labels=("role",))
    for role in Role:
        processes.add_metric((role,), len(seen.alive(role)))
    yield processes
    redis = GaugeMetricFamily("mvidarr_job_redis_up", "Whether the Redis of jobs answers")
    redis.add_metric((), seen.link is Link.ANSWERS)
    yield redis


def _by_queue(name: str, meaning: str, seen: Overview, value: Callable[[Load], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=("queue",))
    for load in seen.loads:
        family.add_metric((load.queue,), value(load))
    return family
