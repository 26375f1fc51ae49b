"""A login whose second factor is still to come: a note in the signed cookie. Pure.

It is bound to the password: changing that voids it. It lives for five minutes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

LIFETIME = timedelta(minutes=5)
_USER = "temp_user_id"
_TIME = "temp_login_time"
_PROOF = "temp_login_proof"
_KEEPS = "temp_keeps_cookie"
_NEXT = "temp_next"


@dataclass(frozen=True)
class PendingLogin:
    """Whose login it is, and how it goes on: with a cookie that is kept or not, and to which address."""

    user_id: int
    proof: str
    keeps_cookie: bool = False
    onward: str = "/"


def proof_of(password_hash: str) -> str:
    """What a note says of the password that was right, without telling the hash."""
    return hashlib.sha256(f"mvidarr pending login {password_hash}".encode()).hexdigest()[:32]


def written(pending: PendingLogin, at: datetime) -> dict[str, Any]:
    """The content of the cookie. `at` is naive UTC."""
    return {
        _USER: pending.user_id,
        _TIME: _seconds(at),
        _PROOF: pending.proof,
        _KEEPS: pending.keeps_cookie,
        _NEXT: pending.onward,
    }


def read(get: Callable[[str], Any], at: datetime) -> PendingLogin | None:
    """What the cookie holds; None where there is no such note, or it is older than five minutes."""
    user_id, since, proof, onward = get(_USER), get(_TIME), get(_PROOF), get(_NEXT)
    known = isinstance(user_id, int) and isinstance(since, int) and isinstance(proof, str) and isinstance(onward, str)
    if not known or not 0 <= _seconds(at) - since <= LIFETIME.total_seconds():
        return None
    return PendingLogin(user_id, proof, bool(get(_KEEPS)), onward)


def _seconds(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp())
