"""``strangler replay``, as a shell and a CI job see it."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from migration_flags import FlagStore
from migration_flags.stores.sql import SQLStore
from router.configuration import NotConfigured
from router.promotion.recorded import recorded
from router.promotion.rules import GateRules
from router.replay.command import replay
from tests.router.replay.test_servers import pair
from tests.router.replay.toys import create_router

cli = Typer()
cli.command()(replay)

LINES = [
    {"id": "long", "method": "GET", "path": "/books?page=2&sort=title&x=1", "headers": {"accept": "a"}},
    {"id": "one", "method": "GET", "path": "/books/1", "auth": "admin"},
    {"id": "add", "method": "POST", "path": "/books", "body": {"json": {}}, "state": "sequence:a:1"},
]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "corpus.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in LINES), "utf-8")
    return file


def command(corpus: Path, *options: str) -> tuple[int, str, BaseException | None]:
    done = CliRunner().invoke(cli, [str(corpus), *options], env={"COLUMNS": "200"})
    return done.exit_code, done.output, done.exception


def on_copies(corpus: Path, factory: str, *options: str) -> tuple[int, str, BaseException | None]:
    return command(corpus, "--rehearsal", f"tests.router.replay.toys:{factory}", *options)


def test_equal_sides_end_with_zero(corpus: Path) -> None:
    assert on_copies(corpus, "equal")[0] == 0


def test_a_mismatch_ends_with_one_and_is_printed_as_a_line_and_a_command(corpus: Path) -> None:
    code, output, _ = on_copies(corpus, "backwards")
    assert code == 1
    assert '{"id": "long", "method": "GET", "path": "/books?sort=title"}' in output
    assert "curl -sS --path-as-is -i -X GET 'http://127.0.0.1:5000/books?sort=title'" in output


def test_without_shrinking_nothing_more_is_asked(corpus: Path) -> None:
    code, output, _ = on_copies(corpus, "backwards", "--no-shrink")
    assert code == 1
    assert "curl" not in output


def test_the_json_is_all_that_is_known(corpus: Path) -> None:
    code, output, _ = on_copies(corpus, "backwards", "--json")
    told = json.loads(output)
    assert (code, told["alike"], told["skipped"]) == (1, False, [])
    assert {"route", "asked", "waived", "mismatches", "accepted"} == set(told["routes"][0])
    (minimal,) = told["minimal"]
    assert minimal["lines"] == [{"id": "long", "method": "GET", "path": "/books?sort=title"}]
    assert (minimal["reproduced"], minimal["minimal"], minimal["request"]) == (True, True, "long")


def test_a_waiver_is_obeyed(corpus: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("- {requests: long, owner: anna, reason: order, expires: 2100-01-01}", "utf-8")
    assert on_copies(corpus, "backwards", "--waivers", str(waivers))[0] == 0


def test_two_running_servers_are_asked_with_the_cookies_of_the_environment(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRANGLER_COOKIE_ADMIN", "session=hunter2")
    with pair() as servers:
        at = ["--at", servers.legacy.base, servers.modern.base, "--app", "tests.router.replay.toys:create_router"]
        code, output, _ = command(corpus, *at)
        assert code == 1
        assert f"'{servers.modern.base}/books?sort=title'" in output
        assert "not asked: 1 requests" in output
        assert "hunter2" not in output
        code, output, _ = command(corpus, *at, "--record")
        assert code == 2


def test_an_address_with_a_password_is_refused(corpus: Path) -> None:
    code, output, _ = command(corpus, "--at", "http://anna:hunter2@h", "http://h")
    assert code == 2
    assert "hunter2" not in output


def test_no_copies_are_one_sentence(corpus: Path) -> None:
    _, _, error = command(corpus)
    assert isinstance(error, NotConfigured)


def store() -> FlagStore:
    return SQLStore("sqlite:///flags.db")


def test_what_is_recorded_is_evidence_that_the_gate_accepts(corpus: Path, tmp_path: Path) -> None:
    lines = ["[tool.strangler]", f'store = "{__name__}:store"', 'code = "commit 1"']
    (tmp_path / "pyproject.toml").write_text("\n".join(lines), "utf-8")
    assert on_copies(corpus, "equal", "--record")[0] == 0
    flags = store()
    try:
        pieces, now = flags.evidence("GET /books"), flags.now()
    finally:
        flags.close()
    assert [piece.kind for piece in pieces] == ["replay"]
    router = create_router()
    version = router.version_of("commit 1")
    assert recorded(pieces, version, now, GateRules()).holds
    assert not recorded(pieces, router.version_of("commit 2"), now, GateRules()).holds
