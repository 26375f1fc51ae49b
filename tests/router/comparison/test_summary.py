"""Counts add up, in any order and grouping, and stay small."""

import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from migration_flags import Evidence
from router.comparison.ledger import Budget, Ledger
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.noise import Meaning
from router.comparison.summary import FIELDS, OTHERS, SAMPLES, SHAPES, Summary, fitted, total
from router.comparison.waiver import Waiver

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = AT.date()

KINDS = st.sampled_from([Kind.VALUE, Kind.SHAPE, Kind.STATUS, Kind.CANONICAL])
PLACES = st.sampled_from(["$.a", "$.b[3].c", "status"])
MISMATCHES = st.lists(
    st.builds(Mismatch, st.just("r"), PLACES, st.integers(0, 9), st.integers(0, 9), KINDS), max_size=4
)


def mismatch(field: str, kind: Kind = Kind.VALUE, control: Any = 1, candidate: Any = 2) -> Mismatch:
    return Mismatch("r", field, control, candidate, kind)


def filled(found: list[list[Mismatch]], probes: list[list[Mismatch]], shapes: list[str]) -> Summary:
    ledger = Ledger()
    for one in found:
        ledger.compare(one, AT)
    for one in probes:
        ledger.probe(one)
    for shape in shapes:
        ledger.came(shape)
        ledger.covered(shape)
    return ledger.summary("1")


SUMMARIES = st.builds(
    filled,
    st.lists(MISMATCHES, max_size=3),
    st.lists(MISMATCHES, max_size=2),
    st.lists(st.sampled_from("abc"), max_size=3),
)


@given(SUMMARIES, SUMMARIES, SUMMARIES)
def test_summaries_add_up_in_any_grouping_and_survive_storage(one: Summary, two: Summary, three: Summary) -> None:
    left, right = (one + two) + three, one + (two + three)
    assert left.to_json() == right.to_json()
    assert (one + Summary()).to_json() == one.to_json()
    assert left.compared == one.compared + two.compared + three.compared
    assert sum(left.results.values()) == left.compared
    stored = [Evidence("r", "shadow", "", 1, json.loads(json.dumps(each.to_json()))) for each in (one, two, three)]
    assert total(stored).to_json() == left.to_json()


def test_a_list_that_differs_in_every_row_differs_in_one_field_once() -> None:
    summary = filled([[mismatch(f"$.rows[{number}].name") for number in range(50)]], [], [])
    assert {key: one.raw for key, one in summary.fields.items()} == {("$.rows[*].name", Kind.VALUE): 1}


def test_one_row_that_no_waiver_accepts_counts_for_its_field() -> None:
    ledger = Ledger([Waiver("r", "anna", "known", date(2027, 1, 1), candidate="2")])
    assert ledger.compare([mismatch("$.a[0]"), mismatch("$.a[1]")], AT) is Kind.BYTES
    assert ledger.compare([mismatch("$.a[0]"), mismatch("$.a[1]", candidate=3)], AT) is Kind.VALUE
    (found,) = ledger.summary().fields.values()
    assert (found.raw, found.waived, len(found.samples)) == (1, {"2027-01-01": 1}, 1)


def test_everything_is_bounded() -> None:
    ledger = Ledger()
    for number in range(2 * FIELDS):
        ledger.compare([mismatch(f"$.f{number}", control="x" * 5000)], AT, "/t" * 5000)
    for number in range(2 * SHAPES):
        ledger.came(f"shape {number}")
    summary = ledger.summary()
    assert (len(summary.fields), len(summary.shapes)) == (FIELDS + 1, SHAPES)
    assert summary.fields[OTHERS, Kind.VALUE].raw == FIELDS
    assert all(len(one.samples) <= SAMPLES for one in summary.fields.values())
    both = summary + summary
    assert len(both.fields) <= FIELDS + 1
    small = fitted(both, 90_000)
    assert len(json.dumps(small.to_json())) <= 90_000
    assert (small.compared, len(small.fields)) == (both.compared, len(both.fields))


def test_all_routes_together_are_bounded() -> None:
    budget = Budget(3)
    ledgers = [Ledger(budget=budget) for _ in range(5)]
    for ledger in ledgers:
        ledger.compare([mismatch("$.a"), mismatch("$.b")], AT)
    assert sum((name, kind) != (OTHERS, Kind.VALUE) for each in ledgers for name, kind in each.summary().fields) == 3


def test_the_worst_finding_comes_first_and_noise_is_said() -> None:
    found = [[mismatch("$.clock"), mismatch("$.gone", Kind.SHAPE)]] * 300
    summary = filled(found, [[mismatch("$.clock")]] * 30, [])
    assert [(one.field, one.meaning) for one in summary.findings(TODAY)] == [
        ("$.gone", Meaning.FINDING),
        ("$.clock", Meaning.NOISE),
    ]
    assert (summary.count(Kind.SHAPE, TODAY), summary.count(Kind.VALUE, TODAY)) == (1, 0)


def test_coverage_is_the_share_of_shapes() -> None:
    ledger = Ledger()
    assert ledger.summary().coverage == 1.0
    for shape in ("a", "a", "b", "c", "d"):
        ledger.came(shape)
    for shape in ("a", "b", "c"):
        ledger.covered(shape)
    assert ledger.summary().coverage == 0.75
