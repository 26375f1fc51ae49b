"""Counts add up, in any order and grouping, and stay small."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from migration_flags import Evidence
from router.comparison.ledger import Budget, Ledger
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.noise import Meaning
from router.comparison.summary import FIELDS, OTHERS, SAMPLES, SHAPES, Field, Summary, fitted, total
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


WHOLE = Summary(
    compared=7,
    probed=2,
    results={"bytes": 4, "value": 3},
    skipped={"busy": 5},
    fields={("$.a", Kind.VALUE): Field(3, 1, {"2027-01-01": 2}, ({"control": "1", "at": "2026-01-02"},))},
    shapes={"?page": (9, 4)},
    since="2026-01-01",
    until="2026-01-03",
    versions=("1", "2"),
)
STORED: dict[str, Any] = {
    "compared": 7,
    "probed": 2,
    "results": {"bytes": 4, "value": 3},
    "skipped": {"busy": 5},
    "fields": [
        {
            "field": "$.a",
            "class": "value",
            "raw": 3,
            "noise": 1,
            "waived": {"2027-01-01": 2},
            "samples": [{"control": "1", "at": "2026-01-02"}],
        }
    ],
    "shapes": {"?page": [9, 4]},
    "since": "2026-01-01",
    "until": "2026-01-03",
    "versions": ["1", "2"],
}


def test_what_is_stored_is_read_by_every_later_version() -> None:
    assert WHOLE.to_json() == STORED
    assert Summary.from_json({**STORED, "unheard": "of"}) == WHOLE
    assert Summary.from_json({}) == Summary()
    assert Summary.from_json({"fields": [{"field": "a", "class": "value"}]}).fields == {("a", Kind.VALUE): Field()}


def test_two_summaries_are_of_the_whole_time_and_of_the_versions_that_are_known() -> None:
    later = Summary(since="2026-02-01", until="2026-02-02", versions=("", "3"))
    both = WHOLE + later
    assert (both.since, both.until, both.versions) == ("2026-01-01", "2026-02-02", ("1", "2", "3"))
    assert (Summary() + Summary()).since == ""
    assert (later + WHOLE).since == "2026-01-01"


def test_what_two_workers_stored_is_one_total() -> None:
    both = total([Evidence("r", "shadow", "", 1, STORED)] * 2)
    assert (both.compared, both.probed, both.results) == (14, 4, {"bytes": 8, "value": 6})
    assert (both.skipped, both.shapes) == ({"busy": 10}, {"?page": (18, 8)})
    assert (Summary() + WHOLE) == (WHOLE + Summary()) == WHOLE


def test_a_waiver_that_has_expired_waives_nothing() -> None:
    field = Field(1, waived={"2026-11-21": 3, "2026-11-22": 10})
    assert [field.counted(date(2026, 11, day)) for day in (20, 21, 22)] == [1, 4, 14]
    summary = Summary(5, fields={("$.a", Kind.VALUE): replace(field, raw=0)})
    assert [one.raw for one in summary.findings(date(2026, 11, 20))] == []
    assert [one.raw for one in summary.findings(date(2026, 11, 21))] == [3]


def test_what_is_harmless_is_no_finding_and_one_request_is() -> None:
    fields = {("form", Kind.CANONICAL): Field(9), ("$.a", Kind.VALUE): Field(1), ("$.b", Kind.VALUE): Field()}
    assert [one.field for one in Summary(9, fields=fields).findings(TODAY)] == ["$.a"]


def test_the_latest_samples_of_a_field_are_kept_and_its_waived_requests_add_up() -> None:
    samples = [{"at": f"2026-01-0{number}"} for number in range(1, 7)]
    one, two = (
        Field(waived={"a": 1, "b": 2}, samples=(*samples[3:], {})),
        Field(waived={"b": 3}, samples=tuple(samples[:3])),
    )
    assert (one + two).waived == {"a": 1, "b": 5}
    assert list((one + two).samples) == list((two + one).samples) == samples[-SAMPLES:]
    assert (Field(samples=({"at": "0"},)) + Field(samples=({},))).samples == ({}, {"at": "0"})


def test_at_the_bound_what_is_known_still_counts_for_itself() -> None:
    full = Summary(
        fields={(f"$.f{number}", Kind.VALUE): Field(1) for number in range(FIELDS)},
        shapes={f"shape {number}": (1, 1) for number in range(SHAPES)},
    )
    more = Summary(
        fields={("$.f7", Kind.VALUE): Field(1), ("$.new", Kind.VALUE): Field(1)},
        shapes={"shape 7": (2, 1), "new": (1, 1)},
    )
    both = full + more
    assert (both.fields["$.f7", Kind.VALUE].raw, both.fields[OTHERS, Kind.VALUE].raw) == (2, 1)
    assert len(both.fields) == FIELDS + 1
    assert both.shapes == {**full.shapes, "shape 7": (3, 2)}


def _shrinking() -> Iterator[Summary]:
    """A summary that is full, then what is left of it as it shrinks."""
    for samples, shapes in ((SAMPLES, SHAPES), (2, SHAPES), (1, SHAPES), (0, SHAPES), (0, SHAPES // 4), (0, 0)):
        kept = tuple({"control": str(number)} for number in range(samples))
        yield Summary(
            fields={(f"$.f{number}", Kind.VALUE): Field(1, samples=kept) for number in range(3)},
            shapes={f"shape {number}": (1, 1) for number in range(shapes)},
        )


def test_no_more_is_taken_out_than_a_length_asks_for() -> None:
    full, *_ = every = list(_shrinking())
    lengths = [len(json.dumps(one.to_json())) for one in every]
    assert [fitted(full, length) for length in lengths] == every
    assert [fitted(full, length - 1) for length in lengths] == [*every[1:], every[-1]]
