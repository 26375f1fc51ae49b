"""What Prometheus sees of dry runs."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric

from router.comparison.ledger import Ledger


def families(ledgers: Mapping[str, Ledger]) -> Iterator[Metric]:
    """Counts of this worker since it started. A result is a class of differences, or why nothing was compared."""
    runs = CounterMetricFamily(
        "strangler_dry_runs", "Writes that modern was asked first, by what came of it.", labels=["route", "result"]
    )
    for key, ledger in ledgers.items():
        summary = ledger.summary()
        for result, count in (*summary.results.items(), *summary.skipped.items()):
            runs.add_metric([key, result], count)
    yield runs
