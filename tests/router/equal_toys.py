"""A Flask and a FastAPI application that declare the same routes, and say the same words."""

import uuid
from collections.abc import Mapping
from functools import cache
from inspect import Parameter, Signature
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount, Route
from werkzeug.exceptions import HTTPException as FlaskHTTPException


def said(name: str, values: dict[str, Any]) -> str:
    return f"{name} {sorted((key, type(value).__name__, str(value)) for key, value in values.items())}"


Types = Mapping[str, type]
Rule = tuple[str, str, tuple[str, ...], Types, Mapping[str, Any]]

RULES: tuple[Rule, ...] = (
    # Flask's rule (FastAPI's path has no converters but `path`: annotations stand in), name, methods, types, options
    ("/", "root", ("GET",), {}, {}),
    ("/items/", "items", ("GET", "POST"), {}, {}),
    ("/items/<int:id>", "item", ("GET", "PUT", "DELETE"), {"id": int}, {}),
    ("/items/<int:id>/parts/", "parts", ("GET",), {"id": int}, {}),
    ("/x/<name>", "named", ("GET", "PATCH"), {"name": str}, {}),
    ("/x/fixed", "fixed", ("GET", "POST"), {}, {}),
    ("/x/fixed/", "fixed_folder", ("DELETE",), {}, {}),
    ("/<word>/x", "word", ("GET",), {"word": str}, {}),
    ("/f/<float:x>", "real", ("GET",), {"x": float}, {}),
    ("/u/<uuid:u>", "unique", ("GET",), {"u": uuid.UUID}, {}),
    ('/k/<any(a, b, "c d"):kind>', "kind", ("GET",), {"kind": str}, {}),
    ("/s/<string(minlength=2, maxlength=3):s>", "short", ("GET",), {"s": str}, {}),
    ("/r/<int(min=5, max=50):n>", "ranged", ("GET", "PUT"), {"n": int}, {}),
    ("/r/<int:a>/<int(fixed_digits=2):b>", "digits", ("GET",), {"a": int, "b": int}, {}),
    ("/neg/<int(signed=True):n>", "negative", ("GET",), {"n": int}, {}),
    ("/p/<path:rest>", "rest", ("GET", "POST"), {"rest": str}, {}),
    ("/p/<path:rest>/edit", "edit", ("GET",), {"rest": str}, {}),
    ("/p/<path:rest>/end/", "end", ("GET",), {"rest": str}, {}),
    ("/loose/", "loose", ("GET", "PUT"), {}, {"strict_slashes": False}),
    ("/bare", "bare", ("GET",), {}, {"strict_slashes": False}),
    ("/bare/<int:n>", "bare_number", ("GET",), {"n": int}, {"strict_slashes": False}),
    ("/mix/<int:a>-<b>.json", "mix", ("GET",), {"a": int, "b": str}, {}),
    ("/mix/<whole>", "whole", ("GET", "POST"), {"whole": str}, {}),
    ("/own/<name>", "own_options", ("GET", "OPTIONS"), {"name": str}, {}),
    ("/quiet", "quiet", ("GET",), {}, {"provide_automatic_options": False}),
    ("/page/", "page", ("GET",), {}, {"defaults": {"number": 1}}),
    ("/page/<int:number>", "page", ("GET", "POST"), {"number": int}, {}),
    (
        "/shelf/<name>/",
        "shelf",
        ("GET",),
        {"name": str},
        {"defaults": {"row": 2, "side": "left"}, "strict_slashes": False},
    ),
    ("/shelf/<name>/<int:row>/<side>", "shelf", ("GET",), {"name": str, "row": int, "side": str}, {}),
)
PREFIXED: tuple[Rule, ...] = (
    ("/deep/<int:n>", "deep", ("GET",), {"n": int}, {}),
    ("/deep/", "deep_list", ("GET", "POST"), {}, {}),
)
PREFIX = "/api/v1"


def create_legacy() -> Flask:
    app = Flask("legacy", static_folder=None)

    @cache
    def view(name: str) -> Any:
        return lambda **values: (said(name, values), {"content-type": "text/plain"})

    for rule, name, methods, _, options in RULES:
        app.add_url_rule(rule, name, view(name), methods=list(methods), **options)
    blueprint = Blueprint("api", "api", url_prefix=PREFIX)
    for rule, name, methods, _, _ in PREFIXED:
        blueprint.add_url_rule(rule, name, view(name), methods=list(methods))
    app.register_blueprint(blueprint)
    app.add_url_rule("/files/<path:path>", "files", view("files"))

    @app.errorhandler(FlaskHTTPException)
    def refused(error: FlaskHTTPException) -> ResponseReturnValue:
        headers = {"allow": ", ".join(getattr(error, "valid_methods", None) or ())}
        return f"error {error.code}", error.code or 500, {key: value for key, value in headers.items() if value}

    return app


def create_modern() -> FastAPI:
    app = FastAPI(openapi_url=None)

    for rule, name, methods, types, options in RULES:
        _add(app, rule, name, methods, types, options.get("defaults", {}))
    api = APIRouter()
    for rule, name, methods, types, _ in PREFIXED:
        _add(api, rule, name, methods, types, {})
    app.include_router(api, prefix=PREFIX)
    app.router.routes.append(Mount("/files", routes=[Route("/{path:path}", _files)]))

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> PlainTextResponse:
        return PlainTextResponse(f"error {error.status_code}", error.status_code, error.headers)

    return app


def _add(
    router: FastAPI | APIRouter, rule: str, name: str, methods: tuple[str, ...], types: Types, fixed: dict[str, Any]
) -> None:
    async def view(**values: Any) -> Response:
        return PlainTextResponse(said(name, values | fixed))

    parameters = [Parameter(key, Parameter.KEYWORD_ONLY, annotation=kind) for key, kind in types.items()]
    view.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # what FastAPI reads
    router.add_api_route(_path(rule), view, methods=list(methods), name=name, response_class=Response)


def _path(rule: str) -> str:
    """``/p/<path:rest>`` as ``/p/{rest:path}``; other converters are annotations there."""
    text = ""
    for piece in rule.replace(">", "<").split("<"):
        converter, _, name = piece.rpartition(":")
        is_parameter = len(text.split("{")) == len(text.split("}")) and f"<{piece}>" in rule
        text += ("{" + name + (":path}" if converter == "path" else "}")) if is_parameter else piece
    return text


async def _files(request: Request) -> PlainTextResponse:
    return PlainTextResponse(said("files", dict(request.path_params)))
