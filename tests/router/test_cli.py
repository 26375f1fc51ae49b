"""``strangler``, as a command: what it prints, what it refuses, and its exit codes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from flask import Flask

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Owner, Router
from router.override import Claim, from_cookie, read_claim
from router.parity.rehearsal import Rehearsal
from router.row import Side
from router.visitor_cookie import derived_key
from tests.router.commanding import Command

ROOT = Path(__file__).parents[2]
APP = ("--app", "tests.router.toys:create_router")
KEY = "GET /api/two"
ALIKE = "tests.router.test_cli:rehearse_alike"
OTHERWISE = "tests.router.test_cli:rehearse_otherwise"


@contextmanager
def rehearse_alike(side: Side) -> Iterator[Rehearsal]:
    """Two sides that answer the same."""
    yield _rehearsal(side, "same")


@contextmanager
def rehearse_otherwise(side: Side) -> Iterator[Rehearsal]:
    """Two sides that do not."""
    yield _rehearsal(side, side.value)


def _rehearsal(side: Side, body: str) -> Rehearsal:
    legacy, modern = Flask("legacy", static_folder=None), FastAPI(openapi_url=None)
    legacy.add_url_rule("/hello", view_func=lambda: (body, {"Content-Type": "text/plain; charset=utf-8"}))
    modern.get("/hello")(lambda: PlainTextResponse(body))
    store = MemoryStore()
    router = Router(legacy, modern, store, fallback=None, rollback=None, mirror=None)
    keys = [row.key for row in router.table if row.owner is Owner.BOTH]
    store.apply([Change(key, Stage(side.value)) for key in keys], actor="test", reason="one side")
    return Rehearsal(router)


@pytest.fixture
def strangler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, monkeypatch, capsys)


def test_the_command_is_a_process_like_any_other(tmp_path: Path) -> None:
    environment = {**os.environ, "TOY_STORE": f"sqlite:///{tmp_path / 'flags.db'}", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from router.cli import main; main()", "flags", "set", KEY, "nowhere", *APP]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_routes_lists_owner_stage_and_relation(strangler: Command) -> None:
    rows = {row["route"]: row for row in strangler.json("routes", *APP)}
    one = rows["GET /api/one/{id}"]
    assert (one["owner"], one["stage"], one["relation"]) == ("both", "legacy", "wider")
    assert (one["legacy"], one["modern"]) == ("/api/one/{id:int}", "/api/one/{number}")
    assert (rows["GET /api/pid"]["owner"], rows["GET /api/pid"]["stage"]) == ("legacy", "")
    text = strangler("routes", *APP).stdout
    assert "GET /api/one/{id}" in text


def test_routes_says_what_a_move_would_change(strangler: Command) -> None:
    rows = {row["route"]: row for row in strangler.json("routes", *APP)}
    assert (
        "Modern's GET /api/one/{number} takes paths that legacy's GET /api/one/{id:int} refuses"
        in (rows["GET /api/one/{id}"]["explanation"])
    )
    assert rows["GET /api/two"]["meets"] == []
    explained, short = strangler("routes", "--explain", *APP).stdout, strangler("routes", *APP).stdout
    assert "only who answers changes" in explained
    assert "only who answers changes" not in short


@pytest.mark.parametrize(
    ("arguments", "route", "side", "why"),
    [
        (["GET", "/api/one/5?page=2"], "GET /api/one/{id}", "modern", "flag"),
        (["get", "/api/one/%35"], "GET /api/one/{id}", "modern", "flag"),
        (["HEAD", "/api/two"], "GET /api/two", "legacy", "no flag"),
        (["GET", "/docs"], "GET /docs", "modern", "only owner"),
        (["PUT", "/api/one/5"], "* /{path}", "legacy", "no flag"),
        (["GET", "/api/one/x"], "* /{path}", "legacy", "no flag"),
    ],
)
def test_explain_says_which_side_answers_and_why(
    strangler: Command, arguments: list[str], route: str, side: str, why: str
) -> None:
    assert strangler("flags", "set", "GET /api/one/{id}", "modern", "--reason", "x", *APP).returncode == 0
    found = strangler.json("explain", *arguments, *APP)
    assert (found["route"], found["side"], found["why"]) == (route, side, why)
    text = strangler("explain", *arguments, *APP).stdout
    assert f"route: {route}" in text
    assert f"side: {side}" in text


def test_explain_says_that_a_visitor_decides(strangler: Command) -> None:
    strangler("flags", "set", KEY, "canary", "--percent", "5", "--user", "ada=modern", "--reason", "x", *APP)
    found = strangler.json("explain", "GET", "/api/two", *APP)
    assert found["sentences"][0] == "Who asks decides: 5 % of the visitors get modern, and rules name some."
    assert (found["side"], found["stage"], found["why"]) == ("legacy", "canary", "no unit")


def test_explain_wants_a_path(strangler: Command) -> None:
    assert strangler("explain", "GET", "api/two", *APP).returncode == 2
    assert strangler("explain", "GET", "ftp://a/api/two", *APP).returncode == 2


@pytest.mark.parametrize("address", ["https://shop.example/api/one/5?page=2#top", "http://127.0.0.1:5000/api/one/%35"])
def test_explain_takes_an_address_as_it_stands_in_a_browser(strangler: Command, address: str) -> None:
    found = strangler.json("explain", "GET", address, *APP)
    assert (found["route"], found["request"]) == ("GET /api/one/{id}", "GET /api/one/5")


def test_explain_says_what_one_visitor_gets(strangler: Command) -> None:
    settings = ["--percent", "50", "--user", "ada=modern", "--role", "staff=legacy"]
    strangler("flags", "set", KEY, "canary", *settings, "--reason", "x", *APP)

    def told(*who: str) -> tuple[str, str]:
        found = strangler.json("explain", "GET", "/api/two", *who, *APP)
        return found["side"], found["why"]

    assert told() == ("legacy", "no unit")
    assert told("--as", "user:ada") == ("modern", "user rule")
    assert told("--as", "user:5", "--role", "staff") == ("legacy", "role rule")
    sides = {told("--as", f"user:{number}") for number in range(12)}
    assert sides == {("modern", "percent"), ("legacy", "percent")}
    text = strangler("explain", "GET", "/api/two", "--as", "user:5", *APP).stdout
    assert "user:5 is in bucket" in text


def test_history_is_a_verb_of_its_own_too(strangler: Command) -> None:
    strangler("flags", "set", KEY, "shadow", "--reason", "x", *APP)
    assert strangler.json("history", KEY, *APP) == strangler.json("flags", "history", KEY, *APP)


@pytest.mark.parametrize(
    ("done", "failed", "wrong"),
    [
        (["routes"], ["routes", "--app", "nothing:here"], ["routes", "--nonsense"]),
        (["flags", "list"], ["flags", "list", "--store", "sqlite:////nowhere/x.db"], ["flags", "nonsense"]),
        (["status"], ["status", "--fail-on-increase"], ["status", "now"]),
        (["explain", "GET", "/api/two"], ["explain", "GET", "/", "--app", "nothing:here"], ["explain", "GET"]),
        (["drill", KEY], ["drill", "GET /api/pid"], ["drill"]),
        (["history"], ["history", "--store", "sqlite:////nowhere/x.db"], ["history", "--limit", "0"]),
        (["parity", "--rehearsal", ALIKE], ["parity", "--rehearsal", OTHERWISE], ["parity", "--nonsense"]),
    ],
)
def test_every_verb_ends_with_0_1_or_2(
    strangler: Command, done: list[str], failed: list[str], wrong: list[str]
) -> None:
    own = [] if done[0] == "parity" else [*APP]
    assert strangler(*done, *own).returncode == 0
    refused = strangler(*failed, *([] if "--app" in failed else own))
    assert refused.returncode == 1
    assert refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr
    misused = strangler(*wrong)
    assert (misused.returncode, misused.stdout) == (2, "")


def test_set_show_and_history_tell_one_story(strangler: Command) -> None:
    done = strangler("flags", "set", KEY, "modern", "--reason", "parity is green", "--actor", "ada", *APP)
    assert (done.returncode, done.stdout.strip()) == (0, f"{KEY}: unset → modern (epoch 1)")
    shown = strangler.json("flags", "show", KEY, *APP)
    assert (shown["stage"], shown["updated_by"], shown["reason"]) == ("modern", "ada", "parity is green")
    (row,) = strangler.json("flags", "history", KEY, "--store", strangler.url)
    assert (row["actor"], row["after_stage"], row["gated"]) == ("ada", "modern", False)
    assert [flag["key"] for flag in strangler.json("flags", "list", "--store", strangler.url)] == [KEY]
    again = strangler("flags", "set", KEY, "modern", "--reason", "again", *APP)
    assert (again.returncode, again.stdout.strip()) == (0, "Nothing to change.")


def test_all_moves_what_both_sides_have_and_lists_the_rest(strangler: Command) -> None:
    done = strangler.json("flags", "set", "--all", "modern", "--reason", "all", *APP)
    assert set(done["changed"]) == {"GET /api/one/{id}", KEY, "POST /api/three", "* /{path}"}
    assert {"GET /api/pid", "GET /docs"} <= set(done["skipped"])
    assert set(strangler.stages()) == set(done["changed"])
    numbers = strangler.json("status", *APP)
    assert (numbers["routes"], numbers["remaining"], numbers["unported"]) == (4, 1, 1)
    assert (numbers["stages"]["modern"], numbers["percent_moved"], numbers["epoch"]) == (3, 75.0, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["GET /api/pid", "modern", "--reason", "x"], 1, "GET /api/pid has no modern handler"),
        (["GET /docs", "legacy", "--reason", "x"], 1, "GET /docs has no legacy handler"),
        (["GET /nowhere", "modern", "--reason", "x"], 1, "There is no route 'GET /nowhere'."),
        ([KEY, "canary", "--reason", "x"], 1, "the stage canary needs a percentage."),
        ([KEY, "canary", "--percent", "101", "--reason", "x"], 1, "101"),
        ([KEY, "modern", "--user", "ada", "--reason", "x"], 2, "NAME=modern"),
        ([KEY, "modern", "--requires", "GET /nowhere", "--reason", "x"], 1, "There is no route 'GET /nowhere'."),
        ([KEY, "canary", "--percent", "5", "--requires", "POST /api/three", "--reason", "x"], 1, "POST /api/three"),
        ([KEY, "modern", "--reason", " "], 1, "A change needs a reason."),
        ([KEY, "modern"], 2, "--reason"),
        ([KEY, "halfway", "--reason", "x"], 2, "halfway"),
        (["modern", "--reason", "x"], 2, "--all"),
        ([KEY, "modern", "--all", "--reason", "x"], 2, "--all"),
    ],
)
def test_a_refused_set_says_why_and_moves_nothing(
    strangler: Command, arguments: list[str], code: int, sentence: str
) -> None:
    done = strangler("flags", "set", *arguments, *APP)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert strangler.stages() == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["routes"], "No application: give --app"),
        (["routes", "--app", "nonsense"], "not of the form module:factory"),
        (["routes", "--app", "no_such_module:create"], "can't be imported"),
        (["routes", "--app", "tests.router.toys:nothing"], "has no factory nothing"),
        (["routes", "--app", "tests.router.toys:create_legacy"], "not a Router"),
        (["flags", "list", "--store", "sqlite:////nowhere/flags.db"], "is unavailable"),
        (["flags", "list", "--store", "mysql://a:hunter2@127.0.0.1:1/x"], "is unavailable"),
        (["flags", "list", "--store", "nonsense"], "is not the URL of a database"),
        (["flags", "list", "--store", "redis://:hunter2@127.0.0.1:1/0"], "is unavailable"),
    ],
)
def test_what_can_not_be_found_is_one_sentence(strangler: Command, arguments: list[str], sentence: str) -> None:
    done = strangler(*arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_pyproject_upward_names_the_application_and_the_store(strangler: Command) -> None:
    (strangler.folder / "pyproject.toml").write_text(
        '[tool.strangler]\napp = "tests.router.toys:create_router"\nstore = "tests.router.toys:create_store"\n'
    )
    below = strangler.folder / "deep" / "down"
    below.mkdir(parents=True)
    strangler.folder = below
    assert strangler("flags", "set", KEY, "modern", "--reason", "x").returncode == 0
    assert [flag["key"] for flag in strangler.json("flags", "list")] == [KEY]


def test_a_canary_is_set_with_all_that_belongs_to_it(strangler: Command) -> None:
    settings = ["--percent", "5", "--mirror", "10", "--group", "checkout", "--user", "ada=modern", "--role", "x=legacy"]
    done = strangler("flags", "set", KEY, "canary", *settings, "--reason", "x", *APP)
    assert done.stdout.strip() == f"{KEY}: unset → canary 5 % (epoch 1)"
    shown = strangler.json("flags", "show", KEY, *APP)
    assert (shown["percent"], shown["mirror"], shown["group"], shown["why"]) == (
        5,
        10,
        "checkout",
        "the visitor decides",
    )
    assert [(rule["kind"], rule["value"], rule["modern"]) for rule in shown["rules"]] == [
        ("user", "ada", True),
        ("role", "x", False),
    ]
    again = strangler("flags", "set", KEY, "canary", "--percent", "7", "--user", "-", "--reason", "x", *APP)
    assert "canary 5 % → canary 7 %" in again.stdout
    (kept,) = strangler.json("flags", "list", *APP)
    assert (kept["mirror"], kept["group"], kept["rules"], kept["killed"]) == (10, "checkout", [], False)
    text = strangler("flags", "list", *APP).stdout
    assert "canary 7 %" in text
    assert "10 %" in text


def test_the_kill_switch_is_one_command(strangler: Command) -> None:
    assert strangler("flags", "kill", "on", "--reason", "x", *APP).returncode == 0
    strangler("flags", "set", KEY, "modern", "--reason", "x", *APP)
    assert strangler.json("flags", "show", KEY, *APP)["why"] == "kill switch"
    assert "kill switch is on" in strangler("flags", "list", *APP).stdout
    assert strangler("flags", "kill", "off", "--reason", "x", *APP).returncode == 0
    assert strangler.json("flags", "show", KEY, *APP)["why"] == "flag"
    assert strangler("flags", "kill", "maybe", "--reason", "x", *APP).returncode == 2


def test_a_promotion_without_evidence_says_what_is_missing_and_moves_nothing(strangler: Command) -> None:
    assert strangler("flags", "promote", KEY, *APP).returncode == 0
    assert strangler.stages() == {KEY: Stage.SHADOW}
    done = strangler("flags", "promote", KEY, *APP)
    assert done.returncode == 1
    assert f"{KEY} to canary 1 %: refused" in done.stdout
    assert "strangler parity --record" in done.stdout
    assert "is not promoted" in done.stderr
    checked = strangler("flags", "promote", KEY, "--check", "--json", *APP)
    told = json.loads(checked.stdout)
    assert (checked.returncode, told["allowed"], told["to"]) == (1, False, "canary 1 %")
    assert strangler("flags", "promote", "GET /docs", *APP).returncode == 1
    assert strangler.stages() == {KEY: Stage.SHADOW}
    (first, *_) = strangler.json("flags", "history", KEY, *APP)
    assert first["gated"] is True


def test_a_rollback_goes_down_and_never_up(strangler: Command) -> None:
    strangler("flags", "set", KEY, "canary", "--percent", "50", "--reason", "x", *APP)
    assert strangler("flags", "rollback", KEY, "--to", "modern", *APP).returncode == 2
    assert strangler("flags", "rollback", KEY, "--to", "canary", "--percent", "60", *APP).returncode == 2
    down = strangler("flags", "rollback", KEY, "--to", "canary", "--percent", "10", *APP)
    assert "canary 50 % → canary 10 %" in down.stdout
    assert strangler("flags", "rollback", KEY, "--reason", "it broke", *APP).returncode == 0
    assert strangler.stages() == {KEY: Stage.LEGACY}
    assert strangler("flags", "rollback", KEY, *APP).returncode == 2


def test_a_retired_route_does_not_go_back_by_chance(strangler: Command) -> None:
    strangler("flags", "set", KEY, "retired", "--reason", "x", *APP)
    assert strangler("flags", "rollback", KEY, *APP).returncode == 1
    assert strangler("flags", "set", KEY, "legacy", "--reason", "x", *APP).returncode == 1
    assert strangler("flags", "set", KEY, "modern", "--unretire", "--reason", "x", *APP).returncode == 0
    assert strangler.stages() == {KEY: Stage.MODERN}


def test_unattended_promotion_is_switched_by_route(strangler: Command) -> None:
    assert strangler.json("flags", "auto", KEY, "on", *APP) == {"route": KEY, "auto": "on"}
    assert strangler.json("flags", "auto", KEY, "off", *APP) == {"route": KEY, "auto": "off"}


SIGNED = ("--app", "tests.router.toys:create_signing_router")


def test_an_override_is_signed_for_a_while(strangler: Command) -> None:
    header = strangler("override", "--side", "modern", "--for", "1h", "--by", "ada", *SIGNED).stdout.strip()
    name, _, value = header.partition(": ")
    assert name == "X-Strangler-Side"
    key = derived_key("a secret of the toys", b"override")
    assert read_claim(key, value, time.time() + 3590) == (Claim.HONOURED, Side.MODERN)
    assert read_claim(key, value, time.time() + 3610) == (Claim.EXPIRED, None)
    cookie = strangler("override", "--side", "legacy", "--by", "ada", "--cookie", *SIGNED).stdout.strip()
    assert read_claim(key, from_cookie(cookie.removeprefix("strangler_side=")), 0) == (Claim.HONOURED, Side.LEGACY)
    assert "secret" not in header + cookie


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--side", "modern", *APP], 1),
        (["--side", "router", *SIGNED], 2),
        (["--side", "modern", "--for", "1y", *SIGNED], 2),
        (["--side", "modern", "--for", "99d", *SIGNED], 2),
        (["--side", "modern", "--by", "a b", *SIGNED], 2),
    ],
)
def test_an_override_that_can_not_be_signed_says_why(strangler: Command, arguments: list[str], code: int) -> None:
    done = strangler("override", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
