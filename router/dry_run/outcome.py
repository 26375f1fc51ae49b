"""Pure: what two sides answered and wrote, compared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from router.comparison.answer import Answer
from router.comparison.compare import compare
from router.comparison.differing import classified, is_below
from router.comparison.mismatch import Kind, Mismatch, canonical, folded
from router.comparison.rules import Rules
from router.comparison.settling import NOW, settle
from router.dry_run.writes import GENERATED, RowChange, WriteSet

USUAL = Rules(whole_pages=True)
"""How answers are compared, unless it is said: the candidate spoke first, so moments near the present are equal."""

WRITES = "writes"


@dataclass(frozen=True)
class Outcome:
    """What one side did."""

    answer: Answer
    writes: WriteSet


def differences(key: str, control: Outcome, candidate: Outcome, rules: Rules, at: datetime) -> list[Mismatch]:
    """Every mismatch. ``at`` is naive UTC. Ids that the database made up count as equal."""
    ids = control.writes.generated, candidate.writes.generated
    found = [
        one
        for one in compare(key, control.answer, candidate.answer, rules, at)
        if not (any(ids) and _without(one.control, ids[0]) == _without(one.candidate, ids[1]))
    ]
    found += _effects(key, candidate.writes.effects)
    if control.writes.whole and candidate.writes.whole:
        found += _writes(key, control.writes, candidate.writes, rules, at)
    return found


def _writes(key: str, control: WriteSet, candidate: WriteSet, rules: Rules, at: datetime) -> Iterator[Mismatch]:
    sides = [_told(writes.changes, rules, at) for writes in (control, candidate)]
    for place, left, right, kind in classified(WRITES, *sides):
        if not any(is_below(folded(place), ignored) for ignored in rules.ignored):
            yield Mismatch(key, place, left, right, kind)


def _effects(key: str, effects: Iterable[str]) -> Iterator[Mismatch]:
    for effect in sorted(set(effects)):
        yield Mismatch(key, "effects", None, effect, Kind.EXCEPTION)


def _told(changes: Iterable[RowChange], rules: Rules, at: datetime) -> dict[str, Any]:
    """By table and operation: new rows in an order of their contents, old ones by their key."""
    tables: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for change in changes:
        columns = settle(dict(change.columns), at, rules.by_chance)
        if change.operation == "update":  # of the same second as the row before, a moment would be no change
            columns = {name: value for name, value in columns.items() if value != NOW}
            if not columns:
                continue
        operations = tables[change.table]
        if change.operation == "insert":
            operations.setdefault("insert", []).append({**columns, "": change.row} if _is_known(change) else columns)
        else:
            operations.setdefault(change.operation, {})[change.row] = columns
    for operations in tables.values():
        if "insert" in operations:
            operations["insert"].sort(key=canonical)
    return dict(tables)


def _is_known(change: RowChange) -> bool:
    return change.row != GENERATED


def _without(value: Any, ids: frozenset[str]) -> str:
    """As text, with the generated ids masked."""
    text = canonical(value) if not isinstance(value, bytes) else value.decode("latin-1")
    return re.sub(r"\d+", lambda match: GENERATED if match[0] in ids else match[0], text)


def failed(key: str, what: str) -> Mismatch:
    """The candidate gave no answer."""
    return Mismatch(key, "timeout" if what == "timeout" else "exception", None, what, Kind.EXCEPTION)
