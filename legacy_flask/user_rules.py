"""Reading what a client says about accounts, showing them, and deciding who may lose rights. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.models import INTEGER_MAX, SessionStatus, User, UserRole, UserSession
from legacy_flask.access import Access, reach
from legacy_flask.dates import iso
from legacy_flask.errors import BadField, BadRequest, Conflict
from legacy_flask.fields import any_json, query_number, refuse_unstorable, text
from legacy_flask.password_rules import fault

NOT_FOUND = "User not found"
SESSION_NOT_FOUND = "Session not found"
NAME_TAKEN = "Username already exists"
EMAIL_TAKEN = "Email already exists"
OWN_ROLE = "You can't change your own role"
OWN_ACCOUNT = "You can't deactivate your own account"

_SHORTEST_NAME, _LONGEST_NAME, _LONGEST_EMAIL = 3, 30, 120
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
_LONGEST_SEARCH = 120
_MOST_PER_PAGE = 200
_MOST_PREFERENCES = 16_384
_REQUIRED = ("username", "email", "password")
_MASK = "********"


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

    search: str
    role: UserRole | None
    is_active: bool | None
    page: int
    per_page: int | None


def members(body: Any) -> Mapping[str, Any]:
    """The members of a JSON body. Raises BadRequest for anything but an object."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body


def read_new_account(values: Mapping[str, Any]) -> NewAccount:
    """Raises BadRequest in the words of 0.9, with the first thing that is wrong."""
    given = {name: _read_text(values.get(name), name) for name in _REQUIRED}
    if "" in given.values():
        raise BadRequest("Username, email and password are required")
    name = given["username"].strip()
    if len(name) < _SHORTEST_NAME:
        raise BadRequest(f"Username must be at least {_SHORTEST_NAME} characters long")
    if len(name) > _LONGEST_NAME:
        raise BadRequest(f"Username must be no more than {_LONGEST_NAME} characters long")
    if not _NAME.fullmatch(name):
        raise BadRequest("Username can only contain letters, numbers, underscores, and hyphens")
    email = read_email(given["email"])
    wrong = fault(given["password"])
    if wrong is not None:
        raise BadRequest(f"Password {wrong}")
    return NewAccount(name, email, given["password"], read_role(values.get("role", "USER")))


def read_email(value: Any) -> str:
    """An address without the spaces around it."""
    address = _read_text(value, "email").strip()
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise BadRequest("Invalid email format")
    return address


def read_role(value: Any) -> UserRole:
    """A role by its name. Raises BadRequest for any other text."""
    name = _read_text(value, "role")
    found = UserRole.__members__.get(name)
    if found is None:
        raise BadRequest(f"Invalid role: {name[:40]}")
    return found


def merge_preferences(stored: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The stored preferences with the given ones in their place. Raises BadField."""
    given = values.get("preferences")
    if not isinstance(given, dict):
        raise BadField("preferences", "an object")
    merged = {**preferences(stored), **any_json(given, "preferences")}
    if len(json.dumps(merged)) > _MOST_PREFERENCES:
        raise BadField("preferences", f"JSON of at most {_MOST_PREFERENCES} characters, the stored ones included")
    return merged


def preferences(stored: Any) -> dict[str, Any]:
    """Those of a row, or none: rows made by hand may hold any JSON."""
    return stored if isinstance(stored, dict) else {}


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Raises BadField."""
    size = query_number(query["per_page"], "per_page") if "per_page" in query else None
    if size is not None and size > _MOST_PER_PAGE:
        raise BadField("per_page", f"at most {_MOST_PER_PAGE}")
    search = text(query.get("search", ""), "search", _LONGEST_SEARCH)
    role = read_role(query["role"]) if query.get("role") else None
    active = query.get("active", "")
    if active not in ("", "true", "false"):
        raise BadField("active", "true or false")
    return Wanted(
        search, role, active == "true" if active else None, query_number(query.get("page", "1"), "page"), size
    )


def refuse_loss(own_id: int, target_id: int, others: int, *, refusal: str) -> None:
    """Raises Conflict where taking rights from `target_id` would lock somebody out.

    `others` counts the active administrators beside the target; `refusal` is told to whoever means themselves.
    """
    if own_id == target_id:
        raise Conflict(refusal)
    if others == 0:
        raise Conflict("This is the last active administrator")


def account(user: User) -> dict[str, Any]:
    """A user without what only administrators and the owner may see."""
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "role": user.role,
        "is_active": bool(user.is_active),
        "is_email_verified": bool(user.is_email_verified),
        "last_login": iso(user.last_login),
        "created_at": iso(user.created_at),
        "updated_at": iso(user.updated_at),
        "preferences": preferences(user.preferences),
    }


def full_account(user: User, at: datetime) -> dict[str, Any]:
    """The same with what stands against guessing."""
    return {
        **account(user),
        "failed_login_attempts": user.failed_login_attempts or 0,
        "is_locked": is_locked(user, at),
        "locked_until": iso(user.locked_until),
        "last_login_ip": user.last_login_ip,
        "two_factor_enabled": bool(user.two_factor_enabled),
    }


def is_locked(user: User, at: datetime) -> bool:
    return user.locked_until is not None and user.locked_until > at


def login(row: UserSession, at: datetime, current_id: int | None) -> dict[str, Any]:
    """A login, without what proves it."""
    return {
        "id": row.id,
        "session_token": _MASK,
        "status": row.status,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": iso(row.created_at),
        "last_activity": iso(row.last_activity),
        "expires_at": iso(row.expires_at),
        "is_valid": row.status is SessionStatus.ACTIVE and row.expires_at > at,
        "is_current": row.id == current_id,
    }


def permissions(role: UserRole | None) -> dict[str, bool]:
    level = reach(role)
    return {
        "can_admin": level >= Access.ADMINISTER,
        "can_modify": level >= Access.MODIFY,
        "can_delete": level >= Access.MANAGE,
        "can_manage_users": level >= Access.ADMINISTER,
    }


def read_session_id(value: str) -> int:
    """The id of a login from a form."""
    return query_number(value, "session_id")


def beyond(*row_ids: int) -> bool:
    """Whether no column can hold one of these ids."""
    return max(row_ids) > INTEGER_MAX


def _read_text(value: Any, field: str) -> str:
    if value is None and field in _REQUIRED:
        return ""
    if not isinstance(value, str):
        raise BadField(field, "text")
    refuse_unstorable(value, field)
    return value
