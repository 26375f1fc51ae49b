"""Pure: how far two plays of one corpus agree on each route."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from router.comparison.answer import Answer
from router.comparison.compare import compare
from router.comparison.differing import ABSENT, classified
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.rules import Rules
from router.comparison.settling import settle
from router.comparison.waiver import Waiver, unwaived
from router.parity.play import Played
from router.parity.recording import Recording
from router.parity.rehearsal import Rehearsal, Rows
from router.row import Side

SERVED_BY = "x-served-by"
ROWS = "(rows left behind)"
"""Stands for a route where what differs is the database after everything was asked."""


@dataclass(frozen=True)
class Agreement:
    """How many requests of a route were asked, how many of those differ but are waived, and what differs else.

    ``accepted`` are the mismatches that waivers accept today.
    """

    route: str
    asked: int
    waived: int
    mismatches: tuple[Mismatch, ...]
    accepted: tuple[Mismatch, ...] = ()

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
    shared: Collection[str] = (),
) -> list[Agreement]:
    """One per route that was asked, by key, and one on the rows. ``at`` is the present, naive UTC.

    ``shared`` are the routes with two owners: there each side must have answered for itself.
    """
    found: dict[str, list[list[Mismatch]]] = {}
    for one in recordings:
        key = key_of(one)
        pair = control.answers[one.id], candidate.answers[one.id]
        found.setdefault(key, []).append(mismatches(one, key, pair, at, rehearsal, shared))
    left = list(differing_rows(control.rows, candidate.rows, at, rehearsal.by_chance))
    routes = [_agreement(key, found[key], waivers, at.date()) for key in sorted(found)]
    return [*routes, _agreement(ROWS, [left], waivers, at.date())]


def mismatches(
    one: Recording, key: str, pair: tuple[Answer, Answer], at: datetime, rehearsal: Rehearsal, shared: Collection[str]
) -> list[Mismatch]:
    """In what the control's and the candidate's answer to one request differ. ``key`` is its route's."""
    rules = _rules(one.rules, rehearsal.rules.get(key, Rules()), rehearsal.by_chance)
    stood_in = _stood_in(one.id, *pair) if key in shared else ()
    return [*stood_in, *compare(one.id, *pair, rules, at, rehearsal.fold)]


def _rules(line: Rules, route: Rules, by_chance: tuple[str, ...]) -> Rules:
    """What a line of the corpus says, and what holds for its route besides."""
    return replace(
        line,
        masked=(*line.masked, *route.masked),
        unordered=(*line.unordered, *route.unordered),
        tied=line.tied or route.tied,
        by_chance=(*by_chance, *route.by_chance),
        ignored=(*line.ignored, *route.ignored),
        close=(*line.close, *route.close),
    )


def _stood_in(request: str, control: Answer, candidate: Answer) -> Iterator[Mismatch]:
    """Where a router answered from the other side, as it does for visitors: then the sides were never compared."""
    first, second = control.header(SERVED_BY), candidate.header(SERVED_BY)
    if first == Side.MODERN or second == Side.LEGACY:
        yield Mismatch(request, f"header:{SERVED_BY}", first, second, Kind.EXCEPTION)


def _agreement(key: str, by_request: Sequence[Sequence[Mismatch]], waivers: Sequence[Waiver], today: date) -> Agreement:
    remaining = [unwaived(mismatches, waivers, today) for mismatches in by_request]
    waived = sum(bool(all_) and not left for all_, left in zip(by_request, remaining, strict=True))
    left = tuple(one for left in remaining for one in left)
    accepted = tuple(one for all_ in by_request for one in all_ if one not in left)
    return Agreement(key, len(by_request), waived, left, accepted)


def differing_rows(control: Rows, candidate: Rows, at: datetime, by_chance: Sequence[str]) -> Iterator[Mismatch]:
    """In what the rows that both sides left behind differ."""
    for table in sorted({*control, *candidate}):
        sides = [_by_id(rows.get(table, ()), at, by_chance) for rows in (control, candidate)]
        for row_id in sorted({*sides[0], *sides[1]}, key=str):
            pair = (side.get(row_id, ABSENT) for side in sides)
            for place, left, right, kind in classified(f"{table}[{row_id}]", *pair):
                yield Mismatch(ROWS, place, left, right, kind)


def _by_id(rows: Iterable[dict[str, Any]], at: datetime, by_chance: Sequence[str]) -> dict[Any, Any]:
    return {row.get("id"): settle(row, at, by_chance) for row in rows}
