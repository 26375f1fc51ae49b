"""Pure: what a drill may ask."""

import re
from collections.abc import Iterable

from migration_flags import Snapshot, Stage
from router.drill.errors import DrillRefused
from router.row import Owner, Row
from router.table import RouteTable

_VALUES = ("1", "x", "987654321")
_PARAMETER = re.compile(r"\{[^}]*\}")


def drillable(row: Row, snapshot: Snapshot) -> Row:
    """The row. Raises `DrillRefused` where a drill would do harm, or show nothing."""
    flag = snapshot.get(row.key)
    if row.owner is not Owner.BOTH or row.unmatched:
        raise DrillRefused(f"{row.key} is {row.owner.value}'s alone: there is nothing to go back to.")
    if row.method != "GET":
        raise DrillRefused(f"{row.key} changes something when it is asked: a drill asks GET routes alone.")
    if flag is not None and flag.stage is Stage.RETIRED:
        raise DrillRefused(f"{row.key} is retired: legacy has nothing to go back to.")
    return row


def refuse_closed(row: Row, snapshot: Snapshot) -> None:
    """Raises `DrillRefused` where no request of the route can reach modern now."""
    flag = snapshot.get(row.key)
    if snapshot.killed:
        raise DrillRefused("The kill switch is on: everything is legacy's already. `strangler flags kill off` ends it.")
    if flag is not None and flag.latch is not None:
        raise DrillRefused(
            f"{row.key} took itself back on {flag.latch.at[:16]}: see `strangler flags show`, and set a stage first."
        )


def path_for(table: RouteTable, row: Row, given: str | None) -> str:
    """A path of the row: the one that is given, or one that fits its template. Raises `DrillRefused`."""
    candidates = _filled(row.template) if given is None else [given]
    for path in candidates:
        if table.match("GET", path.partition("?")[0]) is row:
            return path
    what = "No path could be made up" if given is None else f"{given} is not a path"
    raise DrillRefused(f"{what} of {row.key}: give one that has no effects, as --path /api/orders/7.")


def _filled(template: str) -> Iterable[str]:
    return [_PARAMETER.sub(value, template) for value in _VALUES]
