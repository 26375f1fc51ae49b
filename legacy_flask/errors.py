"""What can go wrong in a request.

    LegacyError
    ├── BadRequest 400
    │   └── BadField            names the field and what it may be
    ├── LoginRequired 401
    │   └── CredentialRefused   a token or a key that proves nobody
    ├── Forbidden 403
    ├── NotFound 404
    ├── Conflict 409
    ├── Gone 410
    ├── TooLarge 413
    ├── WrongContentType 415
    ├── BadRange 416
    ├── TooManyRequests 429     too many failures, or too many requests
    └── Unavailable 503         the database, or a missing program

`failures.py` answers all of them. A client never sees exception text or SQL.
"""

from typing import Any, ClassVar

LOGIN_PATH = "/simple-login"


class LegacyError(Exception):
    """An answer other than the one hoped for. `message` is what the client reads, `more` further JSON members."""

    status: ClassVar[int] = 500
    headers: dict[str, str]

    def __init__(self, message: str, /, **more: Any) -> None:
        super().__init__(message)
        self.message = message
        self.more = more
        self.headers = {}


class BadRequest(LegacyError):
    """The request can't be understood."""

    status = 400


class BadField(BadRequest):
    """One member of the body or the query holds what it can't hold."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field} must be {expected}")


class LoginRequired(LegacyError):
    """The route needs a login; browsers are led to `location`."""

    status = 401

    def __init__(self, location: str = LOGIN_PATH, **more: Any) -> None:
        super().__init__("Authentication required", code="AUTH_REQUIRED", **more)
        self.location = location


class CredentialRefused(LoginRequired):
    """The token or the API key proves nobody. Told in JSON to all: no browser sends either by itself."""

    def __init__(self) -> None:
        super().__init__(login_url=LOGIN_PATH)
        self.headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(LegacyError):
    """The visitor's role does not reach, or another site sent the visitor's cookie."""

    status = 403


class NotFound(LegacyError):
    """No such row, file or path."""

    status = 404


class Conflict(LegacyError):
    """What was asked for collides with what is stored."""

    status = 409


class Gone(LegacyError):
    """0.9 served this address; `instead` (method and address) does its work now."""

    status = 410

    def __init__(self, instead: str) -> None:
        super().__init__(f"This address ended with 0.9. Use {instead} instead.", instead=instead)


class TooLarge(LegacyError):
    """The body is larger than this installation accepts."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is larger than {limit} bytes")


class WrongContentType(LegacyError):
    """A JSON body without its content type."""

    status = 415

    def __init__(self) -> None:
        super().__init__("Send JSON with the header Content-Type: application/json")


class BadRange(LegacyError):
    """The Range header names bytes that a file of `size` bytes does not have."""

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__("The requested range is not in the file")
        self.headers = {"Content-Range": f"bytes */{size}"}


class TooManyRequests(LegacyError):
    """Whoever sends this has to wait for `seconds`."""

    status = 429

    def __init__(self, seconds: int, message: str = "Too many attempts, try again later") -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(seconds)}


class Unavailable(LegacyError):
    """Something that the request needs is away; trying again later may work."""

    status = 503

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": "2"}
