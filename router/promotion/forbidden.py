"""Pure: what forbids a promotion whatever else speaks for it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from migration_flags import Evidence
from router.comparison.mismatch import Kind
from router.comparison.summary import total
from router.demands.demand import Compared, Standing
from router.demands.evidence import forbidden as laxer
from router.dry_run.dry_runs import SOURCE

Forbidding = Callable[[str, Sequence[Evidence]], tuple[str, ...]]
"""Given a route's key and its evidence: why it may not be promoted, in sentences."""


def forbidden(declared: Compared | None, pieces: Iterable[Evidence], version: str, today: date) -> tuple[str, ...]:
    """A modern side that declares less than legacy, that lets in whom legacy refuses, or that writes something else.

    ``version`` is that of the present code: what dry runs found of other code does not count.
    """
    found = tuple(pieces)
    declares = (str(declared),) if declared is not None and declared.standing is Standing.LAXER else ()
    return (*declares, *laxer(found), *_written(found, version, today))


def _written(pieces: Sequence[Evidence], version: str, today: date) -> tuple[str, ...]:
    tried = [
        one
        for one in pieces
        if one.kind == "shadow" and one.source.endswith(f":{SOURCE}") and one.summary.get("versions") == [version]
    ]
    summary = total(tried)
    differing = [one for one in summary.findings(today) if one.kind.rank > Kind.NOISE.rank]
    if not differing:
        return ()
    worst = f"{differing[0].field} ({differing[0].kind.value})"
    return (f"In {summary.compared} dry runs {len(differing)} fields differed, the worst {worst}.",)
