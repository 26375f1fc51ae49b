"""A drill in this process: it shows a rollback, and leaves no trace."""

import json
from pathlib import Path

import pytest

from migration_flags.stores.sql import SQLStore
from tests.router.commanding import Command

APP = ("--app", "tests.router.drill.drilled:create_router")
LAX = ("--app", "tests.router.drill.drilled:create_lax_router")
KEY = "GET /api/one/{id}"


@pytest.fixture
def strangler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, monkeypatch, capsys)


def test_a_drill_shows_the_rollback_and_changes_nothing(strangler: Command) -> None:
    strangler("flags", "set", KEY, "shadow", "--reason", "x", *APP)
    store = SQLStore(strangler.url)
    before = store.snapshot(), store.history(), store.evidence(KEY), store.workers()
    done = strangler("drill", KEY, *APP)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "modern failed for the test user; legacy answered 200" in lines[0]
    assert "the rate rule tripped after 10 faults" in lines[1]
    assert "legacy alone answers again (200)" in lines[2]
    assert '"faults": 10' in done.stdout
    assert "no flag has changed" in lines[-1]
    assert "Traceback" not in done.stderr
    assert (store.snapshot(), store.history(), store.evidence(KEY), store.workers()) == before
    store.close()


def test_a_drill_in_json_has_the_timeline_and_the_evidence(strangler: Command) -> None:
    told = strangler.json("drill", KEY, *APP)
    assert (told["rolled_back"], told["trip"], told["path"]) == (True, "rate", "/api/one/1")
    assert told["seconds"] < 5
    assert told["evidence"]["modern"] == {"requests": 10, "faults": 10}
    assert len(told["events"]) == 3


def test_a_drill_needs_no_store(strangler: Command) -> None:
    strangler.url = "sqlite:////nowhere/flags.db"
    assert strangler("drill", KEY, *APP).returncode == 0


def test_where_nothing_is_taken_back_the_drill_fails_and_says_why(strangler: Command) -> None:
    done = strangler("drill", KEY, "--within", "1", *LAX)
    assert done.returncode == 1
    assert "No rollback within 1 s." in done.stdout
    assert "Router(rollback=None)" in done.stdout
    told = json.loads(strangler("drill", KEY, "--within", "1", "--json", *LAX).stdout)
    assert (told["rolled_back"], told["trip"]) == (False, None)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["POST /api/three"], 1, "a drill asks GET routes alone"),
        (["GET /api/pid"], 1, "there is nothing to go back to"),
        (["GET /nowhere"], 1, "There is no route"),
        ([KEY, "--path", "/api/one/x"], 1, "is not a path of"),
        ([KEY, "--url", "127.0.0.1:5000", "--yes"], 1, "an address like http://"),
        ([KEY, "--url", "http://127.0.0.1:1"], 2, "Say --yes"),
        ([KEY, "--url", "http://127.0.0.1:1", "--yes"], 1, "127.0.0.1:1 can't be asked"),
    ],
)
def test_a_refused_drill_says_why_and_leaves_no_stage_behind(
    strangler: Command, arguments: list[str], code: int, sentence: str
) -> None:
    done = strangler("drill", *arguments, *APP)
    assert (done.returncode, sentence in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert {stage.value for stage in strangler.stages().values()} <= {"legacy"}
