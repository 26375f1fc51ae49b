"""Pure: whether the mirror has seen enough of a route, and nothing wrong with it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from migration_flags import Evidence
from router.comparison.mismatch import Kind
from router.comparison.noise import Meaning
from router.comparison.summary import Summary
from router.promotion.finding import Finding
from router.promotion.recorded import age, read_summary
from router.promotion.rules import GateRules


def mirrored(pieces: Iterable[Evidence], version: str, now: datetime, rules: GateRules) -> tuple[Finding, ...]:
    """The findings on all that was mirrored with the present code, over all workers. Older evidence is left out."""
    summary = _total(pieces, version, now, rules)
    return tuple(_findings(summary, now, rules))


def _total(pieces: Iterable[Evidence], version: str, now: datetime, rules: GateRules) -> Summary:
    total = Summary()
    for piece in pieces:
        if piece.kind != "shadow" or age(piece, now) > rules.age:
            continue
        summary = read_summary(piece)
        if summary is not None and summary.versions in {(), (version,)}:
            total += summary
    return total


def _findings(summary: Summary, now: datetime, rules: GateRules) -> Iterator[Finding]:
    yield _finding(
        summary.compared >= rules.compared,
        f"The mirror compared {summary.compared} of {rules.compared} requests",
        "leave the route at shadow",
    )
    watched = _between(summary)
    yield _finding(
        watched >= rules.watched, f"The mirror watched for {hours(watched)} of {hours(rules.watched)}", "wait"
    )
    yield _finding(
        summary.coverage >= rules.coverage,
        f"The mirror compared {summary.coverage:.0%} of the shapes that requests had, of {rules.coverage:.0%}",
        "wait, or raise `--mirror`",
    )
    differing = [
        one
        for one in summary.findings(now.date())
        if one.kind.rank >= Kind.VALUE.rank and one.meaning is not Meaning.NOISE
    ]
    worst = f", the worst {differing[0].field} ({differing[0].kind.value})" if differing else ""
    yield _finding(
        not differing, f"The mirror found {len(differing)} fields that differ{worst}", "mend them, or waive them"
    )


def _finding(passed: bool, fact: str, way_out: str) -> Finding:
    """The way out is told where one is needed."""
    return Finding(passed, f"{fact}." if passed else f"{fact}: {way_out}.")


def _between(summary: Summary) -> timedelta:
    if not summary.since or not summary.until:
        return timedelta()
    return datetime.fromisoformat(summary.until) - datetime.fromisoformat(summary.since)


def hours(time: timedelta) -> str:
    """For people: minutes below two hours."""
    minutes = time.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
