"""Requests that no endpoint answers: other methods, missing and doubled slashes, ended addresses, unknown paths.

The answers are those of 0.9's router. A catch-all route would hide them, so they come from the exception handler.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from fastapi.routing import RouteContext
from starlette.responses import HTMLResponse, Response

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import permit
from fastapi_app.errors import EXPECTED, AppError, NotFound, WrongMethod, answer
from fastapi_app.gone import gone
from fastapi_app.responses import redirect
from fastapi_app.route import access_of
from fastapi_app.urls import redirect_target, route_path

PUBLIC_PREFIXES = (
    "/auth/login",
    "/auth/logout",
    "/auth/check",
    "/simple-login",
    "/api/health",
    "/health",
    "/static/",
    "/css/",
    "/js/",
    "/favicon.ico",
)
"""Where 0.9 never asked for a login, whether or not anything is there."""

_SLASHES = re.compile("/{2,}")


@dataclass(frozen=True)
class Row:
    """One endpoint: the paths it matches, its methods, and who may call it."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    access: Access
    ends_in_slash: bool

    def matches(self, path: str) -> bool:
        """Whether `path` is one of these; unlike the framework, no part of it may be empty, or begin with a slash."""
        match = self.pattern.match(path)
        return match is not None and all(part and part[0] != "/" for part in match.groupdict().values())


class RouteMap:
    """Every endpoint of the application, computed once. Pure after that."""

    def __init__(self, contexts: Iterable[RouteContext]) -> None:
        self.rows = tuple(
            Row(
                context.path_regex,
                frozenset(context.methods or ()) | {"OPTIONS"},
                access_of(context),
                _ends_in_slash(context),
            )
            for context in contexts
        )

    def allowed(self, path: str) -> str:
        """The Allow header for `path`, empty where no endpoint matches it."""
        return ", ".join(sorted(set().union(*(row.methods for row in self._matching(path)))))

    def slash_target(self, method: str, path: str) -> str | None:
        """Where a path that lacks its final slash, or doubles one, should have gone; None for nowhere."""
        if any(row.ends_in_slash and method in row.methods for row in self._matching(f"{path}/")):
            return f"{path}/"
        merged = _SLASHES.sub("/", path)
        if merged == path or self._answers(method, path):
            return None
        return merged if self._answers(method, merged) else self.slash_target(method, merged)

    def is_public(self, path: str) -> bool:
        """Whether this path is nothing to hide, gate or not."""
        return path.startswith(PUBLIC_PREFIXES) or any(row.access is Access.PUBLIC for row in self._matching(path))

    def allowed_here(self, path: str) -> str:
        """`allowed`, also for the path with its doubled slashes merged."""
        return self.allowed(path) or self.allowed(_SLASHES.sub("/", path))

    def _matching(self, path: str) -> list[Row]:
        return [row for row in self.rows if row.matches(path)]

    def _answers(self, method: str, path: str) -> bool:
        return any(method in row.methods for row in self._matching(path))


def _ends_in_slash(context: RouteContext) -> bool:
    return str(context.path_format).endswith("/")


async def answer_unmatched(request: Request, error: Exception) -> Response:
    """Answers an HTTPException: what the framework's router could not place, the gate first."""
    status = getattr(error, "status_code", 500)
    if status not in {404, 405}:
        return await answer(request, _Refused(status))
    try:
        return await _unmatched(request)
    except EXPECTED as refusal:
        return await answer(request, refusal)


async def _unmatched(request: Request) -> Response:
    routes: RouteMap = request.app.state.route_map
    path = route_path(request.scope)
    if not routes.is_public(path):
        async with request.state.database.reading() as session:
            await permit(request, session, Access.READ)
    ended = gone(request.method, path)
    if ended is not None:
        raise ended
    target = routes.slash_target(request.method, path)
    if target is not None:
        return redirect(redirect_target(request.scope, target), 308)
    allowed = routes.allowed_here(path)
    if not allowed:
        raise NotFound
    if request.method == "OPTIONS":
        return HTMLResponse(b"", headers={"allow": allowed})
    raise WrongMethod(allowed)


class _Refused(AppError):
    """What the framework refused by itself, for instance a form that can't be read."""

    def __init__(self, status: int) -> None:
        super().__init__(HTTPStatus(status).phrase)
        self.status = status  # type: ignore[misc]  # the framework decides the status
