"""Pairs of routes that meet on a path: what they are called, and what is said of them."""

from collections.abc import Iterable
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask

from migration_flags.snapshot import EMPTY
from router import Relation, Route, RouteTable, Side
from router.declared import Declared
from router.derive import derive_table
from router.explanation import explain_request, explain_row


def declared(keys: Iterable[str]) -> list[Declared]:
    return [Route(key).declared() for key in keys]


def table(legacy: Iterable[str] = (), modern: Iterable[str] = ()) -> RouteTable:
    return RouteTable(declared(legacy), declared(modern))


def flask_app(*rules: str) -> Flask:
    app = Flask("toy", static_folder=None)
    for number, rule in enumerate(rules):
        app.add_url_rule(rule, f"view{number}", lambda **values: "ok")
    return app


def fastapi_app(*paths: str) -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def view() -> str:
        return "ok"

    for path in paths:
        app.add_api_route(path, view)
    return app


def told(routes: RouteTable, key: str) -> str:
    return " ".join(explain_row(routes, routes[key]))


@pytest.mark.parametrize(
    ("legacy", "modern", "relation", "sentence"),
    [
        ("GET /v/{a}", "GET /v/{b}", Relation.EQUAL, "take the same paths: only who answers changes"),
        ("GET /v/{a:int}", "GET /v/{b}", Relation.WIDER, "so they are this route's on neither side"),
        (
            "GET /v/{a}",
            "GET /v/{b:int}",
            Relation.NARROWER,
            "such as /v/-1: when the route moves, they become modern's 404",
        ),
        (
            "GET /v/{a:int}",
            "GET /v/{b:float}",
            Relation.WIDER,
            "and it refuses paths that legacy's GET /v/{a:int} takes",
        ),
        ("GET /v/{a}", None, Relation.ORPHAN, "Only legacy has GET /v/{a}: it can't move"),
    ],
)
def test_a_row_says_how_its_two_templates_compare(
    legacy: str, modern: str | None, relation: Relation, sentence: str
) -> None:
    routes = table([legacy], [modern] if modern else [])
    row = next(iter(routes))
    assert row.relation is relation
    assert sentence in told(routes, row.key)
    assert all(key is None or key in told(routes, row.key) for key in (legacy, modern))


def test_a_modern_route_behind_a_wider_one_is_shadowed() -> None:
    """Starlette takes the first match: alone it never runs /x/fixed."""
    routes = derive_table(flask_app("/x/<name>", "/x/fixed"), fastapi_app("/x/{name}", "/x/fixed"))
    assert (routes["GET /x/fixed"].relation, routes["GET /x/{name}"].relation) == (Relation.SHADOWED, Relation.EQUAL)
    text = told(routes, "GET /x/fixed")
    assert "Modern declares GET /x/{name} before GET /x/fixed" in text
    assert "Declare GET /x/fixed first" in text
    other = derive_table(flask_app("/x/<name>", "/x/fixed"), fastapi_app("/x/fixed", "/x/{name}"))
    assert other["GET /x/fixed"].relation is Relation.EQUAL


@pytest.mark.parametrize("earlier", ["* /x/{rest:path}", "GET /{a}/{b}", "GET /{rest:path}"])
def test_mounts_and_other_shapes_hide_too(earlier: str) -> None:
    routes = table(["GET /x/fixed"], [earlier, "GET /x/fixed"])
    assert routes["GET /x/fixed"].relation is Relation.SHADOWED
    assert f"Modern declares {earlier} before" in told(routes, "GET /x/fixed")


@pytest.mark.parametrize("earlier", ["POST /x/{name}", "GET /x/{name:int}", "GET /y/{name}", "GET /x/{name}/more"])
def test_what_takes_other_requests_hides_nothing(earlier: str) -> None:
    assert table(["GET /x/fixed"], [earlier, "GET /x/fixed"])["GET /x/fixed"].relation is Relation.EQUAL


def test_a_legacy_route_that_werkzeug_ranks_behind_a_wider_one_is_shadowed() -> None:
    """A UUID weighs as much as a string in Werkzeug, so the first declared wins; a path with an ending beats both."""
    first, second = "/v/<name>", "/v/<uuid:id>/"  # the second ends in a slash: another path
    routes = derive_table(flask_app(first, "/v/<uuid:id>"), fastapi_app())
    assert "Legacy never runs GET /v/{id:uuid}: GET /v/{name} ranks before it" in told(routes, "GET /v/{name}")
    routes = derive_table(flask_app("/<path:rest>/edit", "/v/<int:id>/edit"), fastapi_app("/v/{id}/edit"))
    assert "Legacy never runs" not in told(routes, "GET /v/{id}/edit")  # a literal segment comes before both
    routes = derive_table(flask_app("/<path:rest>/edit", "/<int:id>/edit"), fastapi_app())
    assert routes["GET /{id}/edit"].relation is Relation.SHADOWED
    assert routes.match("GET", "/5/edit").key == "GET /{rest}/edit"
    assert derive_table(flask_app(second, first), fastapi_app())["GET /v/{id}/"].relation is Relation.ORPHAN


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (("/<path:rest>/edit", "/<int:id>/edit"), "/5/edit"),
        (("/v/<name>", "/v/<uuid:id>"), "/v/12345678-9abc-def0-1234-56789abcdef0"),
        (("/v/<uuid:id>", "/v/<name>"), "/v/12345678-9abc-def0-1234-56789abcdef0"),
        (("/v/<id>/<x>", "/v/<name>/lit"), "/v/a/lit"),
        (("/v/<int(min=5):id>", "/v/<name>"), "/v/3"),
        (("/a/", "/<x>"), "/a"),
        (("/<a>-<b>", "/<a>.json"), "/a-b.json"),
        (("/<a>", "/<path:p>x"), "/ax"),
    ],
)
def test_the_table_ranks_as_werkzeug_ranks(rules: tuple[str, ...], path: str) -> None:
    app = flask_app(*rules)
    row = derive_table(app, fastapi_app()).match("GET", path)
    with app.test_request_context(path) as context:
        rule = None if context.request.url_rule is None else context.request.url_rule.rule
    names: list[str | None] = [route.name for route in row.legacy] or [None]
    assert (None if rule is None else f"view{rules.index(rule)}") in names


def test_rows_that_meet_name_both_templates_and_the_winner() -> None:
    routes = table(["GET /x/{name}"], ["GET /x/{name}", "GET /x/new"])
    assert [(m.path, m.relation) for m in routes.meetings["GET /x/new"]] == [("/x/new", Relation.NARROWER)]
    text = told(routes, "GET /x/new")
    assert "Only modern has GET /x/new, which is narrower than legacy's GET /x/{name}" in text
    assert "answers paths such as /x/new under every flag" in told(routes, "GET /x/{name}")

    stays = table(["GET /x/{name}", "GET /x/old"], ["GET /x/{name}"])
    assert "stay with legacy's GET /x/old when GET /x/{name} moves; once legacy is gone" in told(stays, "GET /x/old")

    crossing = table(["GET /{a}/b", "GET /x/{c}"], ["GET /{a}/b", "GET /x/{c}"])
    assert "such as /x/b are taken by" in told(crossing, "GET /x/{c}")
    assert "they belong to GET /x/{c} and follow its flag alone" in told(crossing, "GET /{a}/b")


def test_rows_that_never_meet_are_not_paired() -> None:
    routes = table(
        ["GET /a/{x:int}", "POST /a/{x}", "GET /b/{x}.json", "GET /c"],
        ["GET /a/{x:float}/y", "PUT /a/new", "GET /b/{x}.xml", "GET /c/"],
    )
    assert dict(routes.meetings) == {}


@pytest.mark.parametrize(
    ("request_line", "fields"),
    [
        ("GET /v/5", ("GET /v/{id}", Side.LEGACY, "no flag")),
        ("GET /new", ("GET /new", Side.MODERN, "only owner")),
        ("GET /v/x", ("* /{path}", Side.LEGACY, "no flag")),
        ("PUT /new", ("* /{path}", Side.MODERN, "only modern has this path")),
    ],
)
def test_a_request_is_explained(request_line: str, fields: tuple[Any, ...]) -> None:
    routes = derive_table(flask_app("/v/<int:id>", "/dir/"), fastapi_app("/v/{id}", "/new"))
    method, path = request_line.split(" ")
    explained = explain_request(routes, EMPTY, method, path)
    assert (explained.route, explained.side, explained.why) == fields


@pytest.mark.parametrize(
    ("request_line", "sentence"),
    [
        ("PUT /v/5", "it is told 405, Allow: GET, HEAD, OPTIONS."),
        ("OPTIONS /v/5", "it is an automatic OPTIONS, Allow: GET, HEAD, OPTIONS."),
        ("GET /dir", "it is redirected (308), to /dir/."),
        ("GET /v//5", "it is redirected (308), to /v/5."),
        ("GET /v/x", "it is told 404."),
        ("PUT /new", "the side answers as it does alone, Allow: GET, HEAD."),
    ],
)
def test_what_no_row_takes_is_explained_too(request_line: str, sentence: str) -> None:
    routes = derive_table(flask_app("/v/<int:id>", "/dir/"), fastapi_app("/v/{id}", "/new"))
    method, path = request_line.split(" ")
    explained = explain_request(routes, EMPTY, method, path)
    assert explained.sentences[0] == f"No route takes this request: {sentence}"
