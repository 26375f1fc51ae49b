"""Reading real Flask, FastAPI and Starlette applications."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from flask import Blueprint, Flask
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from router import Owner
from router import Route as GivenRoute
from router.derive import derive_table
from router.errors import RouteUnreadable
from router.legacy_routes import legacy_routes
from router.modern_routes import modern_routes
from router.row import UNMATCHED_KEY


def flask_app(*rules: str, **options: Any) -> Flask:
    app = Flask("toy", static_folder=None)
    for number, rule in enumerate(rules):
        app.add_url_rule(rule, f"view{number}", lambda **values: "ok", **options)
    return app


def keys(app: Flask) -> list[str]:
    return [f"{route.method} {route.template.full_text}" for route in legacy_routes(app.url_map)]


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ("/", "GET /"),
        ("/v/<name>", "GET /v/{name}"),
        ("/v/<string:name>", "GET /v/{name}"),
        ("/v/<int:id>", "GET /v/{id:int}"),
        ("/v/<int(min=5):id>", "GET /v/{id:int}"),
        ("/v/<string(length=2):lang>", "GET /v/{lang:string}"),
        ("/v/<any(a, b):kind>/x", "GET /v/{kind:any}/x"),
        ("/v/<uuid:id>.json", "GET /v/{id:uuid}.json"),
        ("/v/<path:rest>/edit", "GET /v/{rest:path}/edit"),
    ],
)
def test_flask_rules_become_keys(rule: str, key: str) -> None:
    assert keys(flask_app(rule)) == [key]


def test_automatic_head_and_options_are_no_rows_and_declared_ones_are() -> None:
    app = flask_app("/a", methods=["GET", "POST"])
    app.add_url_rule("/b", "options", lambda: "ok", methods=["OPTIONS"])
    assert keys(app) == ["GET /a", "POST /a", "OPTIONS /b"]


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("/v/<int(min=5):id>", "/v/4"),
        ("/v/<int(max=5):id>", "/v/6"),
        ("/v/<int(fixed_digits=3):id>", "/v/12"),
        ("/v/<int:id>", "/v/-1"),
        ("/v/<int(signed=True):id>", "/v/-1"),
        ("/v/<float:id>", "/v/1"),
        ("/v/<string(minlength=2):id>", "/v/a"),
        ("/v/<any(a, b):id>", "/v/c"),
        ("/v/<path:id>", "/v//x"),
        ("/v/<id>", "/v/x"),
        ("/v/<int:id>", "/v/٣"),
        ("/v/<uuid:id>", "/v/12345678-9ABC-def0-1234-56789abcdef0"),
    ],
)
def test_the_table_and_flask_agree_about_a_path(rule: str, path: str) -> None:
    app = flask_app(rule)
    table = derive_table(app, FastAPI(openapi_url=None))
    assert table.match("GET", path).unmatched is not _answers(app, path)


def _answers(app: Flask, path: str) -> bool:
    """Whether Flask has a view for the path. A redirect is not one."""
    try:
        app.url_map.bind("localhost").match(path, "GET")
    except (NotFound, RequestRedirect):
        return False
    return True


def test_loose_slashes_are_loose_in_the_table_too() -> None:
    app = flask_app("/a/")
    app.add_url_rule("/b/", "loose", lambda: "ok", strict_slashes=False)
    table = derive_table(app, FastAPI(openapi_url=None))
    assert [table.match("GET", path).key for path in ("/a", "/b", "/b/")] == [UNMATCHED_KEY, "GET /b/", "GET /b/"]


def test_blueprints_bring_their_prefix() -> None:
    app = Flask("toy", static_folder=None)
    blueprint = Blueprint("v", "v", url_prefix="/api")
    blueprint.add_url_rule("/v/<int:id>", "one", lambda id: "ok")  # noqa: A006
    app.register_blueprint(blueprint)
    assert keys(app) == ["GET /api/v/{id:int}"]


def test_rules_by_host_are_refused() -> None:
    app = Flask("toy", static_folder=None, subdomain_matching=True)
    app.add_url_rule("/a", "a", lambda: "ok", subdomain="api")
    with pytest.raises(RouteUnreadable, match="bound to a host"):
        legacy_routes(app.url_map)


async def endpoint() -> str:
    return "ok"


def nested() -> FastAPI:
    """Three levels of routers, each with a prefix, as FastAPI keeps them: a tree."""
    leaf, branch, app = APIRouter(prefix="/leaf"), APIRouter(prefix="/branch"), FastAPI()
    leaf.add_api_route("/{leaf_id}", endpoint, methods=["GET"])
    leaf.add_api_route("/{leaf_id}", endpoint, methods=["PUT"])
    branch.add_api_route("/own", endpoint)
    branch.include_router(leaf, prefix="/deep")
    app.include_router(branch, prefix="/api")
    app.add_api_route("/top", endpoint)
    return app


def declared_keys(app: Any) -> list[str]:
    return [f"{route.method} {route.template.full_text}" for route in modern_routes(app)]


def test_the_tree_of_included_routers_is_walked_whole() -> None:
    found = declared_keys(nested())
    assert found == [
        *("GET /openapi.json", "GET /docs", "GET /docs/oauth2-redirect", "GET /redoc"),
        *("GET /api/branch/own", "GET /api/branch/deep/leaf/{leaf_id}", "PUT /api/branch/deep/leaf/{leaf_id}"),
        "GET /top",
    ]


def test_every_path_of_the_openapi_document_is_a_row() -> None:
    """FastAPI's own idea of its routes, held against ours."""
    app = nested()
    documented = {f"{method.upper()} {path}" for path, item in app.openapi()["paths"].items() for method in item}
    assert documented <= set(declared_keys(app))
    assert len(documented) == 4


def test_starlette_routes_mounts_and_classes(tmp_path: Path) -> None:
    class Endpoint(HTTPEndpoint):
        pass

    def view(request: Any) -> PlainTextResponse:
        return PlainTextResponse("ok")

    app = Starlette(
        routes=[
            Route("/a/{n:int}", view),
            Route("/b", view, methods=["POST"]),
            Route("/c", Endpoint),
            WebSocketRoute("/ws", view),
            Mount("/static", StaticFiles(directory=tmp_path)),
            Mount("/sub", routes=[Route("/x", view)]),
        ]
    )
    assert declared_keys(app) == [
        *("GET /a/{n:int}", "POST /b", "* /c", "* /static/{path:path}", "* /sub/{path:path}"),
    ]


def test_a_branch_with_limits_of_its_own_is_not_entered_sideways() -> None:
    app, limited = FastAPI(openapi_url=None), APIRouter()
    limited.add_api_route("/limited", endpoint)
    app.include_router(limited, max_body_size=10)
    app.add_api_route("/free", endpoint)
    assert [(route.template.text, route.handle is None) for route in modern_routes(app)] == [
        ("/limited", True),
        ("/free", False),
    ]


def test_routes_by_host_are_refused_on_the_modern_side_too() -> None:
    with pytest.raises(RouteUnreadable, match="for host"):
        modern_routes(Starlette(routes=[Host("api.example", app=Starlette())]))


def wsgi(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
    return []


async def asgi(scope: Any, receive: Any, send: Any) -> None: ...


@pytest.mark.parametrize(("legacy", "modern"), [(wsgi, FastAPI()), (flask_app("/a"), asgi)])
def test_an_application_that_can_not_be_read_asks_for_routes(legacy: Any, modern: Any) -> None:
    with pytest.raises(RouteUnreadable, match="give routes="):
        derive_table(legacy, modern)


def test_routes_told_by_hand_speak_for_whom_they_name() -> None:
    table = derive_table(wsgi, asgi, [GivenRoute("GET /a/{id:int}"), GivenRoute("GET /b", modern=False)])
    assert [(row.key, row.owner) for row in table][:2] == [("GET /a/{id}", Owner.BOTH), ("GET /b", Owner.LEGACY)]
    assert derive_table(wsgi, asgi, table) is table
