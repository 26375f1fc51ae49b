"""What an API key is, and what may be asked of a new one. Pure: clock and randomness are arguments."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi_app.auth.access import Access, reach
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.fields import text
from fastapi_app.models import UserRole

MOST_KEYS = 100
"""Of one user, at a time."""

_MARK = "mvk_"
_SHAPE = re.compile(r"mvk_[A-Za-z0-9_\-]{43}")
_SHOWN = 12
_RANDOM_BYTES = 32
_NAME_LENGTH = 80


@dataclass(frozen=True)
class Wish:
    """A key as it is asked for. `expires_at` is naive UTC, None for never."""

    name: str
    role: UserRole
    expires_at: datetime | None


def new_key(random: Callable[[int], str]) -> str:
    """A key of 256 random bits; `random` is `secrets.token_urlsafe`."""
    return _MARK + random(_RANDOM_BYTES)


def is_key(given: str) -> bool:
    """Whether this has the shape of a key."""
    return _SHAPE.fullmatch(given) is not None


def hashed(key: str) -> str:
    """What is stored of a key: 64 hex digits. A plain hash does, because keys are random and can't be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def prefix(key: str) -> str:
    """What lists show of a key, to tell it from others."""
    return key[:_SHOWN]


def lower(one: UserRole | None, other: UserRole | None) -> UserRole | None:
    """The role that may less. None, a role that means nothing, may least."""
    return min((one, other), key=reach)


def wish(values: Any, at: datetime) -> Wish:
    """Reads the body of a new key. Raises BadField."""
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    name = text(values.get("name") or "", "name", _NAME_LENGTH).strip()
    if not name or not name.isprintable():
        raise BadField("name", "a text of printable characters")
    return Wish(name, _role(values.get("role")), _expiry(values.get("expires_at"), at))


def may_give(own: UserRole | None, asked: UserRole) -> bool:
    """Whether a user may make a key of this role: none above their own."""
    return reach(own) >= max(reach(asked), Access.READ)


def _role(value: Any) -> UserRole:
    """READONLY where nothing is said."""
    if value is None:
        return UserRole.READONLY
    found = UserRole.__members__.get(value.upper()) if isinstance(value, str) else None
    if found is None:
        raise BadField("role", f"one of {', '.join(UserRole)}")
    return found


def _expiry(value: Any, at: datetime) -> datetime | None:
    if value is None or value == "":
        return None
    expected = "a moment in the future, as 2030-12-31T23:59:59"
    try:
        found = datetime.fromisoformat(value)
        plain = found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (TypeError, ValueError, OverflowError):
        raise BadField("expires_at", expected) from None
    if plain <= at:
        raise BadField("expires_at", expected)
    return plain.replace(microsecond=0)
