"""The signed login cookie, in Flask's format, so that one login serves both sides; and the cookies of tokens."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE_NAME = "mvidarr_session"
ACCESS_COOKIE = "mvidarr_token"
REFRESH_COOKIE = "mvidarr_refresh"
LIFETIME = timedelta(hours=24)
PERMANENT = "_permanent"
_SALT = "cookie-session"
_PAST = "Thu, 01 Jan 1970 00:00:00 GMT"


class _Compact:
    """JSON as Flask puts it into cookies. Its tags for other types (`{" t": …}`) are kept unread, so they survive."""

    @staticmethod
    def dumps(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return json.loads(text)


class CookieSigner:
    """Signs and reads the content of login cookies. `keys` from oldest to newest; the newest signs."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._serializer = URLSafeTimedSerializer(
            list(keys),
            salt=_SALT,
            serializer=_Compact,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
        )

    def read(self, value: str) -> dict[str, Any]:
        """The content, empty where the signature is not ours or older than a day."""
        try:
            content = self._serializer.loads(value, max_age=int(LIFETIME.total_seconds()))
        except (BadData, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, content: dict[str, Any]) -> str:
        return str(self._serializer.dumps(content))


class BrowserSession:
    """The content of one visitor's cookie, read when first asked for, and what becomes of it in the answer."""

    def __init__(self, signer: CookieSigner, value: str) -> None:
        self._signer = signer
        self._value = value
        self._content: dict[str, Any] | None = None
        self.accessed = False
        self._modified = False

    def get(self, key: str) -> Any:
        self.accessed = True
        return self._read().get(key)

    def replace(self, content: dict[str, Any]) -> None:
        """Forgets everything and keeps `content` alone, so that nothing from before a login survives it."""
        self._content, self._modified, self.accessed = dict(content), True, True

    def clear(self) -> None:
        self.replace({})

    def set_cookie(self, now: datetime, *, secure: bool) -> str | None:
        """The Set-Cookie header of the answer, or None. A permanent session is sent again with every answer."""
        content = self._read()
        if not content:
            return cookie_header("", _PAST, secure=secure) + "; Max-Age=0" if self._modified else None
        permanent = bool(content.get(PERMANENT))
        if not (self._modified or permanent):
            return None
        return cookie_header(self._signer.write(content), expiry(now) if permanent else None, secure=secure)

    def _read(self) -> dict[str, Any]:
        if self._content is None:
            self._content = self._signer.read(self._value) if self._value else {}
        return self._content


def cookie_header(value: str, expires: str | None, *, secure: bool) -> str:
    """A Set-Cookie header for the login cookie."""
    parts = [f"{COOKIE_NAME}={value}"]
    parts += [f"Expires={expires}"] if expires else []
    parts += ["Secure"] if secure else []
    return "; ".join([*parts, "HttpOnly", "Path=/", "SameSite=Lax"])


def expiry(now: datetime) -> str:
    """A day after `now` (naive UTC), as a cookie says it."""
    return format_datetime((now + LIFETIME).replace(tzinfo=UTC), usegmt=True)


def token_cookie(name: str, value: str, until: datetime, at: datetime, path: str, *, secure: bool) -> str:
    """A Set-Cookie header that keeps a token until then (naive UTC, as `at` is), or removes it where there is none."""
    last = format_datetime(until.replace(tzinfo=UTC), usegmt=True) if value else _PAST
    ends = f"Expires={last}; Max-Age={int((until - at).total_seconds()) if value else 0}"
    parts = [f"{name}={value}", ends, *(["Secure"] if secure else []), "HttpOnly", f"Path={path}", "SameSite=Lax"]
    return "; ".join(parts)


def cookie_value(header: str, wanted: str = COOKIE_NAME) -> str:
    """A cookie among those of a Cookie header, or an empty text. The first one counts, as in Flask."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted:
            return value.strip('"')
    return ""
