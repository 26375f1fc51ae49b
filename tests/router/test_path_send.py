"""Servers that send files themselves are told a path in place of a body, by ASGI's extension pathsend."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import FileResponse
from flask import Flask

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from router.fallback import FallbackRules
from router.recording.hearing import Hearing
from tests.router.asking import Answer, ask, http_scope
from tests.router.rig import running

pytestmark = pytest.mark.anyio
OFFERED: dict[str, dict[str, object]] = {"http.response.pathsend": {}}


def serving(film: Path, stage: Stage, fallback: FallbackRules | None) -> Router:
    legacy, modern = Flask("legacy", static_folder=None), FastAPI(openapi_url=None)
    legacy.add_url_rule("/film", "film", film.read_bytes)
    modern.get("/film")(lambda: FileResponse(film))
    flags = MemoryStore()
    flags.apply([Change("GET /film", stage)], actor="test", reason="test")
    return Router(legacy, modern, flags, fallback=fallback)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"frames")
    return film


async def asked(router: Router, method: str) -> Answer:
    async with running(router):
        return await ask(router, method, "/film", headers={"host": "a.example"}, extensions=OFFERED)


@pytest.mark.parametrize("fallback", [FallbackRules(), None], ids=["held", "not held"])
async def test_a_file_is_sent_by_the_server_through_the_front_door_too(
    film: Path, fallback: FallbackRules | None
) -> None:
    answer = await asked(serving(film, Stage.MODERN, fallback), "GET")
    assert (answer.status, answer.side, answer.headers["content-length"]) == (200, "modern", "6")
    assert answer.messages[1:] == [{"type": "http.response.pathsend", "path": str(film)}]


@pytest.mark.parametrize("fallback", [FallbackRules(), None], ids=["held", "not held"])
async def test_no_file_is_sent_to_who_asked_for_the_head_alone(film: Path, fallback: FallbackRules | None) -> None:
    answer = await asked(serving(film, Stage.MODERN, fallback), "HEAD")
    assert (answer.status, answer.side, answer.headers["content-length"]) == (200, "modern", "6")
    assert answer.messages[1:] == [{"type": "http.response.body", "body": b"", "more_body": False}]


async def test_legacy_answers_in_bytes_whatever_the_server_offers(film: Path) -> None:
    assert (await asked(serving(film, Stage.LEGACY, None), "GET")).body == b"frames"


async def test_an_answer_that_ended_in_a_file_went_out_whole(film: Path) -> None:
    hearing = Hearing(http_scope("GET", "/film"), 100)
    answer = await ask(
        lambda _scope, receive, send: FileResponse(film)(
            http_scope("GET", "/film", extensions=OFFERED), receive, hearing.send_of(send)
        ),
        "GET",
        "/film",
    )
    assert answer.messages[-1]["type"] == "http.response.pathsend"
    assert hearing.whole
