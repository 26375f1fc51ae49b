"""Every error of a request becomes an answer here: JSON under /api and for those who speak JSON, else a small page."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, current_app, jsonify, make_response, request
from markupsafe import escape
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, RequestEntityTooLarge

from legacy_flask.errors import (
    BadRequest,
    Conflict,
    CredentialRefused,
    LegacyError,
    LoginRequired,
    NotFound,
    TooLarge,
    Unavailable,
)
from legacy_flask.gone import gone
from legacy_flask.redirection import redirect_to

_JSON_PREFIXES = ("/api/", "/2fa/api/", "/2fa/admin/", "/admin/api/", "/admin/system/")
_DATABASE_AWAY = "The database is not available, try again in a moment"
_BUSY = "The server is busy, try again in a moment"
_UNMATCHED = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_CHANGED = "Somebody else changed this at the same moment"
_DEADLOCK, _LOCK_TIMEOUT = 1213, 1205  # MariaDB's numbers


def _operational(error: Exception) -> LegacyError:
    """Two writers wanted the same rows and this one lost, or the database is away."""
    cause = getattr(error, "orig", None)
    lost = cause is not None and cause.args and cause.args[0] in {_DEADLOCK, _LOCK_TIMEOUT}
    return Conflict(_CHANGED) if lost else Unavailable(_DATABASE_AWAY)


_TRANSLATIONS: dict[type[Exception], Callable[[Exception], LegacyError]] = {
    IntegrityError: lambda _: Conflict("This collides with something already stored"),
    StaleDataError: lambda _: Conflict(_CHANGED),
    DataError: lambda _: BadRequest("A value does not fit its field"),
    OperationalError: _operational,
    InterfaceError: lambda _: Unavailable(_DATABASE_AWAY),
    PoolTimeout: lambda _: Unavailable(_BUSY),
}


def install_handlers(app: Flask) -> None:
    """Every expected error of `app`, and every unexpected one, is answered."""
    app.register_error_handler(LegacyError, _answer)
    for kind, translation in _TRANSLATIONS.items():
        app.register_error_handler(kind, _translated(translation))
    app.register_error_handler(HTTPException, _answer_werkzeug)


def speaks_json() -> bool:
    """Whether this request's errors are told in JSON."""
    path = request.path
    named = request.content_type or ""
    return path == "/api" or path.startswith(_JSON_PREFIXES) or named.partition(";")[0].strip() == "application/json"


def _answer(error: LegacyError) -> Response:
    if speaks_json() or isinstance(error, CredentialRefused):
        response = jsonify(error=error.message, **error.more)
    elif isinstance(error, LoginRequired):
        return redirect_to(error.location)
    else:
        response = _page(error.status, error.message)
    response.status_code = error.status
    response.headers.update(error.headers)
    return response


def _translated(translation: Callable[[Exception], LegacyError]) -> Callable[[Exception], Response]:
    def answer(error: Exception) -> Response:
        current_app.logger.warning("a request was refused: %s", type(error).__name__)
        return _answer(translation(error))

    return answer


def _answer_werkzeug(error: HTTPException) -> Response:
    """What Flask and Werkzeug raise by themselves; an unexpected exception arrives as InternalServerError."""
    ended = gone(request.method, request.path) if error.code in _UNMATCHED else None
    if ended is not None:
        refusal: LegacyError = ended
    elif isinstance(error, MethodNotAllowed):
        refusal = _Refused(405, "Method not allowed")
        refusal.headers = {"Allow": ", ".join(sorted(error.valid_methods or ()))}
    elif isinstance(error, RequestEntityTooLarge):
        refusal = TooLarge(current_app.config["MAX_CONTENT_LENGTH"] or 0)
    elif isinstance(error, InternalServerError):
        refusal = _Refused(500, "Internal server error")
    elif error.code == HTTPStatus.NOT_FOUND:
        refusal = NotFound("Not found")
    else:
        status = error.code or 500
        refusal = _Refused(status, HTTPStatus(status).phrase)
    return _answer(refusal)


class _Refused(LegacyError):
    """What the framework refused by itself."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status  # type: ignore[misc]  # the framework decides the status


def _page(status: int, message: str) -> Response:
    title = HTTPStatus(status).phrase
    return make_response(
        f'<!doctype html>\n<html lang="en">\n<title>{status} {title}</title>\n'
        f"<h1>{title}</h1>\n<p>{escape(message)}</p>\n</html>\n"
    )
