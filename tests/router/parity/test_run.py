"""Both sides of a small hybrid, asked the same; one of its routes loses what was written."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from flask import Flask, jsonify, request, session
from typer.testing import CliRunner

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router, Side
from router.cli import cli
from router.json_response import FlaskJSONResponse
from router.parity.errors import AskedInVain
from router.parity.recording import read_corpus
from router.parity.rehearsal import Login, Rehearsal
from router.parity.run import Parity, run
from router.row import Owner


@dataclass
class Shelf:
    """The data of one copy."""

    titles: dict[int, str] = field(default_factory=lambda: {1: "One"})

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        return {"titles": [{"id": number, "title": title} for number, title in self.titles.items()]}


def flask_app(shelf: Shelf) -> Flask:
    app = Flask("shelf", static_folder=None)
    app.secret_key = "toy"

    @app.get("/titles/<int:number>")
    def one(number: int) -> Any:
        return jsonify(title=shelf.titles.get(number)), 200 if number in shelf.titles else 404

    @app.post("/titles")
    def add() -> Any:
        number = max(shelf.titles) + 1
        shelf.titles[number] = (request.get_json(silent=True) or {}).get("title", "")
        return jsonify(id=number), 201

    @app.post("/login")
    def login() -> Any:
        session["name"] = "anna"
        return jsonify(ok=True)

    @app.get("/me")
    def me() -> Any:
        return jsonify(name=session.get("name"))

    return app


def fastapi_app(shelf: Shelf, *, forgets: bool = False, shouts: bool = False, raises: bool = False) -> FastAPI:
    app = FastAPI(default_response_class=FlaskJSONResponse)

    @app.get("/titles/{number}")
    async def one(number: int) -> Any:
        if raises:
            raise RuntimeError("broken")
        title = shelf.titles.get(number)
        shown = title.upper() if shouts and title else title
        return FlaskJSONResponse({"title": shown}, 200 if number in shelf.titles else 404)

    @app.post("/titles", status_code=201)
    async def add(request: Request) -> Any:
        number = max(shelf.titles) + 1
        try:
            title = (await request.json()).get("title", "")
        except (ValueError, AttributeError):
            title = ""
        shelf.titles[number] = "" if forgets else title
        return {"id": number}

    return app


def rehearsals(**faults: bool) -> Callable[[Side], AbstractContextManager[Rehearsal]]:
    @contextmanager
    def rehearse(side: Side) -> Iterator[Rehearsal]:
        shelf = Shelf()
        store = MemoryStore()
        router = Router(flask_app(shelf), fastapi_app(shelf, **faults), store)
        keys = [row.key for row in router.table if row.owner is Owner.BOTH]
        store.apply([Change(key, Stage(side.value)) for key in keys], actor="a test", reason="one side")
        yield Rehearsal(router, shelf.rows, {"anna": Login("/login", {"json": {}})}, prober="anna")

    return rehearse


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    lines = [
        {"id": "one", "method": "GET", "path": "/titles/1"},
        {"id": "none", "method": "HEAD", "path": "/titles/9"},
        {"id": "who", "method": "GET", "path": "/me", "auth": "anna"},
        {
            "id": "add",
            "method": "POST",
            "path": "/titles",
            "body": {"json": {"title": "Two"}},
            "state": "sequence:adding:1",
            "capture": {"made": "$.id"},
        },
        {"id": "added", "method": "GET", "path": "/titles/${made}", "state": "sequence:adding:2"},
    ]
    file = tmp_path / "corpus.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return file


def found(parity: Parity) -> list[tuple[str, str]]:
    return [(one.request, one.field) for route in parity.routes for one in route.mismatches]


def test_equal_sides_are_whole_and_every_route_was_asked(corpus: Path) -> None:
    seen: list[tuple[Side, int, int]] = []
    parity = run(rehearsals(), read_corpus([corpus]), [], lambda *told: seen.append(told))
    assert (found(parity), parity.unasked, parity.is_whole) == ([], (), True)
    assert {side for side, _, _ in seen} == {Side.LEGACY, Side.MODERN}
    assert seen[-1][1] == seen[-1][2]


def test_an_answer_that_differs_is_found_and_named(corpus: Path) -> None:
    parity = run(rehearsals(shouts=True), read_corpus([corpus]), [], with_probes=False)
    assert ("one", "$.title") in found(parity)
    assert ("added", "$.title") in found(parity)
    assert not parity.is_whole


def test_an_answer_that_legacy_gave_for_a_modern_side_that_failed_is_no_agreement(corpus: Path) -> None:
    parity = run(rehearsals(raises=True), read_corpus([corpus]), [], with_probes=False)
    assert ("one", "header:x-served-by") in found(parity)
    assert not parity.is_whole


def test_rows_that_differ_are_found_where_every_answer_is_equal(corpus: Path) -> None:
    recordings = [one for one in read_corpus([corpus]) if one.id != "added"]
    parity = run(rehearsals(forgets=True), recordings, [], with_probes=False)
    assert [place for _, place in found(parity)] == ["titles[2].title"]


def test_a_route_that_nothing_asks_is_named(corpus: Path) -> None:
    recordings = [one for one in read_corpus([corpus]) if not one.sequence]
    assert run(rehearsals(), recordings, [], with_probes=False).unasked == ("POST /titles",)


def test_probes_ask_what_the_corpus_leaves_out() -> None:
    parity = run(rehearsals(shouts=True), [], [])
    assert parity.unasked == ()
    assert any(place == "$.title" for _, place in found(parity))


def test_an_application_that_never_answers_is_said_so(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.parity.client.SECONDS", 0.05)

    @contextmanager
    def silent(side: Side) -> Iterator[Rehearsal]:
        app = FastAPI()

        @app.get("/titles/{number}")
        async def one(number: int, request: Request) -> None:
            await request.receive()
            await request.receive()

        router = Router(flask_app(Shelf()), app, store := MemoryStore())
        store.apply([Change("GET /titles/{number}", Stage.MODERN)], actor="a test", reason="silence")
        yield Rehearsal(router)

    with pytest.raises(AskedInVain, match="GET /titles/1"):
        run(silent, read_corpus([corpus]), [], with_probes=False)


def refuse(side: Side) -> AbstractContextManager[Rehearsal]:
    raise OSError("no room")


equal, shouting = rehearsals(), rehearsals(shouts=True)


def command(corpus: Path, factory: str, *options: str) -> tuple[int, str, BaseException | None]:
    done = CliRunner().invoke(cli, ["parity", str(corpus), "--rehearsal", f"{__name__}:{factory}", *options])
    return done.exit_code, done.output, done.exception


def test_the_command_tells_by_its_exit_code(corpus: Path) -> None:
    assert command(corpus, "equal")[0] == 0
    code, output, _ = command(corpus, "shouting")
    assert code == 1
    assert '"One" on legacy, "ONE" on modern' in output


def test_the_commands_json_is_all_that_is_known(corpus: Path) -> None:
    code, output, _ = command(corpus, "shouting", "--json")
    told = json.loads(output)
    assert code == 1
    assert told["alike"] is False
    assert {"route", "asked", "waived", "mismatches", "accepted"} == set(told["routes"][0])


def test_what_is_accepted_is_counted_and_does_not_fail(corpus: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("- {requests: '.*', owner: anna, reason: louder, expires: 2100-01-01}", "utf-8")
    code, output, _ = command(corpus, "shouting", "--json", "--waivers", str(waivers))
    assert code == 0
    assert sum(route["waived"] for route in json.loads(output)["routes"]) > 0


def test_copies_that_can_not_be_made_are_one_sentence(corpus: Path) -> None:
    _, _, error = command(corpus, "refuse")
    assert "no room" in str(error)
