"""The application as a whole: who may call what, what failures come to, and what it says about itself."""

import inspect
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.app import create_app
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.config import Config
from fastapi_app.errors import translate
from fastapi_app.health import endpoints as health
from fastapi_app.logs import configure_logs
from fastapi_app.middleware.observation import request_id
from fastapi_app.models import Artist, Setting
from fastapi_app.route import Route, UndeclaredAccess, access_of, endpoints
from fastapi_app.unmatched import RouteMap
from tests.fastapi_app.conftest import Client, connected

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

PUBLIC = {
    "/2fa/api/verify-login",
    "/2fa/verify",
    "/api/health",
    "/api/health/database",
    "/api/health/status",
    "/auth/check",
    "/auth/login",
    "/auth/logout",
    "/auth/refresh",
    "/auth/reset-password",
    "/auth/status",
    "/healthz",
    "/metrics",
    "/readyz",
    "/simple-login",
    "/static/{name}",
}


def test_every_route_declares_who_may_call_it(config: Config) -> None:
    found = {str(context.path_format): access_of(context) for context in endpoints(create_app(config).routes)}
    assert {path for path, access in found.items() if access is Access.PUBLIC} == PUBLIC


def test_no_request_is_taken_to_a_thread_for_what_it_depends_on(config: Config) -> None:
    calls = {call for context in endpoints(create_app(config).routes) for call in _calls(context.dependant)}
    assert calls
    assert [call for call in calls if not _is_async(call)] == []


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from _calls(one)


def _is_async(call: Callable[..., Any]) -> bool:
    made = call if inspect.isfunction(call) else type(call).__call__
    return inspect.iscoroutinefunction(made) or inspect.isasyncgenfunction(made)


def test_a_route_without_access_is_refused_at_the_start() -> None:
    router = APIRouter(route_class=Route)
    router.add_api_route("/open", lambda: None)
    with pytest.raises(UndeclaredAccess, match="/open"):
        RouteMap(endpoints(router.routes))


def test_the_strictest_declaration_counts() -> None:
    router = APIRouter(route_class=Route, dependencies=[require(Access.READ)])
    router.add_api_route("/x", lambda: None, dependencies=[require(Access.MANAGE)])
    outer = APIRouter()
    outer.include_router(router, prefix="/deep")
    (context,) = endpoints(outer.routes)
    assert (context.path, access_of(context)) == ("/deep/x", Access.MANAGE)


async def test_without_a_login_a_closed_gate_lets_nobody_in(client: Client) -> None:
    for context in endpoints(create_app(client.config).routes):
        path = str(context.path_format).replace("{artist_id}", "1").replace("{video_id}", "1").replace("{key}", "k")
        for method in sorted(context.methods or ()):
            if access_of(context) is not Access.PUBLIC:
                assert (await client.request(method, path)).status_code in {401, 302}, (method, path)


@pytest.mark.parametrize("value", [None, "nonsense", "true"])
async def test_a_gate_that_can_not_be_read_is_closed(config: Config, rows: Rows, value: str | None) -> None:
    rows(Setting(id=1, key="require_authentication", value=value))
    async with connected(config) as client:
        assert (await client.get("/api/artists/")).status_code == 401


async def test_a_commit_that_fails_is_an_error_and_never_a_success(
    open_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_client.state["database"].engine

    def refuse(_dialect: Any, _connection: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("the disk is full"))

    monkeypatch.setattr(type(engine.sync_engine.dialect), "do_commit", refuse)
    answer = await open_client.post("/api/artists/", json={"name": "Lost"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "disk" not in answer.text
    monkeypatch.undo()
    assert (await open_client.get("/api/artists/")).json()["total"] == 0


async def test_reading_never_writes(open_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sneak(session: AsyncSession, _wanted: object) -> int:
        session.add(Artist(name="Sneaked in"))
        await session.flush()
        return 0

    monkeypatch.setattr("fastapi_app.artists.queries.count_artists", sneak)
    assert (await open_client.get("/api/artists/")).status_code == 503  # the connection refuses it
    monkeypatch.undo()
    assert (await open_client.get("/api/artists/")).json()["total"] == 0


async def test_what_nobody_foresaw_is_told_to_the_log_and_not_to_the_client(
    open_client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("SELECT secret FROM somewhere")

    monkeypatch.setattr("fastapi_app.artists.rules.listing", fail)
    answer = await open_client.get("/api/artists/", headers={"x-request-id": "from-the-proxy"})
    assert (answer.status_code, answer.json()) == (500, {"error": "Internal server error"})
    assert answer.headers["x-frame-options"] == "DENY"
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    assert "request_id='from-the-proxy'" in logged


async def test_a_database_that_is_away_is_503(config: Config) -> None:
    away = config.model_copy(update={"database_url": "mysql://nobody:x@127.0.0.1:1/none"})
    async with connected(away) as client:
        for path in ("/api/artists/", "/api/nope"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert (await client.get("/videos")).headers["content-type"].startswith("text/html")
        for path in ("/api/health", "/api/health/status", "/api/health/database", "/readyz"):
            assert (await client.get(path)).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


async def test_health(client: Client) -> None:
    assert (await client.get("/api/health")).json() == {"service": "mvidarr", "status": "healthy"}
    status = (await client.get("/api/health/status")).json()
    assert (status["status"], status["components"]) == ("healthy", {"api": "healthy", "database": "healthy"})
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert (await client.get("/api/health/database")).json()["status"] == "healthy"
    async with client.state["database"].writing() as session:
        await session.execute(text("DROP TABLE downloads"))
    answer = await client.get("/api/health/database")
    assert (answer.status_code, answer.json()["message"]) == (503, "Missing tables: downloads")


async def test_answers_are_written_as_flask_wrote_them(client: Client) -> None:
    assert (await client.get("/api/health")).content == b'{"service":"mvidarr","status":"healthy"}\n'


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_413(config: Config, rows: Rows, declared: bool) -> None:
    rows(Setting(id=1, key="require_authentication", value="false"))

    async def parts() -> Any:
        for _part in range(3):
            yield b" " * 500

    async with connected(config.model_copy(update={"max_body_bytes": 1000})) as client:
        content = b" " * 1500 if declared else parts()
        answer = await client.post("/api/artists/", content=content, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()) == (413, {"error": "The request is larger than 1000 bytes"})
        assert (await client.post("/api/artists/", content=b" " * 1000)).status_code == 415


async def test_metrics_count_routes_and_not_paths(config: Config) -> None:
    registry = CollectorRegistry()
    app = create_app(config, registry)
    assert app.state.registry is registry
    async with connected(config) as client:
        await client.get("/api/artists/123456")
        await client.get("/nope")
        await client.request("BREW", "/nope")
        found = (await client.get("/metrics")).text
    assert 'mvidarr_requests_total{method="GET",route="/api/artists/{artist_id}",status="401"} 1.0' in found
    assert 'mvidarr_requests_total{method="other",route="unmatched",status="302"} 1.0' in found
    assert "123456" not in found


async def test_the_description_says_what_is_true(open_client: Client) -> None:
    schema = (await open_client.get("/openapi.json")).json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) >= 25
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert "422" not in operation["responses"]
        assert operation["x-access"] in Access.__members__
    assert not {"ValidationError", "HTTPValidationError"} & set(schema["components"]["schemas"])
    assert schema["components"]["securitySchemes"]["session"]["name"] == "mvidarr_session"
    names = [each["name"] for each in schema["paths"]["/api/artists/"]["get"]["parameters"]]
    assert names == ["search", "monitored", "auto_download", "sort", "order", "page", "per_page"]
    assert "requestBody" in schema["paths"]["/api/artists/{artist_id}/settings"]["put"]


async def test_behind_a_prefix_addresses_carry_it(config: Config) -> None:
    async with connected(config.model_copy(update={"base_url": "/mvidarr"})) as client:
        for path in ("/videos", "/mvidarr/videos"):
            answer = await client.get(path)
            expected = "/mvidarr/simple-login?next=http://music.example.org/mvidarr/videos"
            assert answer.headers["location"] == expected
        assert (await client.get("/mvidarr/api/nope")).status_code == 401
        assert (await client.get("/mvidarr/api/health")).status_code == 200


def test_request_ids_fit_into_a_log_line() -> None:
    assert request_id("a-1.b_2") == "a-1.b_2"
    for given in ("", "a b", "x" * 129, "a\nb"):
        assert len(request_id(given)) == 32


def test_an_unknown_log_level_means_info(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("loud")
    health.log.debug("quiet")
    health.log.info("heard")
    logged = capsys.readouterr().err
    assert "heard" in logged
    assert "quiet" not in logged
    configure_logs(logging.getLevelName(logging.ERROR))


@pytest.mark.parametrize(("code", "status"), [(1205, 409), (1213, 409), (2006, 503), (None, 503)])
def test_a_writer_that_lost_its_lock_is_told_so(code: int | None, status: int) -> None:
    lost = OperationalError("UPDATE videos", {}, Exception(*(() if code is None else (code, "text of MariaDB"))))
    told = translate(lost)
    assert told.status == status
    assert "MariaDB" not in told.message
