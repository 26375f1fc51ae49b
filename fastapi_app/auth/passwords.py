"""Password hashes: bcrypt for new ones, 0.9's formats for those that an adopted database holds.

Pure functions, and slow on purpose: call them in a thread.
"""

import binascii
import hashlib
import hmac
import re

import bcrypt

LONGEST_BYTES = 72
"""bcrypt reads no further, so longer passwords are refused instead of being cut."""

_ROUNDS = 12
_MOST_SCRYPT_MEMORY = 256 * 2**20
_MOST_PBKDF2_ROUNDS = 10_000_000
_UNSALTED = re.compile(r"[0-9a-fA-F]{64}")
_OLD_DEFAULTS = {"admin": frozenset({"admin", "mvidarr", "MVidarr@dmin123"})}
"""Names and passwords that 0.9 created by itself. They are public, so they never log in."""

DUMMY_HASH = "$2b$12$VFzor3Y61f/lIyYGP2DGTeoEvolHqmP7Q7E/97iSePMN6pjnMg0TO"
"""Verified for unknown names, so that they take as long as known ones. No password is known to match it."""


class PasswordTooLong(ValueError):
    """The password has more bytes than bcrypt reads."""

    def __init__(self) -> None:
        super().__init__(f"The password is longer than {LONGEST_BYTES} bytes")


def hash_password(password: str, rounds: int = _ROUNDS) -> str:
    """A new bcrypt hash, 60 characters. Raises PasswordTooLong."""
    secret = password.encode("utf-8")
    if len(secret) > LONGEST_BYTES:
        raise PasswordTooLong
    return bcrypt.hashpw(secret, bcrypt.gensalt(rounds)).decode("ascii")


def verify_password(password: str, stored: str) -> bool:
    """Whether `password` is the one that `stored` was made of. False for a format nobody knows."""
    secret = password.encode("utf-8", "surrogatepass")
    method, _, rest = stored.partition("$")
    if method == "" and rest.startswith(("2a$", "2b$", "2y$")):
        return _bcrypt_matches(secret, stored)
    if is_unsalted(stored):
        _bcrypt_matches(secret, DUMMY_HASH)  # so that it takes as long as the hash that will replace it
        return unsalted_matches(password, stored)
    salt, _, digest = rest.partition("$")
    try:
        expected = binascii.unhexlify(digest)
        return hmac.compare_digest(_werkzeug_digest(method, salt.encode(), secret), expected)
    except (ValueError, OverflowError, binascii.Error):
        return False


def is_unsalted(stored: str) -> bool:
    """Whether this is a plain SHA-256, which 0.9 kept of its single account: to be replaced at the first login."""
    return _UNSALTED.fullmatch(stored) is not None


def unsalted_matches(password: str, stored: str) -> bool:
    """Whether `stored` is the SHA-256 of `password`. The only quick one here."""
    made = hashlib.sha256(password.encode("utf-8", "surrogatepass")).hexdigest()
    return hmac.compare_digest(made.encode(), stored.lower().encode())


def is_published(password: str) -> bool:
    """Whether some installation of 0.9 began with this password, whatever the account was called."""
    return any(password in passwords for passwords in _OLD_DEFAULTS.values())


def has_old_default(username: str, stored: str) -> bool:
    """Whether the stored hash is that of a password that 0.9 shipped with. Slow: verifies each of them."""
    return any(verify_password(password, stored) for password in _OLD_DEFAULTS.get(username.lower(), ()))


def is_old_default(username: str, password: str) -> bool:
    """Whether this is a login that 0.9 shipped with. Asked only when the stored hash matches."""
    return password in _OLD_DEFAULTS.get(username.lower(), ())


def _bcrypt_matches(secret: bytes, stored: str) -> bool:
    if len(secret) > LONGEST_BYTES or b"\0" in secret:
        return False
    try:
        return bcrypt.checkpw(secret, stored.encode("ascii"))
    except (ValueError, UnicodeEncodeError):
        return False


def _werkzeug_digest(method: str, salt: bytes, secret: bytes) -> bytes:
    """The digest in Werkzeug's formats `scrypt:n:r:p` and `pbkdf2:hash:rounds`. Raises ValueError for others."""
    name, *settings = method.split(":")
    if name == "scrypt":
        n, r, p = (int(part) for part in settings) if settings else (2**15, 8, 1)
        if 128 * n * r * p > _MOST_SCRYPT_MEMORY:
            raise ValueError("more memory than a login may take")
        return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=132 * n * r * p)
    if name == "pbkdf2" and settings[:1] == ["sha256"]:
        rounds = int(settings[1])
        if rounds > _MOST_PBKDF2_ROUNDS:
            raise ValueError("more rounds than a login may take")
        return hashlib.pbkdf2_hmac("sha256", secret, salt, rounds)
    raise ValueError("an unknown method")
