"""``strangler status`` as a check in CI: nobody adds to legacy unseen."""

import json
from pathlib import Path

import pytest

from migration_flags.stores.memory import MemoryStore
from router import Router
from tests.router.commanding import Command
from tests.router.toys import create_legacy, create_modern

APP = ("--app", "tests.router.toys:create_router")
GROWN = ("--app", "tests.router.test_cli_status:create_grown")
LOST = ("--app", "tests.router.test_cli_status:create_without_two")
KEY = "GET /api/two"


def create_grown() -> Router:
    """Somebody added a route to legacy."""
    legacy = create_legacy()
    legacy.add_url_rule("/api/added", view_func=lambda: "added", endpoint="added")
    return Router(legacy, create_modern(), MemoryStore())


def create_without_two() -> Router:
    """Somebody deleted a modern handler."""
    modern = create_modern()
    modern.router.routes[:] = [route for route in modern.router.routes if getattr(route, "path", "") != "/api/two"]
    return Router(create_legacy(), modern, MemoryStore())


@pytest.fixture
def strangler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, monkeypatch, capsys)


def recorded(strangler: Command) -> dict[str, object]:
    found: dict[str, object] = json.loads((strangler.folder / "strangler-ratchet.json").read_text("utf-8"))
    return found


def test_without_a_file_the_check_says_how_to_get_one(strangler: Command) -> None:
    done = strangler("status", "--fail-on-increase", *APP)
    assert done.returncode == 1
    assert "There is no strangler-ratchet.json yet: `strangler status --record` writes it." in done.stderr


def test_what_was_recorded_passes_until_somebody_adds_to_legacy(strangler: Command) -> None:
    assert strangler("status", "--record", *APP).returncode == 0
    assert recorded(strangler)["only_legacy"] == ["GET /api/pid"]
    assert strangler("status", "--fail-on-increase", *APP).returncode == 0
    done = strangler("status", "--fail-on-increase", *GROWN)
    assert done.returncode == 1
    assert "more to do: GET /api/added: was added to legacy" in done.stdout
    assert "1 route has more left to do" in done.stderr
    told = json.loads(strangler("status", "--fail-on-increase", "--json", *GROWN).stdout)
    assert [one["route"] for one in told["increases"]] == ["GET /api/added"]


def test_a_modern_twin_that_is_gone_is_noticed_from_the_code_alone(strangler: Command) -> None:
    strangler("status", "--record", *APP)
    strangler.url = "sqlite:////nowhere/flags.db"
    done = strangler("status", "--fail-on-increase", *LOST)
    assert done.returncode == 1
    assert f"{KEY}: lost its modern handler" in done.stdout
    code = strangler("status", "--fail-on-increase", *APP)
    assert (code.returncode, "Stages are not looked at." in code.stderr) == (0, True)
    assert strangler("status", *APP).returncode == 1


def test_a_route_that_fell_back_is_named_where_the_store_can_be_read(strangler: Command) -> None:
    strangler("flags", "set", KEY, "modern", "--reason", "x", *APP)
    strangler("status", "--record", *APP)
    strangler("flags", "set", KEY, "legacy", "--reason", "x", *APP)
    done = strangler("status", "--fail-on-increase", *APP)
    assert (done.returncode, f"{KEY}: is at legacy, and was not below modern" in done.stdout) == (1, True)


def test_the_ratchet_goes_down_and_never_up_unless_told_to(strangler: Command) -> None:
    strangler("status", "--record", *APP)
    assert KEY in str(recorded(strangler))
    strangler("flags", "set", KEY, "modern", "--reason", "x", *APP)
    assert strangler("status", "--record", *APP).returncode == 0
    lower = recorded(strangler)
    assert KEY not in str(lower)
    strangler("flags", "set", KEY, "legacy", "--reason", "x", *APP)
    done = strangler("status", "--record", *APP)
    assert (done.returncode, recorded(strangler)) == (1, lower)
    assert "--allow-increase records it" in done.stderr
    assert strangler("status", "--record", "--allow-increase", *APP).returncode == 0
    assert KEY in str(recorded(strangler))


def test_the_file_is_where_pyproject_says(strangler: Command) -> None:
    (strangler.folder / "pyproject.toml").write_text('[tool.strangler]\nratchet = "ci/left.json"\n')
    (strangler.folder / "ci").mkdir()
    below = strangler.folder / "deep"
    below.mkdir()
    top, strangler.folder = strangler.folder, below
    assert strangler("status", "--record", *APP).returncode == 0
    assert (top / "ci" / "left.json").is_file()


def test_a_file_that_is_broken_is_one_sentence(strangler: Command) -> None:
    (strangler.folder / "strangler-ratchet.json").write_text("<<<<<<< ours")
    for option in ("--fail-on-increase", "--record"):
        done = strangler("status", option, *APP)
        assert (done.returncode, "can't be read as a ratchet" in done.stderr) == (1, True)
    assert strangler("status", "--record", "--allow-increase", *APP).returncode == 0
