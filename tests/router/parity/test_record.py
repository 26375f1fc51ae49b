"""What parity finds is evidence in the flag store, and never better than it was."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from migration_flags import FlagStore
from migration_flags.stores.sql import SQLStore
from router.cli import cli
from router.comparison.mismatch import Kind, Mismatch
from router.comparison.summary import Summary
from router.comparison.waiver import Waiver
from router.parity.agreement import ROWS, Agreement
from router.parity.record import evidences
from router.parity.run import Parity

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = AT.date()


def recorded(*routes: Agreement, waivers: tuple[Waiver, ...] = ()) -> dict[str, Summary]:
    parity = Parity(routes, (), "code 1")
    return {one.key: Summary.from_json(one.summary) for one in evidences(parity, waivers, AT, 3)}


def test_a_route_that_is_alike_says_how_often_it_was_asked() -> None:
    (summary,) = recorded(Agreement("GET /a", 12, 0, ()), Agreement(ROWS, 1, 0, ())).values()
    assert (summary.compared, summary.findings(TODAY), summary.versions) == (12, (), ("code 1",))
    assert summary.since == summary.until == AT.isoformat(timespec="seconds")


def test_a_mismatch_is_a_finding_and_a_waived_one_becomes_one_again() -> None:
    found = Mismatch("one", "$.a", 1, 2, Kind.SHAPE)
    waiver = Waiver("one", "anna", "known", date(2026, 12, 1))
    assert [one.kind for one in recorded(Agreement("GET /a", 2, 0, (found,)))["GET /a"].findings(TODAY)] == [Kind.SHAPE]
    waived = recorded(Agreement("GET /a", 2, 1, (), (found,)), waivers=(waiver,))["GET /a"]
    assert waived.findings(TODAY) == ()
    assert [one.raw for one in waived.findings(date(2026, 12, 1))] == [1]


def test_rows_left_behind_speak_against_every_route_that_writes() -> None:
    rows = Agreement(ROWS, 1, 0, (Mismatch(ROWS, "titles[2].title", "a", "b"),))
    found = recorded(Agreement("GET /a", 2, 0, ()), Agreement("POST /a", 2, 0, ()), rows)
    assert found["GET /a"].findings(TODAY) == ()
    assert [one.field for one in found["POST /a"].findings(TODAY)] == ["titles[*].title"]
    assert found["POST /a"].compared == 2


def store() -> FlagStore:
    return SQLStore("sqlite:///flags.db")


def test_the_command_records_only_when_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "[tool.strangler]",
        f'store = "{__name__}:store"',
        'rehearsal = "tests.router.parity.test_run:shouting"',
        'code = "abc"',
    ]
    (tmp_path / "pyproject.toml").write_text("\n".join(lines), "utf-8")
    monkeypatch.chdir(tmp_path)

    def kept(*options: str) -> list[dict[str, Any]]:
        assert CliRunner().invoke(cli, ["parity", *options]).exit_code == 1
        flags = store()
        try:
            return [dict(one.summary) for one in flags.evidence("GET /titles/{number}", kind="parity")]
        finally:
            flags.close()

    assert kept() == []
    (summary,) = kept("--record")
    assert [one["field"] for one in summary["fields"]] == ["$.title"]
    assert summary["versions"][0].startswith("abc+")
    assert kept("--record", "--code", "def")[0]["versions"][0].startswith("def+")
