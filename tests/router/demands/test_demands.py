"""A modern side that lets in whom legacy refuses must not be promoted."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from migration_flags import Change, Evidence, Stage
from migration_flags.stores.memory import MemoryStore
from router.cli import cli
from router.comparison.answer import Answer
from router.configuration import NotConfigured
from router.demands.command import read_credentials
from router.demands.demand import Standing
from router.demands.evidence import evidence, forbidden
from router.demands.probing import probe_copies, probe_here
from router.demands.treatment import Ask, Treatment, judge, treatment
from router.promotion.gate import gate
from router.promotion.recorded import recorded
from router.promotion.rules import GateRules
from router.row import Row, Side
from tests.router.demands.gates import NEEDED, built, copies

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FAULTS = {
    "removed": "GET /notes/{number}",
    "weaker": "DELETE /notes/{number}",
    "prefix": "GET /admin/report",
    "failing": "POST /notes",
}


def answer(status: int) -> Answer:
    return Answer(status, (), b"")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Treatment.LET_IN),
        (304, Treatment.LET_IN),
        (404, Treatment.LET_IN),
        (422, Treatment.LET_IN),
        (500, Treatment.LET_IN),
        (302, Treatment.SENT_AWAY),
        (401, Treatment.REFUSED),
        (403, Treatment.REFUSED),
        (407, Treatment.REFUSED),
    ],
)
def test_a_status_says_whether_somebody_passed(status: int, expected: Treatment) -> None:
    assert treatment(answer(status)) is expected


@pytest.mark.parametrize(
    ("legacy", "modern", "laxer", "stricter", "undecided"),
    [
        (401, 401, 0, 0, 0),
        (401, 403, 0, 0, 0),
        (401, 200, 1, 0, 0),
        (401, 404, 1, 0, 0),
        (401, 500, 1, 0, 0),
        (401, 302, 1, 0, 0),
        (302, 200, 1, 0, 0),
        (302, 401, 0, 1, 0),
        (200, 401, 0, 1, 0),
        (404, 200, 0, 0, 0),
        (500, 200, 0, 0, 1),
    ],
)
def test_laxer_is_every_answer_to_somebody_whom_legacy_refuses(
    legacy: int, modern: int, laxer: int, stricter: int, undecided: int
) -> None:
    ask = Ask("GET /a", "GET", "/a")
    (found,) = judge([ask], {ask: answer(legacy)}, {ask: answer(modern)})
    assert (len(found.laxer), len(found.stricter), found.undecided) == (laxer, stricter, undecided)


def test_two_sides_that_guard_alike_are_found_alike() -> None:
    found = {one.key: one for one in probe_copies(copies())}
    assert found.keys() == NEEDED.keys()
    assert all(one.asked and not one.laxer and not one.stricter and not one.undecided for one in found.values())


@pytest.mark.parametrize(("fault", "key"), FAULTS.items())
def test_a_probe_finds_the_one_route_that_is_laxer(fault: str, key: str) -> None:
    """A requirement that was removed, a role that is weaker, a prefix that only legacy's guard knows."""
    assert [one.key for one in probe_copies(copies(fault)) if one.laxer] == [key]


def test_a_stricter_side_is_told_and_forbids_nothing() -> None:
    (found,) = [one for one in probe_copies(copies("stricter")) if one.stricter]
    assert found.key == "GET /open"
    assert forbidden([evidence(found, NOW, 1, "v")]) == ()


def test_on_the_application_itself_nothing_is_written() -> None:
    router = built("weaker", mirror=None)
    asked: list[str] = []

    def side(row: Row, one: Side) -> Any:
        app = router.side(row, one)

        async def noted(scope: Any, receive: Any, send: Any) -> None:
            asked.append(scope["method"])
            await app(scope, receive, send)

        return noted

    found = probe_here(router, router.table, side, {"reader": [(b"cookie", b"who=reader")]})
    assert set(asked) == {"GET", "HEAD"}
    assert not any(one.laxer for one in found)
    lax = built("prefix", mirror=None)
    laxer = probe_here(lax, lax.table, lax.side, {})
    assert [one.key for one in laxer if one.laxer] == ["GET /admin/report"]


@pytest.mark.parametrize(
    ("fault", "key", "standing"),
    [
        ("weaker", "DELETE /notes/{number}", Standing.LAXER),
        ("stricter", "GET /open", Standing.STRICTER),
        ("removed", "GET /notes/{number}", Standing.UNDECLARED),
    ],
)
def test_what_is_declared_is_compared_at_boot(fault: str, key: str, standing: Standing) -> None:
    demands = built(fault).demands
    assert {one.key: one.standing for one in demands.values() if one.standing is not Standing.EQUAL} == {key: standing}


def test_a_laxer_declaration_is_warned_of_and_can_not_be_promoted(caplog: pytest.LogCaptureFixture) -> None:
    router = built("weaker")
    key = "DELETE /notes/{number}"
    assert [record.levelname for record in caplog.records if key in record.message] == ["WARNING"]
    (blocker,) = router.forbidden(key, [])
    verdict = gate(router.table[key], None, [], [], NOW, blockers=[blocker])
    assert verdict.allowed  # to shadow: nobody is served by modern there
    router.flags.apply([Change(key, Stage.SHADOW)], actor="a test", reason="a test")
    flag = router.flags.snapshot().get(key)
    verdict = gate(router.table[key], flag, [], [], NOW, blockers=router.forbidden(key, []))
    assert blocker in verdict.missing
    assert "level 2, legacy for level 3" in blocker


def test_the_newest_probe_counts() -> None:
    (lax,) = [one for one in probe_copies(copies("removed")) if one.laxer]
    (whole,) = [one for one in probe_copies(copies()) if one.key == lax.key]
    earlier, later = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    (sentence,) = forbidden([evidence(lax, earlier, 1, "v")])
    assert "GET /notes/1 as nobody: 401 on legacy, 200 on modern" in sentence
    assert forbidden([evidence(lax, earlier, 1, "v"), evidence(whole, later, 1, "v")]) == ()


@pytest.mark.parametrize("gate_", [None, [], {"laxer": None}, {"laxer": "text"}])
def test_evidence_that_somebody_else_wrote_forbids_nothing(gate_: Any) -> None:
    assert forbidden([Evidence("GET /a", "parity", NOW.isoformat(), 1, {"gate": gate_}, "probe")]) == ()


def test_a_probe_is_no_comparison_of_answers() -> None:
    (found,) = [one for one in probe_copies(copies()) if one.key == "GET /open"]
    finding = recorded([evidence(found, NOW, 1, "v")], "v", NOW, GateRules())
    assert not finding.holds
    assert "Neither parity nor a replay" in finding.text


STORE = MemoryStore()


def create_store() -> MemoryStore:
    return STORE


def create_router() -> Any:
    return built("prefix", flags=STORE)


def create_copies(side: Side) -> Any:
    return copies("prefix")(side)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    module = "tests.router.demands.test_demands"
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.strangler]\napp = "{module}:create_router"\nstore = "{module}:create_store"\n'
        f'rehearsal = "{module}:create_copies"\ncode = "abc"\n'
    )
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_command_tells_records_and_fails() -> None:
    ended = CliRunner().invoke(cli, ["probe", "--record"])
    assert ended.exit_code == 1
    assert "laxer: GET /admin/report as nobody: 401 on legacy, 200 on modern" in ended.output
    (piece,) = STORE.evidence("GET /admin/report", kind="parity")
    assert piece.summary["gate"]["laxer"]  # type: ignore[index,call-overload]  # a JSON object
    here = CliRunner().invoke(cli, ["probe", "--here", "--json"])
    assert here.exit_code == 1
    assert [one["key"] for one in json.loads(here.output) if one["laxer"]] == ["GET /admin/report"]
    STORE.apply([Change("GET /admin/report", Stage.SHADOW)], actor="a test", reason="a test")
    refused = CliRunner().invoke(cli, ["flags", "promote", "GET /admin/report", "--check"])
    assert refused.exit_code == 1
    assert "missing: Modern lets in whom legacy refuses" in refused.output


@pytest.mark.usefixtures("folder")
def test_routes_and_explain_say_what_is_demanded() -> None:
    listed = CliRunner().invoke(cli, ["routes", "--json"])
    assert {one["route"]: one["demands"] for one in json.loads(listed.output)}["GET /admin/report"] == "laxer"
    explained = CliRunner().invoke(cli, ["explain", "GET", "/admin/report"])
    assert "Modern asks for level 0, legacy for level 3" in explained.output


def test_credentials_that_can_not_be_read_are_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "who.yaml"
    file.write_text("reader: {Cookie: who=reader}\n")
    assert read_credentials(file) == {"reader": [(b"cookie", b"who=reader")]}
    file.write_text("reader: hunter2\n")
    with pytest.raises(NotConfigured) as refused:
        read_credentials(file)
    assert "hunter2" not in str(refused.value)
