"""Pure: what a route declares that it asks of its visitors, on each side, compared."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from router.row import Owner, Row


@dataclass(frozen=True, slots=True)
class Demand:
    """``level``: the higher, the fewer pass; 0 is for everybody. ``text`` names it, as in "an administrator"."""

    level: int
    text: str


Declare = Callable[[Row], Demand | None]
"""What one side asks of who comes to a row, as far as that is declared."""


@dataclass(frozen=True, slots=True)
class Demands:
    """Both sides' declarations. Levels are of one scale."""

    legacy: Declare
    modern: Declare


class Standing(StrEnum):
    """How modern's demand stands to legacy's."""

    EQUAL = "equal"
    STRICTER = "stricter"
    LAXER = "laxer"
    UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True)
class Compared:
    """One route's demands."""

    key: str
    legacy: Demand | None
    modern: Demand | None

    @property
    def standing(self) -> Standing:
        if self.legacy is None or self.modern is None:
            return Standing.UNDECLARED
        if self.modern.level == self.legacy.level:
            return Standing.EQUAL
        return Standing.STRICTER if self.modern.level > self.legacy.level else Standing.LAXER

    def __str__(self) -> str:
        legacy, modern = (_text(one) for one in (self.legacy, self.modern))
        match self.standing:
            case Standing.EQUAL:
                return f"Both sides ask for {legacy}."
            case Standing.STRICTER:
                return f"Modern asks for {modern}, legacy for {legacy}: visitors that legacy lets in are refused."
            case Standing.LAXER:
                return (
                    f"Modern asks for {modern}, legacy for {legacy}: visitors that legacy refuses are let in. "
                    "The route can't be promoted until modern asks for as much."
                )
            case Standing.UNDECLARED:
                return f"Legacy asks for {legacy}, modern for {modern}: `strangler probe` finds out how they compare."


def compare(rows: Iterable[Row], demands: Demands) -> dict[str, Compared]:
    """By key, for every route that both sides have."""
    return {
        row.key: Compared(row.key, demands.legacy(row), demands.modern(row))
        for row in rows
        if row.owner is Owner.BOTH and not row.unmatched
    }


def _text(demand: Demand | None) -> str:
    return "nothing that is declared" if demand is None else demand.text
