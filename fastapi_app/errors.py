"""What can go wrong in a request, and how the client hears of it.

    AppError
    ├── BadRequest 400
    │   └── BadField            names the field and what it may be
    ├── NotLoggedIn 401
    │   └── CredentialRefused   a token or a key that proves nobody
    ├── Forbidden 403
    │   └── ForeignRequest      another site sent the visitor's cookie
    ├── NotFound 404
    ├── WrongMethod 405
    ├── Conflict 409
    ├── Gone 410
    ├── TooLarge 413
    ├── WrongContentType 415
    ├── BadRange 416
    ├── TooManyRequests 429     too many failures, or too many requests
    └── Unavailable 503         the database, or a full queue

The status lives on the exception; `answer` renders every one of them. A client never sees exception text or SQL.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response
from starlette.types import Scope

from fastapi_app.pages.markup import render_error
from fastapi_app.responses import JSON, redirect
from fastapi_app.urls import LOGIN_PATH, header, route_path

RETRY_SECONDS = 2
_JSON_PREFIXES = ("/api/", "/2fa/api/", "/2fa/admin/", "/admin/api/", "/admin/system/")

log = structlog.get_logger(__name__)


class AppError(Exception):
    """An answer other than the one hoped for. `message` is what the client reads."""

    status: ClassVar[int] = 500

    def __init__(self, message: str, /, **more: Any) -> None:
        super().__init__(message)
        self.message = message
        self.more = more
        """Further members of the JSON body."""

    def headers(self) -> dict[str, str]:
        return {}

    def body(self) -> dict[str, Any]:
        return {"error": self.message, **self.more}


class BadRequest(AppError):
    """The request can't be understood."""

    status = 400


class BadField(BadRequest):
    """One member of the body or the query holds what it can't hold."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field} must be {expected}")
        self.field = field


class NotLoggedIn(AppError):
    """The route needs a login. `next_url` is where a browser returns afterwards."""

    status = 401

    def __init__(self, location: str = LOGIN_PATH, *, names_login: bool = True) -> None:
        login = {"login_url": LOGIN_PATH} if names_login else {}
        super().__init__("Authentication required", code="AUTH_REQUIRED", **login)
        self.location = location


class CredentialRefused(NotLoggedIn):
    """The token or the API key of this request proves nobody. Told in JSON: no browser sends either by itself."""

    def headers(self) -> dict[str, str]:
        return {"www-authenticate": "Bearer"}


class Forbidden(AppError):
    """The visitor's role does not reach."""

    status = 403

    def __init__(self, message: str = "Your account may not do this", /, **more: Any) -> None:
        super().__init__(message, **more)


class ForeignRequest(Forbidden):
    """A page of another site sent this request with the visitor's cookie."""

    def __init__(self) -> None:
        super().__init__("This request came from another site")


class NotFound(AppError):
    """No such row, file or path."""

    status = 404

    def __init__(self, message: str = "Not found", /, **more: Any) -> None:
        super().__init__(message, **more)


class WrongMethod(AppError):
    """The path exists, with other methods."""

    status = 405

    def __init__(self, allowed: str) -> None:
        super().__init__("Method not allowed")
        self.allowed = allowed

    def headers(self) -> dict[str, str]:
        return {"allow": self.allowed}


class Conflict(AppError):
    """What was asked for collides with what is stored."""

    status = 409


class Gone(AppError):
    """0.9 served this address; `instead` (method and address) does its work now."""

    status = 410

    def __init__(self, instead: str) -> None:
        super().__init__(f"This address ended with 0.9. Use {instead} instead.", instead=instead)


class TooLarge(AppError):
    """The body is larger than this installation accepts."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is larger than {limit} bytes")


class WrongContentType(AppError):
    """A JSON body without its content type."""

    status = 415

    def __init__(self) -> None:
        super().__init__("Send JSON with the header Content-Type: application/json")


class BadRange(AppError):
    """The Range header names bytes that the file does not have. `size` is the file's, in bytes."""

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__("The requested range is not in the file")
        self.size = size

    def headers(self) -> dict[str, str]:
        return {"content-range": f"bytes */{self.size}"}


class TooManyRequests(AppError):
    """Whoever sends this has to wait for `seconds`."""

    status = 429

    def __init__(self, seconds: int, message: str = "Too many attempts, try again later") -> None:
        super().__init__(message)
        self.seconds = seconds

    def headers(self) -> dict[str, str]:
        return {"retry-after": str(self.seconds)}


class Unavailable(AppError):
    """Something that the request needs is busy or away; trying again later may work."""

    status = 503

    def __init__(self, message: str = "The server is busy, try again in a moment") -> None:
        super().__init__(message)

    def headers(self) -> dict[str, str]:
        return {"retry-after": str(RETRY_SECONDS)}


def wants_json(path: str, content_type: str) -> bool:
    """Whether an error is told in JSON: under /api and the like, and to whoever speaks JSON."""
    return (
        path == "/api"
        or path.startswith(_JSON_PREFIXES)
        or content_type.partition(";")[0].strip() == "application/json"
    )


def render(error: AppError, scope: Scope) -> Response:
    """The one place where an error becomes an answer."""
    if isinstance(error, CredentialRefused) or wants_json(route_path(scope), header(scope, b"content-type")):
        return JSON(error.body(), status_code=error.status, headers=error.headers())
    if isinstance(error, NotLoggedIn):
        return redirect(error.location)
    return render_error(Request(scope), error.status, error.message, headers=error.headers())


async def answer(request: Request, error: Exception) -> Response:
    """Renders `error`, after foreign ones were translated."""
    translated = error if isinstance(error, AppError) else translate(error)
    if translated is not error:
        log.warning("request refused", reason=type(error).__name__, status=translated.status)
    return render(translated, request.scope)


def translate(error: Exception) -> AppError:
    """A foreign error in our words. Raises `error` again when it is none of those expected."""
    for kind, translation in _TRANSLATIONS.items():
        if isinstance(error, kind):
            return translation(error)
    raise error


def _operational(error: Exception) -> AppError:
    """MariaDB gave one of two writers up, or a lock did not come free: the other one's change is the present state."""
    code = next(iter(getattr(getattr(error, "orig", None), "args", ())), None)
    if code in _LOCKED_OUT:
        return Conflict("Somebody else changed this at the same moment")
    return Unavailable(_DATABASE_AWAY)


_DATABASE_AWAY = "The database is not available, try again in a moment"
_LOCKED_OUT = (1205, 1213)
"""MariaDB's ER_LOCK_WAIT_TIMEOUT and ER_LOCK_DEADLOCK."""

_TRANSLATIONS: Mapping[type[Exception], Callable[[Exception], AppError]] = {
    IntegrityError: lambda _: Conflict("This collides with something already stored"),
    DataError: lambda _: BadRequest("A value does not fit its field"),
    OperationalError: _operational,
    InterfaceError: lambda _: Unavailable(_DATABASE_AWAY),
    PoolTimeout: lambda _: Unavailable(),
    RequestValidationError: lambda _: BadRequest("The request is not valid"),
}


EXPECTED: tuple[type[Exception], ...] = (AppError, *_TRANSLATIONS)
"""What `answer` answers."""


def install_handlers(app: FastAPI) -> None:
    """Every expected error of `app` is answered by `answer`."""
    for kind in EXPECTED:
        app.add_exception_handler(kind, answer)
