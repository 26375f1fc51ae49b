"""One request, its lines on three sides: the front door's, modern's and legacy's carry the same name, and no secret."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from flask import Flask
from prometheus_client import CollectorRegistry

from fastapi_app.logs import ACCESS, FORMATTERS, Form, configure_logs
from fastapi_app.metrics import RequestMetrics
from fastapi_app.middleware.observation import Observation as Observing
from fastapi_app.operations.web import log_config
from legacy_flask import logs
from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Observation, Router, Side
from router.access_log import AccessLog, fields_of
from tests.router.asking import ask
from tests.router.rig import running

pytestmark = pytest.mark.anyio

KEY = "GET /api/one/{id}"
NAME = "name-of-a-request"
log = structlog.get_logger(__name__)


def legacy() -> Flask:
    app = Flask("legacy", static_folder=None)
    logs.name_requests(app)

    @app.get("/api/one/<int:id>")
    def one(id: int) -> dict[str, Any]:  # noqa: A002
        logging.getLogger("legacy.view").warning("legacy speaks of %s", id)
        return {}

    return app


def modern(*, access_log: bool = False) -> FastAPI:
    app = FastAPI()
    app.add_middleware(Observing, metrics=RequestMetrics(CollectorRegistry()), access_log=access_log)

    @app.get("/api/one/{id}")
    async def one(id: int) -> dict[str, Any]:  # noqa: A002
        log.warning("modern speaks of", id=id)
        logging.getLogger("modern.library").warning("a library speaks")
        return {}

    return app


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> Form:
    chosen: Form = request.param
    return chosen


@pytest.fixture
def lines(form: Form) -> Iterator[io.StringIO]:
    """What `logging` writes in that form."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FORMATTERS[form]())
    root, access = logging.getLogger(), logging.getLogger(ACCESS)
    before = access.level
    access.setLevel(logging.INFO)
    root.addHandler(handler)
    configure_logs("INFO", form)
    yield written
    root.removeHandler(handler)
    access.setLevel(before)
    configure_logs("ERROR")


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
async def test_all_lines_of_a_request_carry_its_name(
    form: Form, lines: io.StringIO, stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = MemoryStore()
    flags.apply([Change(KEY, stage)], actor="test", reason="test")
    router = Router(legacy(), modern(), flags, observers=[AccessLog(logging.getLogger(ACCESS))], poll_interval=60)
    async with running(router):
        headers = {"x-request-id": NAME, "authorization": "Bearer secret"}
        answer = await ask(router, "GET", "/api/one/3?token=secret", headers=headers)
    assert (answer.status, answer.headers["x-request-id"]) == (200, NAME)
    found = [line for line in (lines.getvalue() + capsys.readouterr().err).splitlines() if NAME in line]
    spoken = "legacy speaks" if stage is Stage.LEGACY else "modern speaks"
    (access,) = (line for line in found if ACCESS in line)
    assert any(spoken in line for line in found)
    assert stage is Stage.LEGACY or any("a library speaks" in line for line in found)
    assert "secret" not in "".join(found)
    if form == "json":
        told = {line["event"]: line for line in map(json.loads, found)}
        assert all(line["request_id"] == NAME for line in told.values())
        line = json.loads(access)
        assert (line["route"], line["side"], line["status"], line["level"]) == (KEY, stage.value, 200, "info")
        assert line["duration_ms"] > 0
    else:
        assert f"{ACCESS}: {KEY} 200 {stage.value} " in access
        assert access.endswith(f" ms [{NAME}]")


async def test_the_product_alone_tells_of_its_requests_itself(lines: io.StringIO, form: Form) -> None:
    await ask(modern(access_log=True), "GET", "/api/one/3?token=secret", headers={"x-request-id": NAME})
    await ask(modern(access_log=False), "GET", "/api/one/4")
    (line,) = (line for line in lines.getvalue().splitlines() if ACCESS in line)
    assert NAME in line
    assert "GET /api/one/{id}" in line
    assert "secret" not in line


def test_a_line_tells_of_a_request_what_may_be_known() -> None:
    told = fields_of(
        Observation(KEY, "HEAD", Side.MODERN, Side.LEGACY, 200, 0.0123456, 7, NAME, Stage.CANARY, True, True)
    )
    assert told == {
        "request_id": NAME,
        "route": KEY,
        "method": "HEAD",
        "side": "legacy",
        "stage": "canary",
        "status": 200,
        "duration_ms": 12.35,
        "fallback": True,
    }


def test_an_exception_is_a_member_of_its_line() -> None:
    try:
        raise ValueError("text")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "a %s", ("b",), sys.exc_info())
    line = json.loads(FORMATTERS["json"]().format(record))
    assert (line["event"], line["level"]) == ("a b", "error")
    assert "ValueError: text" in line["exception"]


def test_a_name_that_fits_no_line_is_replaced_and_ends_with_the_request() -> None:
    app = Flask("legacy")
    logs.name_requests(app)
    seen: list[str] = []

    @app.get("/")
    def look() -> str:
        seen.append(structlog.contextvars.get_contextvars()["request_id"])
        return ""

    def serve() -> None:
        client = app.test_client()
        for given in ("fits", "no good", "x" * 200):
            client.get("/", headers={"X-Request-ID": given})
        seen.append(str(structlog.contextvars.get_contextvars()))

    thread = threading.Thread(target=serve)
    thread.start()
    thread.join(10)
    assert seen[0] == "fits"
    assert [len(name) for name in seen[1:3]] == [32, 32]
    assert seen[3] == "{}"


@pytest.mark.parametrize(("level", "told"), [("INFO", True), ("DEBUG", True), ("WARNING", False), ("loud", True)])
def test_finished_requests_are_told_from_info_on(level: str, told: bool) -> None:
    config = log_config(level, "json")
    assert (config["loggers"][ACCESS]["level"] <= logging.INFO) is told
    assert config["formatters"]["line"]["()"] is FORMATTERS["json"]
