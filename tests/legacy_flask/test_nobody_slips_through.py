"""No route is laxer after it moved: whoever one side refuses, the other refuses, over the whole route map."""

import json
import re
from collections.abc import AsyncIterator, Mapping

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from fastapi_app.models import UserRole
from fastapi_app.route import access_of, endpoints
from legacy_flask.access import Access, allowed_by_gate, declared, reach
from legacy_flask.front_door import build
from migration_flags import Stage
from router import Owner, Row
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import Library, make_library

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
USERS: Mapping[str, UserRole] = {
    "reader": UserRole.READONLY,
    "anna": UserRole.USER,
    "manager": UserRole.MANAGER,
    "root": UserRole.ADMIN,
}
ODD_PATHS = ("/api/nope", "//api/nope", "/api/artists", "/nope", "/api/artists/abc", "/%2e%2e/api/artists/")
JSON = {"content-type": "application/json"}
SOCKETS = ("/ws/jobs", "/socket.io/")
"""Let in who may read. tests/progress/test_job_socket.py and test_socket_io.py knock at them."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Behind a closed gate. The tests here only knock."""
    return make_library(tmp_path_factory.mktemp("gated") / "library", gate="true")


@pytest.fixture
async def hybrid(library: Library) -> AsyncIterator[Hybrid]:
    async with started(library, watched=False) as hybrid:
        yield hybrid


@pytest.fixture(scope="module")
def open_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """With the gate as wide open as 0.9 left it."""
    return make_library(tmp_path_factory.mktemp("open") / "library")


@pytest.fixture
async def open_hybrid(open_library: Library) -> AsyncIterator[Hybrid]:
    async with started(open_library, watched=False) as hybrid:
        yield hybrid


def legacy_access(hybrid: Hybrid) -> dict[str, Access]:
    """What every legacy row asks of its visitor, by the row's key."""
    levels = declared(hybrid.flask)
    return {row.key: levels[row.legacy[0].name] for row in hybrid.router.table if row.legacy}


def modern_access(hybrid: Hybrid) -> dict[str, Access]:
    found: dict[str, Access] = {}
    table = hybrid.router.table
    for context in endpoints(hybrid.router.modern.routes):  # type: ignore[attr-defined]  # a FastAPI application
        for method in context.methods or ():
            row = table.match(method, path(str(context.path)))
            found[row.key] = Access(access_of(context).value)
    return found


def strictest(hybrid: Hybrid) -> dict[str, Access]:
    """What the stricter side asks, for every row: neither may ask less."""
    legacy, modern = legacy_access(hybrid), modern_access(hybrid)
    return {key: max(side[key] for side in (legacy, modern) if key in side) for key in {**legacy, **modern}}


def path(template: str) -> str:
    """A path of the template: 1 stands for every parameter, and is a number and a text."""
    return re.sub(r"\{[^{}]*\}", "1", template)


def rows(hybrid: Hybrid) -> list[Row]:
    return [row for row in hybrid.router.table if not row.unmatched]


def asked(row: Row) -> tuple[str, ...]:
    return ("GET", "HEAD") if row.method == "GET" else (row.method,)


async def refused(hybrid: Hybrid, method: str, target: str, cookie: str = "", **credentials: str) -> str:
    """ "login", "forbidden", or empty where the visitor passed. `credentials` are further headers."""
    headers = {**JSON, "cookie": cookie} if cookie else {**JSON, **credentials}
    answer = await hybrid.ask(method, target, headers=headers, body=b"{}" if method in {"POST", "PUT"} else b"")
    # The gate's 401 has this code; a wrong password's has none. HEAD shows neither.
    by_gate = answer.status == 401 and (method == "HEAD" or answer.json.get("code") == "AUTH_REQUIRED")
    if by_gate or answer.headers.get("location", "").startswith("/simple-login?next="):
        return "login"
    return "forbidden" if answer.status == 403 else ""


async def test_both_sides_ask_the_same_of_every_route(hybrid: Hybrid) -> None:
    legacy, modern = legacy_access(hybrid), modern_access(hybrid)
    both = [row.key for row in rows(hybrid) if row.owner is Owner.BOTH]
    assert both
    assert {key: modern[key] for key in both} == {key: legacy[key] for key in both}


@BOTH
async def test_nobody_without_a_login_passes_through_the_front_door(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    needed = strictest(hybrid)
    guarded = [row for row in rows(hybrid) if needed[row.key] is not Access.PUBLIC]
    assert guarded
    for row in guarded:
        for method in asked(row):
            assert await refused(hybrid, method, path(row.template)) == "login", (method, row.key)


@BOTH
async def test_a_forged_login_is_none(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    cookie = await hybrid.log_in("root")
    for forged in (cookie[:-3], cookie.replace("=", "=e30.", 1), "mvidarr_session=", f"session={cookie}"):
        assert await refused(hybrid, "GET", "/api/artists/", forged) == "login"


@BOTH
@pytest.mark.parametrize("name", USERS)
async def test_a_role_too_low_is_refused_through_the_front_door(hybrid: Hybrid, stage: Stage, name: str) -> None:
    await hybrid.move(stage)
    cookie = await hybrid.log_in(name)
    needed = strictest(hybrid)
    beyond = [row for row in rows(hybrid) if needed[row.key] > reach(USERS[name])]
    assert beyond or name == "root"
    for row in beyond:
        for method in asked(row):
            assert await refused(hybrid, method, path(row.template), cookie) == "forbidden", (method, row.key)


@BOTH
async def test_paths_that_no_route_takes_are_behind_the_gate_too(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    for target in ODD_PATHS:
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            assert await refused(hybrid, method, target) == "login", (method, target)


@BOTH
async def test_the_open_gate_opens_no_administration(open_hybrid: Hybrid, stage: Stage) -> None:
    await open_hybrid.move(stage)
    needed = strictest(open_hybrid)
    closed = [row for row in rows(open_hybrid) if not allowed_by_gate(needed[row.key], is_open=True)]
    assert closed
    cookies = {name: await open_hybrid.log_in(name) for name in USERS if name != "root"}
    for row in closed:
        for method in asked(row):
            assert await refused(open_hybrid, method, path(row.template)) == "login", (method, row.key)
            for name, cookie in cookies.items():
                found = await refused(open_hybrid, method, path(row.template), cookie)
                assert found == "forbidden", (name, method, row.key)


@BOTH
@pytest.mark.parametrize("name", USERS)
async def test_tokens_and_keys_reach_no_further_than_their_user(hybrid: Hybrid, stage: Stage, name: str) -> None:
    await hybrid.move(stage)
    credentials = await carried(hybrid, name, USERS[name])
    needed = strictest(hybrid)
    for row in rows(hybrid):
        if needed[row.key] > reach(USERS[name]):
            for headers in credentials:
                found = await refused(hybrid, row.method, path(row.template), **headers)
                assert found == "forbidden", (row.key, list(headers))


@BOTH
async def test_a_key_reaches_no_further_than_its_own_role(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    _token, key = await carried(hybrid, "root", UserRole.READONLY)
    needed = strictest(hybrid)
    assert await refused(hybrid, "GET", "/api/artists/", **key) == ""
    for row in rows(hybrid):
        if needed[row.key] > Access.READ:
            assert await refused(hybrid, row.method, path(row.template), **key) == "forbidden", row.key


@BOTH
async def test_a_bad_credential_is_refused_even_beside_a_good_cookie(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    cookie = await hybrid.log_in("root")
    needed = strictest(hybrid)
    guarded = [row for row in rows(hybrid) if needed[row.key] is not Access.PUBLIC]
    for row in guarded:
        for bad in ({"authorization": "Bearer a.b.c"}, {"x-api-key": "mvk_" + "x" * 43}):
            answer = await hybrid.ask(row.method, path(row.template), headers={**JSON, **bad, "cookie": cookie})
            assert answer.status == 401, (row.key, list(bad))


def test_every_modern_route_is_of_a_kind_that_declares_who_may(library: Library) -> None:
    """A socket, a mount or a plain route has no rule that the tests here would see: give it one, and a test."""
    app = build(library.config).modern
    strange = [
        str(context.path)
        for context in iter_route_contexts(app.routes)  # type: ignore[attr-defined]  # a FastAPI application
        if not isinstance(context.original_route, APIRoute)
    ]
    assert [name for name in strange if name not in {"None", *SOCKETS}] == []


async def carried(hybrid: Hybrid, name: str, role: UserRole) -> tuple[dict[str, str], dict[str, str]]:
    """Headers with an access token of a user, and with a new API key of that role."""
    cookie = {"cookie": await hybrid.log_in(name), **JSON}
    token = await hybrid.ask("POST", "/auth/token", headers=cookie, body=b"{}")
    key = await hybrid.ask(
        "POST", "/api/keys", headers=cookie, body=json.dumps({"name": "matrix", "role": role}).encode()
    )
    assert (token.status, key.status) == (200, 201)
    return {"authorization": f"Bearer {token.json['access_token']}"}, {"x-api-key": key.json["key"]}
