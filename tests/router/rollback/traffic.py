"""Requests of a made-up route, for the trips."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from migration_flags import Stage
from router.rollback.record import Record
from router.rollback.rules import RollbackRules
from router.rollback.sequential import Answer
from router.rollback.trip import TripKind


@dataclass(frozen=True)
class Asked:
    """One request that is over, ``at`` so many seconds. ``unit`` None: nothing is known of the visitor."""

    at: float
    is_candidate: bool
    unit: str | None = None
    answer: Answer = Answer.GOOD
    seconds: float = 0.01


def record(stage: Stage = Stage.CANARY, rules: RollbackRules = RollbackRules()) -> Record:  # noqa: B008  # frozen
    return Record("GET /a", stage, 1, 0.0, rules, lambda: 0.5)


def trips(events: Iterable[Asked], into: Record | None = None) -> list[tuple[int, TripKind]]:
    """Every trip, with the number of the request that caused it."""
    into = into or record()
    found = (
        (number, into.add(one.at, one.is_candidate, one.unit, one.answer, one.seconds))
        for number, one in enumerate(events)
    )
    return [(number, kind) for number, kind in found if kind is not None]


def expanded(told: Iterable[dict[str, Any]]) -> Iterator[Asked]:
    """The requests that a vector describes: ``{n}`` in ``units`` makes each request another visitor's."""
    for one in told:
        for number in range(one["times"]):
            unit = one["units"].replace("{n}", f"{one['side']}-{one['at']}-{number}")
            yield Asked(
                one["at"] + number * one["every"],
                one["side"] == "modern",
                unit or None,
                Answer(one["answer"]),
                one["seconds"],
            )
