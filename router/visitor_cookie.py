"""Pure: the router's own cookie, for visitors of whom nothing else is known."""

import base64
import hashlib
import hmac
from urllib.parse import quote

from router.types import Scope

NAME = "strangler_id"
LIFETIME = 30 * 24 * 3600
"""Seconds."""

ID_BYTES = 16
_SIGNATURE_BYTES = 16


def derived_key(secret: str | bytes, purpose: bytes) -> bytes:
    """A key for one purpose alone."""
    return hmac.digest(secret.encode() if isinstance(secret, str) else secret, b"strangler " + purpose, hashlib.sha256)


class VisitorCookie:
    """Signs and reads it: ``<id>.<signature>``, 128 bits each."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def value(self, visitor: bytes) -> str:
        """The cookie's value for `ID_BYTES` random bytes."""
        return f"{visitor.hex()}.{self._signature(visitor)}"

    def read(self, value: str) -> str | None:
        """The id, in hexadecimal; None where the value is not one that we wrote."""
        text, _, signature = value.partition(".")
        try:
            visitor = bytes.fromhex(text)
        except ValueError:
            return None
        if len(visitor) != ID_BYTES or not hmac.compare_digest(signature.encode(), self._signature(visitor).encode()):
            return None
        return visitor.hex()

    def header(self, visitor: bytes, scope: Scope) -> tuple[bytes, bytes]:
        """The Set-Cookie header that gives it to a visitor."""
        path = quote(scope.get("root_path", "")) or "/"
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        attributes = f"Max-Age={LIFETIME}; Path={path}; HttpOnly; SameSite=Lax{secure}"
        return b"set-cookie", f"{NAME}={self.value(visitor)}; {attributes}".encode()

    def _signature(self, visitor: bytes) -> str:
        digest = hmac.digest(self._key, visitor, hashlib.sha256)[:_SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def cookie_values(cookie: bytes, name: str) -> list[str]:
    """The values of a name in a Cookie header, in order."""
    wanted = name.encode() + b"="
    found = (part.strip() for part in cookie.split(b";"))
    return [part[len(wanted) :].decode("latin-1") for part in found if part.startswith(wanted)]
