"""A waiver made while the system runs settles what it names, for a time, and leaves everything as it was."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from migration_flags import Evidence
from migration_flags.stores.memory import MemoryStore
from router.comparison.errors import WaiverRefused
from router.comparison.field_waiver import (
    FieldWaiver,
    applied,
    applied_to_evidence,
    check_waiver,
    made,
    read_field_waivers,
    withdrawn,
)
from router.comparison.ledger import Ledger
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.summary import Summary
from router.mirror.metrics import families
from router.waiver_book import WaiverBook

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "GET /api/videos"


def waiver(**change: Any) -> FieldWaiver:
    values: dict[str, Any] = {
        "id": "0123456789ab",
        "key": KEY,
        "field": "$.items[*].name",
        "kind": None,
        "owner": "ada",
        "reason": "both are right",
        "expires": date(2026, 12, 1),
    }
    return FieldWaiver(**{**values, **change})


def compared(ledger: Ledger | None = None) -> Ledger:
    found = ledger or Ledger()
    for number in range(10):
        found.compare([Mismatch(KEY, f"$.items[{number}].name", "a", "b")], NOW)
    found.compare([Mismatch(KEY, "status", 200, 500, Kind.STATUS)], NOW)
    return found


def fields(summary: Summary, today: date = TODAY) -> list[str]:
    return [one.field for one in summary.findings(today)]


def test_what_is_waived_is_no_finding_until_its_day() -> None:
    found = applied(compared().summary(), [waiver()], TODAY)
    assert fields(found) == ["status"]
    assert fields(found, date(2026, 12, 1)) == ["status", "$.items[*].name"]


@pytest.mark.parametrize(
    "change",
    [
        {"field": "$.items[*]"},
        {"kind": Kind.SHAPE},
        {"expires": TODAY},
        {"withdrawn": "ada: no"},
    ],
)
def test_what_does_not_fit_or_hold_waives_nothing(change: dict[str, Any]) -> None:
    summary = compared().summary()
    assert applied(summary, [waiver(**change)], TODAY) == summary


def test_the_class_may_be_named() -> None:
    assert fields(applied(compared().summary(), [waiver(field="status", kind=Kind.STATUS)], TODAY)) == [
        "$.items[*].name"
    ]


def test_only_evidence_of_its_route_is_read_under_it() -> None:
    document = compared().summary("v").to_json()
    pieces = [Evidence(key, "shadow", NOW.isoformat(), 1, document, "w") for key in (KEY, "GET /other")]
    pieces.append(Evidence(KEY, "parity", NOW.isoformat(), 1, {"fields": "odd"}, "x"))
    read = applied_to_evidence(pieces, [waiver()], TODAY)
    assert fields(Summary.from_json(read[0].summary)) == ["status"]
    assert read[1:] == tuple(pieces[1:])


def test_a_waiver_survives_its_way_through_a_store() -> None:
    pieces = [made(waiver(kind=Kind.VALUE), NOW.isoformat(), 3)]
    (found,) = read_field_waivers(pieces)
    assert found == waiver(kind=Kind.VALUE, since=NOW.isoformat())
    pieces.append(withdrawn(found, "bob", "mended", NOW.isoformat(), 4))
    (after,) = read_field_waivers(pieces)
    assert (after.withdrawn, after.holds(TODAY)) == ("bob: mended", False)


@pytest.mark.parametrize(
    "summary",
    [{}, {"id": "x"}, {"id": "0123456789ab", "route": KEY}, {**made(waiver(), "", 1).summary, "expires": "soon"}],
)
def test_what_can_not_be_understood_waives_nothing(summary: dict[str, Any]) -> None:
    assert read_field_waivers([Evidence("waivers", "waiver", "", 1, summary)]) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"field": " "}, "field"),
        ({"expires": TODAY}, "expires"),
        ({"expires": TODAY + timedelta(days=91)}, "expires"),
    ],
)
def test_a_waiver_needs_a_reason_and_an_end(change: dict[str, Any], field: str) -> None:
    with pytest.raises(WaiverRefused) as caught:
        check_waiver(waiver(**change), TODAY)
    assert caught.value.field == field


def test_ninety_days_are_allowed() -> None:
    check_waiver(waiver(expires=TODAY + timedelta(days=90)), TODAY)


def test_the_mirror_holds_no_request_against_modern_for_what_is_waived_and_counts_it_all_the_same() -> None:
    """Or it could not be taken back."""
    known: list[FieldWaiver] = [waiver()]
    ledger = compared(Ledger(accepted=lambda: tuple(known)))
    assert ledger.results == {Kind.BYTES.value: 10, Kind.STATUS.value: 1}
    assert [one.field for one in ledger.findings(TODAY)] == ["status"]
    assert _diff_findings(ledger) == {Kind.STATUS.value: 1.0}
    known.clear()
    assert [one.field for one in ledger.findings(TODAY)] == ["status", "$.items[*].name"]


def _diff_findings(ledger: Ledger) -> dict[str, float]:
    found = {family.name: family for family in families({KEY: ledger}, TODAY)}
    return {sample.labels["class"]: sample.value for sample in found["strangler_diff_findings"].samples}


def test_the_book_of_another_worker_reads_what_one_wrote() -> None:
    store = MemoryStore()
    ours, theirs = WaiverBook(store), WaiverBook(store)
    day = datetime.now(UTC).date() + timedelta(days=7)
    one = ours.make(KEY, "status", None, owner="ada", reason="known", expires=day)
    assert theirs.of(KEY) == ()
    theirs.refresh()
    assert [(found.id, found.owner, found.reason) for found in theirs.of(KEY)] == [(one.id, "ada", "known")]
    theirs.withdraw(one, by="bob", reason="mended")
    ours.refresh()
    assert [found.withdrawn for found in ours.of(KEY)] == ["bob: mended"]
    assert len(store.evidence("waivers")) == 2  # nothing is taken away
