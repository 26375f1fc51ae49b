"""What a login attempt comes to. Pure: the clock is an argument."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi_app.auth.access import Access, reach
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.fields import plain
from fastapi_app.models import UserRole

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)
REQUIRED = "Username and password are required"


@dataclass(frozen=True)
class Credentials:
    """A name or an e-mail address, and a password."""

    username: str
    password: str


class MissingCredentials(Exception):
    """One of the two was not sent."""


def credentials(values: Any) -> Credentials:
    """Reads a JSON body or a form. Raises MissingCredentials, or BadRequest for what is no text."""
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    found = {name: values.get(name) or "" for name in ("username", "password")}
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadField(name, "text")
        plain(value, name)
    if not (found["username"] and found["password"]):
        raise MissingCredentials
    return Credentials(found["username"], found["password"])


def after_failure(failures: int, at: datetime) -> tuple[int, datetime | None]:
    """The count of failures, and the end of the lock that the last of them brings."""
    failed = failures + 1
    return (0, at + LOCKED_FOR) if failed >= MOST_FAILURES else (failed, None)


def account(user_id: int | None, username: str, email: str, role: UserRole | None) -> dict[str, Any]:
    """A user as clients know it."""
    return {
        "id": user_id,
        "username": username,
        "email": email,
        "role": role,
        "can_modify": reach(role) >= Access.MODIFY,
        "can_delete": reach(role) >= Access.MANAGE,
        "can_admin": reach(role) >= Access.ADMINISTER,
    }
