"""How often what was kept is found again."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from fastapi_app.caching.store import Tally

_OUTCOMES = {"hits": "hit", "misses": "miss", "unchanged": "unchanged"}


@dataclass(frozen=True)
class Figures:
    """One cache of this process. `rate` is the share of questions that cost no more than a look at the versions,
    between 0 and 1; None before the first question.
    """

    cache: str
    hits: int
    misses: int
    unchanged: int
    evictions: int
    entries: int
    size: int
    rate: float | None


def figures(tallies: Mapping[str, Tally]) -> list[Figures]:
    """By name."""
    return [Figures(cache=name, **asdict(tally), rate=_rate(tally)) for name, tally in sorted(tallies.items())]


def _rate(tally: Tally) -> float | None:
    spared = tally.hits + tally.unchanged
    return spared / (spared + tally.misses) if spared + tally.misses else None


class CacheMetrics(Collector):
    """What Prometheus may read of it. Whoever builds the caches tells where they count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tallies: Mapping[str, Tally] = {}
        registry.register(self)

    def follow(self, tallies: Mapping[str, Tally]) -> None:
        self._tallies = tallies

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: the registry would otherwise collect to find out."""
        return iter(())

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        tallies = dict(self._tallies)  # a scrape reads in a thread of its own
        asked = CounterMetricFamily("mvidarr_cache_answers", "Answers that may be kept", labels=("cache", "outcome"))
        gone = CounterMetricFamily("mvidarr_cache_evictions", "Answers that made room for others", labels=("cache",))
        size = GaugeMetricFamily("mvidarr_cache_bytes", "What is kept, in bytes", labels=("cache",))
        for name, tally in sorted(tallies.items()):
            for member, outcome in _OUTCOMES.items():
                asked.add_metric((name, outcome), getattr(tally, member))
            gone.add_metric((name,), tally.evictions)
            size.add_metric((name,), tally.size)
        yield from (asked, gone, size)
