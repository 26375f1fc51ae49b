"""Pure: how the stages of all routes changed over time, told backwards from how they are now."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from migration_flags import AuditRow, Stage

POINTS = 200
"""Points at most."""
_STAGES = tuple(stage.value for stage in Stage)


def points(now: str, present: Mapping[str, str], rows: Iterable[AuditRow], most: int = POINTS) -> list[dict[str, Any]]:
    """Oldest first; the last is ``now``. ``present`` is the stage of each route that both sides have; ``rows`` come
    newest first. What one epoch moved is one point, and so is what was before the first. Of more than ``most``, those
    are kept that lie evenly.
    """
    stages = dict(present)
    oldest = now
    counts = Counter(stages.values())
    found = [_point(now, counts)]
    for _, group in groupby(rows, key=lambda row: row.epoch):
        moved = [row for row in group if row.key in stages]
        if moved:
            found.append(_point(moved[0].at, counts))
        for row in moved:
            before = row.before_stage or Stage.LEGACY.value
            counts[stages[row.key]] -= 1
            counts[before] += 1
            stages[row.key] = before
            oldest = row.at
    if len(found) > 1:
        found.append(_point(oldest, counts))
    return _evenly(found[::-1], most)


def _point(at: str, counts: Mapping[str, int]) -> dict[str, Any]:
    return {"at": at, **{stage: counts[stage] for stage in _STAGES}}


def _evenly(found: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    if len(found) <= most:
        return list(found)
    step = (len(found) - 1) / (most - 1)
    return [found[round(number * step)] for number in range(most)]
