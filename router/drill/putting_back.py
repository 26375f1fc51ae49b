"""Pure: what undoes a drill."""

from collections import defaultdict
from collections.abc import Iterable

from migration_flags import AuditRow, Change, Snapshot, Stage
from migration_flags.change import as_change
from router.rollback.action import ACTOR as GUARD


def putting_back(key: str, before: Snapshot, rows: Iterable[AuditRow], actor: str) -> list[Change]:
    """The changes that make the route, and those that went back with it, what they were at ``before``.

    ``rows`` are of the history since then. A route that anybody but ``actor`` and the guard has changed is theirs.
    """
    actors: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.epoch > before.epoch:
            actors[row.key].add(row.actor)
    ours = dependents(key, before)
    return [_as_before(one, before) for one, who in actors.items() if one in ours and who <= {actor, GUARD}]


def dependents(key: str, flags: Snapshot) -> frozenset[str]:
    """The route, and all that require it, or one of those."""
    found = {key}
    while True:
        more = {flag.key for flag in flags if found.intersection(flag.requires)} - found
        if not more:
            return frozenset(found)
        found |= more


def _as_before(key: str, before: Snapshot) -> Change:
    flag = before.get(key)
    if flag is None:
        return Change(key, Stage.LEGACY, mirror=None, group="", rules=(), requires=())
    return as_change(flag)
