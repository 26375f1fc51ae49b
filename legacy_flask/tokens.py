"""Access and refresh tokens: JWT under HMAC-SHA256 alone. The one file of this side that knows python-jose."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from flask import Flask, current_app
from jose import JOSEError, jwt

from legacy_flask.configuration import current_settings

ACCESS, REFRESH = "access", "refresh"
LIFETIMES = {ACCESS: timedelta(hours=2), REFRESH: timedelta(days=7)}
_EXTENSION = "mvidarr_tokens"
_OURS = "mvidarr"
_ALGORITHM = "HS256"
_LONGEST = 2048
_SKEW = 30  # seconds
_MOMENTS = ("iat", "nbf", "exp")


class BadToken(Exception):
    """It proves nothing. The text is for the log."""


class Claims(NamedTuple):
    """The user, the login (`user_sessions.id`) that the token hangs on, and the token's own id."""

    user_id: int
    session_id: int
    token_id: str


class Signer:
    """`secret_keys` are those of the cookies, from the oldest to the newest, which signs. All of them verify."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._by_id: dict[str, bytes] = {}
        for secret in secret_keys:
            key = hmac.new(secret.encode(), b"mvidarr access token", sha256).digest()
            self._newest = sha256(key).hexdigest()[:16]
            self._by_id[self._newest] = key

    def write(self, kind: str, claims: Claims, at: datetime) -> str:
        """A token that counts from `at`, naive UTC."""
        issued = int(at.replace(tzinfo=UTC).timestamp())
        content = {
            "iss": _OURS,
            "aud": _OURS,
            "typ": kind,
            "sub": str(claims.user_id),
            "sid": claims.session_id,
            "jti": claims.token_id,
            "iat": issued,
            "nbf": issued,
            "exp": issued + int(LIFETIMES[kind].total_seconds()),
        }
        headers = {"kid": self._newest}
        return str(jwt.encode(content, self._by_id[self._newest], algorithm=_ALGORITHM, headers=headers))

    def read(self, token: str, kind: str, at: datetime) -> Claims:
        """Raises BadToken unless the token is ours, of this kind, and counts at `at`."""
        content = self._content(token)
        if content.get("typ") != kind:
            raise BadToken("another kind")
        _refuse_moments(content, int(at.replace(tzinfo=UTC).timestamp()))
        subject, login = content["sub"], content.get("sid")
        if type(login) is not int or not subject.isascii() or not subject.isdecimal():
            raise BadToken("names no login")
        return Claims(int(subject), login, content["jti"])

    def _content(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST or not token.isascii():
            raise BadToken("unreadable")
        options = {"require_aud": True, "require_iss": True, "require_sub": True, "require_jti": True}
        options |= {f"verify_{moment}": False for moment in _MOMENTS}  # by the clock that is passed in, not theirs
        try:
            key = self._by_id.get(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise BadToken("not signed by us")
            return dict(jwt.decode(token, key, [_ALGORITHM], options, audience=_OURS, issuer=_OURS))
        except (JOSEError, RecursionError):  # brackets without end raise the latter
            raise BadToken("forged, or not for us") from None


def signer() -> Signer:
    """That of the application that answers this request. The keys are asked for at the first token."""
    return of(current_app)


def of(app: Flask) -> Signer:
    """The signer of `app`, inside its context."""
    if _EXTENSION not in app.extensions:
        app.extensions[_EXTENSION] = Signer(current_settings().secret_keys())
    found: Signer = app.extensions[_EXTENSION]
    return found


def _refuse_moments(content: dict[str, Any], at: int) -> None:
    moments = [content.get(name) for name in _MOMENTS]
    if any(type(moment) is not int for moment in moments):
        raise BadToken("moments that are no numbers")
    issued, begins, ends = (int(moment or 0) for moment in moments)
    if ends <= at:
        raise BadToken("expired")
    if max(issued, begins) > at + _SKEW:
        raise BadToken("from the future")
