"""What Prometheus sees of the mirror."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from router.comparison.ledger import Ledger
from router.comparison.noise import Meaning
from router.mirror.skip import Skip


def families(ledgers: Mapping[str, Ledger], today: date) -> Iterator[Metric]:
    """Counts of this worker since it started, read while it goes on counting."""
    results = CounterMetricFamily(
        "strangler_shadow", "Mirrored requests, by the worst class of their differences.", labels=["route", "result"]
    )
    dropped = CounterMetricFamily("strangler_shadow_dropped", "Requests that were not mirrored.", labels=["why"])
    fields = GaugeMetricFamily(
        "strangler_diff_findings", "Fields in which modern differs from legacy.", labels=["route", "class"]
    )
    why: Counter[str] = Counter()
    for key, ledger in ledgers.items():
        summary = ledger.summary()
        for result, count in summary.results.items():
            results.add_metric([key, result], count)
        why.update(summary.skipped)
        found = Counter(one.kind.value for one in ledger.findings(today) if one.meaning is Meaning.FINDING)
        for kind, count in found.items():
            fields.add_metric([key, kind], count)
    for reason, count in why.items():
        if reason != Skip.SAMPLE:
            dropped.add_metric([reason], count)
    yield from (results, dropped, fields)
