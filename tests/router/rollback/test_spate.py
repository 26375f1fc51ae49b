"""What broke a second ago is not hidden by the minute before, and what legacy fails at too is no reason."""

from collections.abc import Iterable

import pytest

from migration_flags import Stage
from router.rollback.sequential import Answer
from router.rollback.spate import Spate, SpateRule
from router.rollback.tally import Tally
from router.rollback.trip import TripKind
from tests.router.rollback.traffic import Asked, record, trips

RULE = SpateRule()


def spate(pattern: str, units: str = "abcdefgh", every: float = 1.0) -> list[Tally | None]:
    """What each fault in the pattern finds: ``x`` is a fault of the next of the units, anything else is good."""
    found, present, faults = [], Spate(RULE), 0
    for number, one in enumerate(pattern):
        if one == "x":
            found.append(present.fault(number * every, units[faults % len(units)]))
            faults += 1
        else:
            present.good()
    return found


def test_six_of_fourteen_are_a_spate() -> None:
    assert spate("." * 300 + "x.x.x.x.x.x") == [None] * 5 + [Tally(14, 6)]


def test_faults_further_apart_are_none() -> None:
    assert spate("." * 300 + "x..x..x..x..x.x") == [None] * 6
    assert spate("." * 300 + "x..x..x..x..xx")[-1] == Tally(14, 6)


def test_so_few_visitors_may_be_broken_themselves() -> None:
    assert spate("x" * 14, units="abc") == [None] * 14
    assert spate("x" * 6, units="abcd")[-1] == Tally(14, 6)


def test_visitors_of_whom_nothing_is_known_are_not_counted() -> None:
    present = Spate(RULE)
    assert [present.fault(1.0, None) for _ in range(14)] == [None] * 14


def test_faults_of_a_minute_ago_are_none_of_them() -> None:
    assert spate("x" * 6, every=12.0)[-1] == Tally(14, 6)
    assert spate("x" * 6, every=12.1)[-1] is None


def test_good_answers_that_come_all_at_once_push_out_faults_as_well() -> None:
    present = Spate(RULE)
    for unit in "abcde":
        present.fault(1.0, unit)
    present.good(9)
    assert present.fault(1.0, "f") is None
    present.good(10_000)
    assert [present.fault(1.0, unit) for unit in "abcdef"] == [None] * 5 + [Tally(14, 6)]


FOUND = Tally(100, 50)


@pytest.mark.parametrize(
    ("minute", "around", "explained"),
    [
        (Tally(100, 0), Tally(0, 0), False),
        (Tally(99, 0), Tally(50, 0), True),
        (Tally(2000, 29), Tally(100, 4), False),
        (Tally(2000, 30), Tally(100, 4), True),
        (Tally(2000, 29), Tally(100, 5), True),
    ],
)
def test_what_the_control_fails_at_too_explains_it(minute: Tally, around: Tally, explained: bool) -> None:
    assert Spate(RULE).is_explained(FOUND, minute, around) is explained


def minute(control_faults: int = 0) -> Iterable[Asked]:
    """A minute in which a twentieth of 1,200 requests is modern's, and all of those are good."""
    for number in range(1200):
        on_modern = number % 20 == 0
        failed = not on_modern and number % 20 == 1 and number < 20 * control_faults
        yield Asked(number / 20, on_modern, f"u{number}", Answer.FAULT if failed else Answer.GOOD)


def breaks(every: int = 2, units: int = 99) -> Iterable[Asked]:
    """Then every second answer of modern is a fault."""
    for number in range(12):
        yield Asked(60 + number, True, f"v{number % units}", Answer.GOOD if number % every else Answer.FAULT)


def test_after_a_minute_of_good_answers_the_sixth_fault_takes_it_back() -> None:
    found = trips([*minute(), *breaks()])
    assert found == [(1210, TripKind.RATE)]


def test_where_legacy_fails_as_well_it_waits() -> None:
    assert trips([*minute(control_faults=30), *breaks()]) == []


def test_at_modern_there_is_no_control_and_so_no_spate() -> None:
    on_modern = [one for one in minute() if one.is_candidate]
    assert trips([*on_modern, *breaks()], record(Stage.MODERN)) == []


def test_an_outage_of_both_sides_is_no_spate() -> None:
    outage = [
        Asked(60 + number / 20, number % 2 == 0, f"o{number}", Answer.FAULT if number % 4 < 2 else Answer.GOOD)
        for number in range(40)
    ]
    assert trips([*minute(), *outage]) == []
