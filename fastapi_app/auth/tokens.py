"""Access and refresh tokens: JWT, signed with HMAC-SHA256 and nothing else. The one file that knows python-jose."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from jose import jwt
from jose.exceptions import JOSEError

ACCESS_LIFETIME = timedelta(hours=2)
REFRESH_LIFETIME = timedelta(days=7)
ISSUER = AUDIENCE = "mvidarr"
_ALGORITHM = "HS256"
_PURPOSE = b"mvidarr access token"
_LONGEST = 2048
_SKEW_SECONDS = 30
_MOMENTS = ("iat", "nbf", "exp")
_OPTIONS: dict[str, bool] = {
    **{f"require_{claim}": True for claim in ("aud", "iss", "sub", "jti")},
    # Moments are compared below, with a clock that is told.
    **{f"verify_{claim}": False for claim in _MOMENTS},
}


class TokenKind(StrEnum):
    """What a token is for."""

    ACCESS = "access"
    REFRESH = "refresh"


_LIFETIMES = {TokenKind.ACCESS: ACCESS_LIFETIME, TokenKind.REFRESH: REFRESH_LIFETIME}


class TokenRefused(Exception):
    """The token proves nothing. The text is for the log alone."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: the user, the login it hangs on, and its own id."""

    user_id: int
    session_id: int
    token_id: str


class TokenSigner:
    """Signs and reads tokens. `keys` from oldest to newest, as for cookies; the newest signs, all of them verify."""

    def __init__(self, keys: Sequence[str]) -> None:
        derived = [hmac.digest(key.encode(), _PURPOSE, "sha256") for key in keys]
        self._keys = {key_id(key): key for key in derived}
        self._newest = derived[-1]

    def write(self, kind: TokenKind, claims: Claims, at: datetime) -> str:
        """A token that counts from `at` (naive UTC)."""
        issued = _seconds(at)
        content: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "typ": kind.value,
            "sub": str(claims.user_id),
            "sid": claims.session_id,
            "jti": claims.token_id,
            "iat": issued,
            "nbf": issued,
            "exp": issued + int(_LIFETIMES[kind].total_seconds()),
        }
        return jwt.encode(content, self._newest, algorithm=_ALGORITHM, headers={"kid": key_id(self._newest)})

    def read(self, token: str, kind: TokenKind, at: datetime) -> Claims:
        """What the token says, when it is one of ours, of this kind, and counts at `at`. Raises TokenRefused."""
        content = self._verified(token)
        if content.get("typ") != kind.value:
            raise TokenRefused("another kind of token")
        moments: list[Any] = [content.get(name) for name in _MOMENTS]
        if not all(type(moment) is int for moment in moments):
            raise TokenRefused("moments that are no numbers")
        *begins, ends = moments
        if ends <= _seconds(at):
            raise TokenRefused("expired")
        if max(begins) > _seconds(at) + _SKEW_SECONDS:
            raise TokenRefused("from the future")
        return _claims(content)

    def user_of(self, token: str) -> int:
        """The user whom a token of ours names, of whatever kind and whether or not it still counts.

        It proves nobody. Raises TokenRefused.
        """
        return _claims(self._verified(token)).user_id

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST or not token.isascii():
            raise TokenRefused("unreadable")
        try:
            named = jwt.get_unverified_header(token).get("kid")
            key = self._keys.get(named) if isinstance(named, str) else None
            if key is None:
                raise TokenRefused("signed with no key of ours")
            return jwt.decode(token, key, algorithms=[_ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=_OPTIONS)
        except (JOSEError, RecursionError):  # the latter from brackets without end
            raise TokenRefused("forged, or not for us") from None


def key_id(derived: bytes) -> str:
    """What a token names its key by: 16 hex digits that tell nothing of the key."""
    return hashlib.sha256(derived).hexdigest()[:16]


def _claims(content: dict[str, Any]) -> Claims:
    subject, session_id, token_id = content["sub"], content.get("sid"), content["jti"]
    if not (subject.isascii() and subject.isdecimal() and type(session_id) is int):
        raise TokenRefused("names no login")
    return Claims(int(subject), session_id, token_id)


def _seconds(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp())
