"""Dry runs over two toys that keep a list: nothing of modern's may stay in it, and one answer goes out."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI, Request
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from migration_flags import Change, Evidence, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from router.comparison.summary import Summary
from router.dry_run.dry_runs import DryRun
from router.dry_run.isolate import NotIsolated
from router.dry_run.limits import DryRunLimits
from router.dry_run.writes import GENERATED, RowChange, WriteSet
from tests.router.asking import Answer, Client, ask, http_scope, until
from tests.router.rig import running

pytestmark = pytest.mark.anyio

KEY = "POST /notes"
JSON = {"content-type": "application/json"}


@dataclass
class Toy:
    """``notes`` is the database; ``trouble`` what the surroundings, or the sides, do wrong."""

    notes: list[str] = field(default_factory=list)
    trouble: str = ""
    asked: list[str] = field(default_factory=list)
    states: list[list[str]] = field(default_factory=list)
    entered: int = 0
    left: int = 0

    @asynccontextmanager
    async def isolate(self, scope: Any) -> AsyncIterator["Surroundings"]:
        if self.trouble == "not isolated":
            raise NotIsolated("a toy")
        if self.trouble == "isolate":
            raise RuntimeError("a toy")
        self.entered += 1
        try:
            yield Surroundings({**scope["state"], "notes": list(self.notes)}, len(self.notes))
        finally:
            await asyncio.sleep(0)
            self.left += 1

    @contextmanager
    def recorder(self) -> Iterator["Recorded"]:
        yield Recorded(self.notes, len(self.notes))


@dataclass
class Surroundings:
    state: dict[str, Any]
    begun: int

    async def writes(self) -> WriteSet:
        return writes_of(self.state["notes"], self.begun)


@dataclass
class Recorded:
    notes: list[str]
    begun: int

    def writes(self) -> WriteSet:
        return writes_of(self.notes, self.begun)


def writes_of(notes: list[str], begun: int) -> WriteSet:
    return WriteSet(tuple(RowChange("notes", "insert", GENERATED, {"text": text}) for text in notes[begun:]))


def flask_app(toy: Toy) -> Flask:
    app = Flask("toy", static_folder=None)

    @app.route("/notes", methods=["GET", "POST"])
    def notes() -> ResponseReturnValue:
        toy.asked.append("legacy")
        if toy.trouble == "legacy fails":
            return "", 500
        toy.notes.append(request.get_data(as_text=True))
        return jsonify(ok=True)

    return app


def fastapi_app(toy: Toy) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.api_route("/notes", methods=["GET", "POST"])
    async def notes(request: Request) -> dict[str, bool]:
        toy.asked.append("modern")
        text = (await request.body()).decode()
        getattr(request.state, "notes", toy.notes).append(text + "!" * (toy.trouble == "writes more"))
        if toy.trouble == "modern raises":
            raise RuntimeError("a toy")
        if toy.trouble == "modern hangs":
            await asyncio.Event().wait()
        return {"ok": True}

    return app


class Bench:
    def __init__(self, **limits: Any) -> None:
        self.toy = Toy()
        self.store = MemoryStore()
        chosen = DryRun(
            frozenset({KEY}),
            self.toy.isolate,
            self.toy.recorder,
            DryRunLimits(**{"share": 1.0, "deadline": 0.3, **limits}),
        )
        self.router = Router(flask_app(self.toy), fastapi_app(self.toy), self.store, dry_run=chosen, poll_interval=60)
        assert self.router.dry_runs is not None
        self.runs = self.router.dry_runs
        self.move(Stage.SHADOW)

    def move(self, stage: Stage, percent: float | None = None) -> None:
        changes = [Change(key, stage, percent) for key in (KEY, "GET /notes")]
        self.store.apply(changes, actor="a test", reason="a test")
        self.router.refresh()

    async def post(self, body: bytes | list[bytes] = b"one") -> Answer:
        return await ask(self.router, "POST", "/notes", headers=JSON, body=body)

    @property
    def summary(self) -> Summary:
        return Summary.from_json(self.runs.summary(KEY))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    async with running(made.router):
        yield made
        assert made.toy.entered == made.toy.left


async def test_modern_is_asked_before_legacy_and_nothing_of_it_stays(bench: Bench) -> None:
    answer = await bench.post()
    await until(lambda: bench.summary.compared == 1)
    assert (answer.status, answer.side) == (200, "legacy")
    assert bench.toy.asked == ["modern", "legacy"]
    assert bench.toy.notes == ["one"]
    assert bench.summary.results == {"canonical": 1}


async def test_a_body_in_parts_reaches_both(bench: Bench) -> None:
    await bench.post([b"o", b"n", b"e"])
    await until(lambda: bench.summary.compared == 1)
    assert bench.toy.notes == ["one"]
    assert bench.summary.results == {"canonical": 1}


@pytest.mark.parametrize(
    ("trouble", "result"),
    [("modern raises", "status"), ("modern hangs", "exception"), ("writes more", "value")],
)
async def test_what_modern_does_wrong_is_found_and_harms_nobody(bench: Bench, trouble: str, result: str) -> None:
    bench.toy.trouble = trouble
    for number in range(3):
        answer = await bench.post()
        assert (answer.status, answer.side, len(bench.toy.notes)) == (200, "legacy", number + 1)
        assert len([one for one in answer.messages if one["type"] == "http.response.start"]) == 1
    await until(lambda: bench.summary.compared == 3)
    assert bench.summary.results == {result: 3}


@pytest.mark.parametrize(
    ("trouble", "why"),
    [("not isolated", "not isolated"), ("isolate", "broken"), ("legacy fails", "primary failed")],
)
async def test_what_can_not_be_tried_is_counted(
    bench: Bench, trouble: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    bench.toy.trouble = trouble
    answer = await bench.post()
    assert answer.status == (500 if trouble == "legacy fails" else 200)
    assert bench.summary.skipped == {why: 1}
    assert bench.toy.asked.count("legacy") == 1


@pytest.mark.parametrize("body", [b"x" * 70_000, [b"x" * 40_000, b"x" * 40_000]])
async def test_a_large_body_goes_to_legacy_alone_and_whole(bench: Bench, body: bytes | list[bytes]) -> None:
    await bench.post(body)
    assert bench.toy.asked == ["legacy"]
    assert bench.toy.notes == [body.decode() if isinstance(body, bytes) else b"".join(body).decode()]
    assert bench.summary.skipped == {"request body": 1}


async def test_a_body_that_trickles_is_not_waited_for_twice(bench: Bench) -> None:
    client = Client([b"one"], complete=False)
    scope = http_scope("POST", "/notes", [("content-length", "10")])
    task = asyncio.create_task(bench.router(scope, client.receive, client.send))
    await until(lambda: bench.summary.skipped == {"request body": 1})
    client.leave()
    await asyncio.wait_for(task, 10)
    assert "modern" not in bench.toy.asked


@pytest.mark.parametrize(("stage", "percent"), [(Stage.LEGACY, None), (Stage.CANARY, 1.0), (Stage.MODERN, None)])
async def test_only_at_shadow_is_anything_tried(bench: Bench, stage: Stage, percent: float | None) -> None:
    bench.move(stage, percent)
    await bench.post()
    assert len(bench.toy.asked) == 1
    assert bench.toy.entered == 0


async def test_reads_are_not_tried(bench: Bench) -> None:
    await ask(bench.router, "GET", "/notes")
    assert bench.toy.entered == 0


async def test_of_two_at_once_one_is_tried(bench: Bench) -> None:
    bench.toy.trouble = "modern hangs"
    answers = await asyncio.gather(bench.post(b"a"), bench.post(b"b"))
    assert [answer.status for answer in answers] == [200, 200]
    assert sorted(bench.toy.notes) == ["a", "b"]
    assert bench.summary.skipped == {"busy": 1}


async def test_the_mirror_asks_nothing_again(bench: Bench) -> None:
    await bench.post()
    await until(lambda: bench.summary.compared == 1)
    await asyncio.sleep(0)
    assert bench.router.mirror is not None
    assert bench.router.mirror.summary(KEY)["compared"] == 0
    assert bench.toy.asked == ["modern", "legacy"]


async def test_a_share_of_nothing_tries_nothing() -> None:
    bench = Bench(share=0.0)
    async with running(bench.router):
        await bench.post()
    assert bench.toy.asked == ["legacy"]


async def test_what_was_found_is_kept_and_forbids_a_promotion() -> None:
    bench = Bench()
    bench.toy.trouble = "writes more"
    async with running(bench.router):
        await bench.post()
        await until(lambda: bench.summary.compared == 1)
    (piece,) = bench.store.evidence(KEY, kind="shadow")
    assert isinstance(piece, Evidence)
    assert piece.source.endswith(":dry-run")
    (sentence,) = bench.router.forbidden(KEY, [piece])
    assert "In 1 dry runs 1 fields differed, the worst writes.notes.insert[*].text (value)" in sentence
