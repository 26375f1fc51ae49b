"""The description of the modern side, so that /openapi.json is worth reading, in OpenAPI."""

import warnings
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import COOKIE_NAME
from fastapi_app.auth.requirement import require
from fastapi_app.responses import JSON
from fastapi_app.route import Route, access_of, endpoints

TITLE = "MVidarr"
TAGS = [
    {"name": "artists", "description": "Artists that are tracked."},
    {"name": "videos", "description": "Their videos: rows, files and pictures."},
    {"name": "deletions", "description": "What was deleted and can come back for thirty days."},
    {"name": "search", "description": "Artists, videos and watched playlists by words, the best first."},
    {"name": "genres", "description": "Genres of videos, and through them of artists."},
    {"name": "discovery", "description": "What was found lately."},
    {"name": "playlists", "description": "People's own playlists, and those that are watched for new videos."},
    {"name": "downloads", "description": "Downloads of films, as 0.9 showed them. Each is a job."},
    {"name": "jobs", "description": "Work in the background: what waits, runs, failed, and why."},
    {"name": "webhooks", "description": "Addresses that are told of events."},
    {"name": "settings", "description": "What users may change. Secrets read as `********`."},
    {"name": "auth", "description": "Logging in and out."},
    {"name": "users", "description": "Accounts, their roles and their logins."},
    {"name": "second factor", "description": "Codes of an authenticator beside the password."},
    {"name": "audit", "description": "Who did what, for administrators."},
    {"name": "health", "description": "Is it alive, is it ready."},
    {"name": "naming", "description": "How films are named, and files for media servers beside them."},
    {"name": "backups", "description": "Copies of the library, and the way back. Administrators only."},
    {"name": "system", "description": "For operators."},
]
_DESCRIPTION = """Tracks artists, finds their music videos and keeps them.

Every error is `{"error": "…"}` with a status: 400 names the field that is wrong, 401 asks for a login, 403 means that
the account may not, 404 an unknown id or path, 409 a collision, 503 try again (see `Retry-After`).
Paths answer HEAD where they answer GET, and OPTIONS with `Allow`."""


_LOCAL_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$"


class Problem(BaseModel):
    """Every error."""

    error: str = Field(description="What was wrong, in one sentence", examples=["Artist not found"])


class LoginNeeded(Problem):
    """Nobody is logged in, and the gate is closed."""

    code: str = Field(examples=["AUTH_REQUIRED"])
    login_url: str = Field(examples=["/simple-login"])


_SCHEMES: dict[str, dict[str, str]] = {
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE_NAME},
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "key_in_query": {"type": "apiKey", "in": "query", "name": "apikey"},
}

_REASONS = {
    400: "A value is wrong; the error names its field",
    401: "A login is needed",
    403: "The account may not do this",
    404: "No such thing",
    409: "It collides with something stored",
    415: "The body is not labelled as JSON",
    416: "The range is not in the file",
    429: "Too many failures; try again after Retry-After",
    503: "The database is away or busy; try again",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer these statuses, and those that every route may."""
    everywhere = {401, 403, 503}
    return {status: _problem(status) for status in sorted({*statuses, *everywhere})}


def query(model: type[BaseModel]) -> dict[str, Any]:
    """The query parameters of a route, for `openapi_extra`, from a model that only documents them."""
    parameters = [
        {"name": name, "in": "query", "required": False, "description": schema.pop("description", ""), "schema": schema}
        for name, schema in model.model_json_schema()["properties"].items()
    ]
    return {"parameters": parameters}


def body(model: type[BaseModel], *, form: bool = False, required: bool = True) -> dict[str, Any]:
    """The body of a route, for `openapi_extra`, from a model that only documents it."""
    media = ["application/json", *(["application/x-www-form-urlencoded"] if form else [])]
    schema = model.model_json_schema()
    return {"requestBody": {"required": required, "content": {kind: {"schema": schema} for kind in media}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`, made once."""
    if app.openapi_schema is None:
        with warnings.catch_warnings():
            # HEAD shares its GET's operation id; it is taken out below.
            warnings.filterwarnings("ignore", message="Duplicate Operation ID")
            schema = get_openapi(
                title=TITLE, version=app.version, description=_DESCRIPTION, routes=app.routes, tags=TAGS
            )
        app.openapi_schema = _tidied(schema, app)
    return app.openapi_schema


def _tidied(schema: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    access = {
        (c.path_format, method.lower()): access_of(c) for c in endpoints(app.routes) for method in c.methods or ()
    }
    for path, operations in schema["paths"].items():
        operations.pop("head", None)
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            level = access[path, method]
            operation["x-access"] = level.name
            operation["security"] = [] if level is Access.PUBLIC else [{name: []} for name in _SCHEMES]
    _tell_local_times(schema)
    components = schema.setdefault("components", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.get("schemas", {}).pop(name, None)
    components["securitySchemes"] = _SCHEMES
    return schema


def _tell_local_times(part: Any) -> None:
    """Moments are UTC without an offset, as in 0.9, which RFC 3339 does not call a date-time."""
    if isinstance(part, dict) and part.get("format") == "date-time":
        part.update(format="date-time-local", pattern=_LOCAL_TIME)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _tell_local_times(inner)


def operation_id(route: Any) -> str:
    """A short, stable name for a generated client."""
    return "_".join([*(str(tag) for tag in route.tags[:1]), route.name])


def _problem(status: int) -> dict[str, Any]:
    return {"model": LoginNeeded if status == 401 else Problem, "description": _REASONS[status]}


router = APIRouter(route_class=Route, tags=["system"], dependencies=[require(Access.READ)], include_in_schema=False)


@router.get("/openapi.json", summary="This description")
async def openapi(request: Request) -> JSON:
    """The OpenAPI document of the modern side."""
    return JSON(describe(request.app))
