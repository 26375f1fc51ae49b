"""Pure: how far the move has come, in numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from migration_flags import Snapshot, Stage, evaluate
from router.row import Owner, Row


@dataclass(frozen=True, slots=True)
class BurnDown:
    """``routes`` are those with a legacy handler, the virtual row left out: the work. ``remaining`` are not modern yet.

    ``unported`` of those have no modern handler at all. ``stages`` counts the routes that both sides have.
    """

    epoch: int
    routes: int
    remaining: int
    unported: int
    modern_only: int
    stages: dict[str, int]

    @property
    def percent_moved(self) -> float:
        return 100.0 if not self.routes else round(100 * (self.routes - self.remaining) / self.routes, 1)


def burn_down(rows: Iterable[Row], snapshot: Snapshot) -> BurnDown:
    """The numbers of a table under a snapshot."""
    owners: Counter[Owner] = Counter()
    stages: Counter[str] = Counter({stage.value: 0 for stage in Stage})
    for row in rows:
        if row.unmatched:
            continue
        owners[row.owner] += 1
        if row.owner is Owner.BOTH:
            stages[evaluate(snapshot, row.key).stage.value] += 1
    routes = owners[Owner.BOTH] + owners[Owner.LEGACY]
    moved = stages[Stage.MODERN.value] + stages[Stage.RETIRED.value]
    return BurnDown(snapshot.epoch, routes, routes - moved, owners[Owner.LEGACY], owners[Owner.MODERN], dict(stages))
