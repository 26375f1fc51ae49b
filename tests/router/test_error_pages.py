"""Each side's error pages are its own: what Flask's handlers say arrives; nobody handles the other side's errors."""

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from flask import Blueprint, Flask, abort
from flask.typing import ResponseReturnValue

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router.row import UNMATCHED_KEY
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio


class Broke(Exception):
    """Raised on both sides, handled on both in their own words."""


def legacy() -> Flask:
    app = Flask("legacy", static_folder=None)
    shop = Blueprint("shop", __name__)

    @app.errorhandler(404)
    def lost(error: Exception) -> ResponseReturnValue:
        return "legacy lost it", 404, {"X-Page": "lost"}

    @app.errorhandler(500)
    def failed(error: Exception) -> ResponseReturnValue:
        return f"legacy failed: {type(error).__name__}", 500

    @app.errorhandler(Broke)
    def broke(error: Exception) -> ResponseReturnValue:
        return "legacy broke", 418

    @shop.errorhandler(409)
    def sold(error: Exception) -> ResponseReturnValue:
        return "the shop is sold out", 409

    @app.get("/broke")
    def view() -> ResponseReturnValue:
        raise Broke

    @app.get("/failed")
    def unexpected() -> ResponseReturnValue:
        raise RuntimeError("secret detail")

    @app.get("/missing")
    def missing() -> ResponseReturnValue:
        abort(404)

    @shop.get("/sold")
    def selling() -> ResponseReturnValue:
        abort(409)

    app.register_blueprint(shop)
    return app


def modern(seen: list[Exception]) -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Broke)
    async def broke(request: Request, error: Exception) -> PlainTextResponse:
        seen.append(error)
        return PlainTextResponse("modern broke", 410)

    @app.exception_handler(404)
    async def lost(request: Request, error: Exception) -> PlainTextResponse:
        seen.append(error)
        return PlainTextResponse("modern lost it", 404)

    @app.get("/broke")
    async def view() -> None:
        raise Broke

    return app


@pytest.mark.parametrize(
    ("path", "status", "page"),
    [
        ("/broke", 418, b"legacy broke"),
        ("/failed", 500, b"legacy failed: InternalServerError"),
        ("/missing", 404, b"legacy lost it"),
        ("/sold", 409, b"the shop is sold out"),
        ("/nowhere", 404, b"legacy lost it"),
    ],
)
async def test_a_page_of_flasks_error_handlers_arrives_whole(
    flags: MemoryStore, path: str, status: int, page: bytes
) -> None:
    seen: list[Exception] = []
    rig = Rig(flags, legacy=legacy(), modern=modern(seen))
    async with running(rig.router):
        answer = await rig.ask("GET", path)
        assert (answer.status, answer.body, answer.side) == (status, page, "legacy")
        assert answer.headers.get("x-page") == ("lost" if status == 404 else None)
    assert seen == []


async def test_a_moved_route_has_the_pages_of_its_new_side(flags: MemoryStore) -> None:
    seen: list[Exception] = []
    rig = Rig(flags, legacy=legacy(), modern=modern(seen))
    rig.set("GET /broke", Stage.MODERN)
    rig.set(UNMATCHED_KEY, Stage.MODERN)
    async with running(rig.router):
        assert (await rig.ask("GET", "/broke")).body == b"modern broke"
        assert (await rig.ask("GET", "/nowhere")).body == b"modern lost it"
    assert len(seen) == 2


async def test_an_application_that_raises_its_errors_gets_a_page_that_tells_nothing(flags: MemoryStore) -> None:
    app = legacy()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    rig = Rig(flags, legacy=app, modern=modern([]))
    async with running(rig.router):
        answer = await rig.ask("GET", "/failed")
    assert (answer.status, answer.side) == (500, "router")
    assert b"secret" not in answer.body
