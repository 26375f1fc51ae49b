"""Pure: how far two plays of one corpus agree on each route."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from router.parity.comparison import Mismatch, compare, differing, settle
from router.parity.play import Played
from router.parity.recording import Recording
from router.parity.rehearsal import Rehearsal, Rows
from router.parity.waiver import Waiver, unwaived

ROWS = "(rows left behind)"
"""Stands for a route where what differs is the database after everything was asked."""


@dataclass(frozen=True)
class Agreement:
    """How many requests of a route were asked, how many of those differ but are waived, and what differs else."""

    route: str
    asked: int
    waived: int
    mismatches: tuple[Mismatch, ...]

    @property
    def is_alike(self) -> bool:
        return not self.mismatches


def agreements(
    recordings: Sequence[Recording],
    control: Played,
    candidate: Played,
    waivers: Sequence[Waiver],
    key_of: Callable[[Recording], str],
    at: datetime,
    rehearsal: Rehearsal,
) -> list[Agreement]:
    """One per route that was asked, by key, and one on the rows. ``at`` is the present, naive UTC."""
    found: dict[str, list[list[Mismatch]]] = {}
    for one in recordings:
        pair = control.answers[one.id], candidate.answers[one.id]
        rules = replace(one.rules, by_chance=rehearsal.by_chance)
        found.setdefault(key_of(one), []).append(compare(one.id, *pair, rules, at, rehearsal.fold))
    left = list(_differing_rows(control.rows, candidate.rows, at, rehearsal.by_chance))
    routes = [_agreement(key, found[key], waivers, at.date()) for key in sorted(found)]
    return [*routes, _agreement(ROWS, [left], waivers, at.date())]


def _agreement(key: str, by_request: Sequence[Sequence[Mismatch]], waivers: Sequence[Waiver], today: date) -> Agreement:
    remaining = [unwaived(mismatches, waivers, today) for mismatches in by_request]
    waived = sum(bool(all_) and not left for all_, left in zip(by_request, remaining, strict=True))
    return Agreement(key, len(by_request), waived, tuple(one for left in remaining for one in left))


def _differing_rows(control: Rows, candidate: Rows, at: datetime, by_chance: Sequence[str]) -> Iterator[Mismatch]:
    for table in sorted({*control, *candidate}):
        sides = [_by_id(rows.get(table, ()), at, by_chance) for rows in (control, candidate)]
        for row_id in sorted({*sides[0], *sides[1]}, key=str):
            pair = (side.get(row_id, "(absent)") for side in sides)
            for place, left, right in differing(f"{table}[{row_id}]", *pair):
                yield Mismatch(ROWS, place, left, right)


def _by_id(rows: Iterable[dict[str, Any]], at: datetime, by_chance: Sequence[str]) -> dict[Any, Any]:
    return {row.get("id"): settle(row, at, by_chance) for row in rows}
