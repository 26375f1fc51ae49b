"""The console of the hybrid: administrators look and move, others are kept out, whether the library asks or not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from migration_flags import Stage
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import make_library

pytestmark = pytest.mark.anyio

KEY = "GET /api/artists/"
WRITE = {"content-type": "application/json", "x-strangler-console": "1"}
PAGE = {"accept": "text/html"}


@pytest.fixture(params=["true", "false"], ids=["closed", "open"])
async def hybrid(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hybrid]:
    """A library that asks for a login, and one adopted from 0.9 that does not."""
    library = make_library(tmp_path / "library", gate=request.param)
    async with started(library) as hybrid:
        yield hybrid


async def move(hybrid: Hybrid, cookie: str) -> Any:
    value = {"keys": [KEY], "stage": "shadow", "percent": None, "reason": "a try", "gated": False}
    body = json.dumps({**value, "epoch": hybrid.router.epoch}).encode()
    return await hybrid.ask("POST", "/_strangler/api/moves", headers={**WRITE, "cookie": cookie}, body=body)


async def test_an_administrator_looks_and_moves_under_their_own_name(hybrid: Hybrid) -> None:
    cookie = await hybrid.log_in("root")
    page = await hybrid.ask("GET", "/_strangler/", headers={**PAGE, "cookie": cookie})
    assert (page.status, page.side) == (200, "router")
    state = (await hybrid.ask("GET", "/_strangler/api/state", headers={"cookie": cookie})).json
    assert state["you"] == {"name": "root", "may_move": True}
    assert KEY in {route["key"] for route in state["routes"]}
    assert (await move(hybrid, cookie)).status == 200
    assert hybrid.router.decision(KEY).stage is Stage.SHADOW
    assert hybrid.router.flags.history(KEY)[0].actor == "root"


async def test_a_plain_user_is_refused(hybrid: Hybrid) -> None:
    cookie = await hybrid.log_in("anna")
    page = await hybrid.ask("GET", "/_strangler/", headers={**PAGE, "cookie": cookie})
    assert (page.status, page.side) == (403, "router")
    for name in ("state", "events", "history"):
        assert (await hybrid.ask("GET", f"/_strangler/api/{name}", headers={"cookie": cookie})).status == 403
    assert (await move(hybrid, cookie)).status == 403
    assert hybrid.router.flags.history(KEY) == ()


async def test_who_is_nobody_goes_to_the_login_and_comes_back(hybrid: Hybrid) -> None:
    page = await hybrid.ask("GET", "/_strangler/", headers=PAGE)
    assert (page.status, page.headers["location"]) == (303, "/simple-login?next=/_strangler/")
    login = await hybrid.ask("GET", page.headers["location"], headers=PAGE)
    assert login.status == 200
    assert b"/_strangler/" in login.body
    assert (await hybrid.ask("GET", "/_strangler/api/state")).status == 401
    assert (await move(hybrid, "")).status == 401
    assert hybrid.router.flags.history(KEY) == ()
