"""Reading what a client says about accounts, and deciding who may lose rights. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi_app import fields
from fastapi_app.auth.password_rules import fault
from fastapi_app.errors import BadField, BadRequest, Conflict
from fastapi_app.models import UserRole

SHORTEST_NAME, LONGEST_NAME = 3, 30
LONGEST_EMAIL = 120
LONGEST_SEARCH = 120
MOST_PER_PAGE = 200

NOT_FOUND = "User not found"
SESSION_NOT_FOUND = "Session not found"
NAME_TAKEN = "Username already exists"
EMAIL_TAKEN = "Email already exists"
OWN_ROLE = "You can't change your own role"
OWN_ACCOUNT = "You can't deactivate your own account"
LAST_ADMINISTRATOR = "This is the last active administrator"

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
_MOST_PREFERENCES = 16_384
_REQUIRED = ("username", "email", "password")


@dataclass(frozen=True)
class NewAccount:
    """An account to be made. The password is as typed."""

    username: str
    email: str
    password: str
    role: UserRole


@dataclass(frozen=True)
class Wanted:
    """Which accounts a listing shows. Without a size it shows all of them on one page."""

    search: str = ""
    role: UserRole | None = None
    is_active: bool | None = None
    page: int = 1
    per_page: int | None = None


def members(body: Any) -> Mapping[str, Any]:
    """The members of a JSON body. Raises BadRequest for anything but an object."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body


def new_account(values: Mapping[str, Any]) -> NewAccount:
    """Raises BadRequest in the words of 0.9, with the first thing that is wrong."""
    given = {name: _text(values.get(name), name) for name in _REQUIRED}
    if not all(given.values()):
        raise BadRequest("Username, email and password are required")
    return NewAccount(
        username(given["username"].strip()),
        email(given["email"]),
        password(given["password"]),
        role(values.get("role", UserRole.USER)),
    )


def username(text: str) -> str:
    if len(text) < SHORTEST_NAME:
        raise BadRequest(f"Username must be at least {SHORTEST_NAME} characters long")
    if len(text) > LONGEST_NAME:
        raise BadRequest(f"Username must be no more than {LONGEST_NAME} characters long")
    if not _NAME.fullmatch(text):
        raise BadRequest("Username can only contain letters, numbers, underscores, and hyphens")
    return text


def password(text: str) -> str:
    wrong = fault(text)
    if wrong is not None:
        raise BadRequest(f"Password {wrong}")
    return text


def email(value: Any) -> str:
    """An address without the spaces around it."""
    text = _text(value, "email").strip()
    if len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text):
        raise BadRequest("Invalid email format")
    return text


def role(value: Any) -> UserRole:
    """A role by its name. Raises BadRequest for any other text."""
    text = _text(value, "role")
    if text not in UserRole.__members__:
        raise BadRequest(f"Invalid role: {text[:40]}")
    return UserRole[text]


def merged_preferences(stored: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The stored preferences with the given ones in their place. Raises BadField."""
    given = values.get("preferences")
    if not isinstance(given, dict):
        raise BadField("preferences", "an object")
    merged = {**preferences(stored), **fields.storable(given, "preferences")}
    if len(json.dumps(merged)) > _MOST_PREFERENCES:
        raise BadField("preferences", f"JSON of at most {_MOST_PREFERENCES} characters, the stored ones included")
    return merged


def preferences(stored: Any) -> dict[str, Any]:
    """Those of a row, or none: rows made by hand may hold any JSON."""
    return stored if isinstance(stored, dict) else {}


def wanted(query: Mapping[str, str]) -> Wanted:
    """Raises BadField."""
    size = query.get("per_page")
    per_page = None if size is None else fields.query_integer(size, "per_page", least=1)
    if per_page is not None and per_page > MOST_PER_PAGE:
        raise BadField("per_page", f"at most {MOST_PER_PAGE}")
    asked = query.get("role", "")
    return Wanted(
        fields.text(query.get("search", ""), "search", LONGEST_SEARCH),
        role(asked) if asked else None,
        _flag(query.get("active", "")),
        fields.query_integer(query.get("page", "1"), "page", least=1),
        per_page,
    )


def on_page(asked: Wanted, page: int) -> Wanted:
    return replace(asked, page=page)


def refuse_loss(own_id: int | None, target_id: int, others: int, *, refusal: str) -> None:
    """Raises Conflict, when taking rights from `target_id` would lock somebody out.

    `others` is how many active administrators there are beside the target; `refusal` is told to whoever means
    themselves.
    """
    if own_id == target_id:
        raise Conflict(refusal)
    if others == 0:
        raise Conflict(LAST_ADMINISTRATOR)


def _flag(text: str) -> bool | None:
    if not text:
        return None
    if text not in ("true", "false"):
        raise BadField("active", "true or false")
    return text == "true"


def _text(value: Any, field: str) -> str:
    if value is None and field in _REQUIRED:
        return ""
    if not isinstance(value, str):
        raise BadField(field, "text")
    return fields.plain(value, field)
