"""API keys: their shape, what may be asked of a new one, and their rows."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Update, or_, update
from sqlalchemy.orm import Session

from fastapi_app.models import ApiKey, User, UserRole
from legacy_flask.access import Access, reach
from legacy_flask.errors import BadField, BadRequest
from legacy_flask.fields import text

MOST = 100
"""Keys of one user at a time."""

_SHAPE = re.compile(r"mvk_[\w\-]{43}", re.ASCII)
_LONGEST_NAME = 80
_MOMENT = "a moment in the future, as 2030-12-31T23:59:59"


class Wish(NamedTuple):
    """A key as it is asked for; `expires_at` in naive UTC."""

    name: str
    role: UserRole
    expires_at: datetime | None


class Found(NamedTuple):
    """A key that counts, with its user."""

    key_id: int
    user_id: int
    username: str
    email: str
    role: UserRole | None
    last_used_at: datetime | None


def looks_like_one(given: str) -> bool:
    return _SHAPE.fullmatch(given) is not None


def digest(key: str) -> str:
    """What is stored. A plain hash does: 256 random bits can't be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def lower(one: UserRole | None, other: UserRole | None) -> UserRole | None:
    """The role that may less."""
    return one if reach(one) <= reach(other) else other


def read_wish(values: Any, at: datetime) -> Wish:
    """From a JSON body. Raises BadRequest."""
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    name = text(values.get("name") or "", "name", _LONGEST_NAME).strip()
    if not (name and name.isprintable()):
        raise BadField("name", "a text of printable characters")
    return Wish(name, _role(values.get("role")), _end(values.get("expires_at"), at))


def may_give(own: UserRole | None, asked: UserRole) -> bool:
    """Whether a user may make such a key: none that may more than the user."""
    return reach(own) >= max(reach(asked), Access.READ)


def find(session: Session, key: str, at: datetime) -> Found | None:
    """The key, when it and its user still count."""
    if not looks_like_one(key):
        return None
    columns = (ApiKey.id, ApiKey.role, ApiKey.last_used_at, User.id, User.username, User.email, User.role)
    row = (
        session.query(*columns)
        .join(User, ApiKey.user_id == User.id)
        .filter(ApiKey.key_hash == digest(key), ApiKey.revoked_at.is_(None), User.is_active.is_(True))
        .filter(or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > at))
        .first()
    )
    return None if row is None else Found(row[0], row[3], row[4], row[5], lower(row[1], row[6]), row[2])


def used(key_id: int, at: datetime, ip: str) -> Update:
    """The change that notes a use."""
    return update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=at, last_used_ip=ip[:45] or None)


def _role(value: Any) -> UserRole:
    """READONLY where nothing is said."""
    if value is None:
        return UserRole.READONLY
    found = UserRole.__members__.get(value.upper()) if isinstance(value, str) else None
    if found is None:
        raise BadField("role", f"one of {', '.join(UserRole)}")
    return found


def _end(value: Any, at: datetime) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise BadField("expires_at", _MOMENT) from None
    if moment <= at:
        raise BadField("expires_at", _MOMENT)
    return moment.replace(microsecond=0)
