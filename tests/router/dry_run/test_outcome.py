"""What two sides answered and wrote: ids and moments of the database's own making are no differences, all else is."""

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from router.comparison.answer import Answer
from router.comparison.mismatch import Kind
from router.comparison.rules import Rules
from router.dry_run.outcome import USUAL, Outcome, differences
from router.dry_run.writes import GENERATED, RowChange, WriteSet

AT = datetime(2026, 11, 21, 12)  # noqa: DTZ001  # naive UTC
JSON = (("content-type", "application/json"),)


def outcome(body: str, *changes: RowChange, ids: frozenset[str] = frozenset(), **more: Any) -> Outcome:
    return Outcome(Answer(200, JSON, body.encode()), WriteSet(changes, ids, **more))


def found(control: Outcome, candidate: Outcome, rules: Rules = USUAL) -> list[tuple[str, Kind]]:
    return [(one.field, one.kind) for one in differences("PUT /a", control, candidate, rules, AT)]


def test_a_generated_id_differs_by_nature_wherever_it_is_told() -> None:
    new = RowChange("notes", "insert", GENERATED, {"id": GENERATED, "text": "a"})
    control = outcome('{"id": 7, "url": "/notes/7"}', new, ids=frozenset({"7"}))
    candidate = outcome('{"id": 8, "url": "/notes/8"}', new, ids=frozenset({"8"}))
    assert found(control, candidate) == [("form", Kind.CANONICAL)] or found(control, candidate) == []


def test_another_number_is_no_generated_id() -> None:
    control = outcome('{"id": 7, "count": 3}\n', ids=frozenset({"7"}))
    candidate = outcome('{"id": 8, "count": 4}\n', ids=frozenset({"8"}))
    assert ("$.count", Kind.VALUE) in found(control, candidate)
    assert "$.id" not in [field for field, _ in found(control, candidate)]


def test_moments_of_the_present_are_equal_and_those_of_the_past_are_not() -> None:
    def touched(moment: str) -> Outcome:
        return outcome("{}", RowChange("notes", "update", "1", {"at": moment, "text": "a"}))

    assert found(touched("2026-11-21T11:59:59"), touched("2026-11-21T12:00:01")) == []
    assert found(touched("2026-11-21T11:59:59"), touched("2020-01-01T00:00:00")) == [
        ("writes.notes.update.1.at", Kind.SHAPE)
    ]


def test_a_row_that_one_side_alone_writes_is_found() -> None:
    change = RowChange("notes", "update", "1", {"text": "a"})
    other = RowChange("notes", "update", "2", {"text": "a"})
    assert found(outcome("{}", change), outcome("{}")) == [("writes.notes", Kind.SHAPE)]
    assert {field for field, _ in found(outcome("{}", change), outcome("{}", other))} == {
        "writes.notes.update.1",
        "writes.notes.update.2",
    }
    assert found(outcome("{}", RowChange("notes", "delete", "1")), outcome("{}", change)) != []


def test_what_is_not_told_row_by_row_is_not_compared() -> None:
    change = RowChange("notes", "update", "1", {"text": "a"})
    assert found(outcome("{}", change), outcome("{}", whole=False)) == []


def test_a_refused_effect_is_an_exception() -> None:
    assert found(outcome("{}"), outcome("{}", effects=("mail.send",))) == [("effects", Kind.EXCEPTION)]


def test_an_ignored_place_counts_in_no_way() -> None:
    control = outcome("{}", RowChange("notes", "update", "1", {"text": "a"}))
    candidate = outcome("{}", RowChange("notes", "update", "1", {"text": "b"}))
    assert found(control, candidate, Rules(ignored=("writes.notes",))) == []


rows = st.lists(
    st.builds(
        RowChange, st.just("notes"), st.just("insert"), st.just(GENERATED), st.fixed_dictionaries({"n": st.integers()})
    ),
    max_size=5,
)


@given(rows, st.randoms())
def test_new_rows_have_no_order(changes: list[RowChange], random: Any) -> None:
    shuffled = random.sample(changes, len(changes))
    assert found(outcome("{}", *changes), outcome("{}", *shuffled)) == []
