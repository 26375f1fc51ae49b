"""Password hashes: bcrypt, and the formats that an adopted database holds. Slow on purpose."""

import hashlib
import hmac
import re

import bcrypt
from werkzeug.security import check_password_hash

LONGEST_BYTES = 72
"""bcrypt reads no further, so longer passwords are refused instead of being cut."""

_ROUNDS = 12
_MOST_SCRYPT_MEMORY = 256 * 2**20
_MOST_PBKDF2_ROUNDS = 10_000_000
_UNSALTED = re.compile(r"[0-9a-fA-F]{64}")
_OLD_DEFAULTS = {"admin": frozenset({"admin", "mvidarr", "MVidarr@dmin123"})}
"""Names and passwords that 0.9 created by itself. They are public, so they never log in."""

DUMMY_HASH = "$2b$12$iRFWNYH3CO1n0n5w/PFcGe6x9lrTcjuJfbTOQf3S5HO5bUqnM8bTG"
"""Verified for unknown names, so that they take as long as known ones. No password is known to match it."""


class PasswordTooLong(ValueError):
    """The password has more bytes than bcrypt reads."""


def hash_password(password: str, rounds: int = _ROUNDS) -> str:
    """A new bcrypt hash, 60 characters. Raises PasswordTooLong."""
    secret = password.encode()
    if len(secret) > LONGEST_BYTES:
        raise PasswordTooLong
    return bcrypt.hashpw(secret, bcrypt.gensalt(rounds)).decode("ascii")


def verify_password(password: str, stored: str) -> bool:
    """Whether `password` is the one that `stored` was made of. False for a format nobody knows."""
    if stored.startswith(("$2a$", "$2b$", "$2y$")):
        return _bcrypt_matches(password, stored)
    if is_unsalted(stored):
        _bcrypt_matches(password, DUMMY_HASH)  # so that it takes as long as the hash that will replace it
        return unsalted_matches(password, stored)
    if not _is_affordable(stored):
        return False
    try:
        return check_password_hash(stored, password)
    except (ValueError, OverflowError):
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


def is_old_default(username: str, password: str) -> bool:
    """Whether this is a login that 0.9 shipped with. Asked only when the stored hash matches."""
    return password in _OLD_DEFAULTS.get(username.lower(), ())


def _bcrypt_matches(password: str, stored: str) -> bool:
    secret = password.encode("utf-8", "surrogatepass")
    if len(secret) > LONGEST_BYTES or b"\0" in secret:
        return False
    try:
        return bcrypt.checkpw(secret, stored.encode("ascii"))
    except ValueError:
        return False


def _is_affordable(stored: str) -> bool:
    """Whether `stored` is of a known kind and asks for no more work than a login may take."""
    name, *parts = stored.partition("$")[0].split(":")
    try:
        if name == "scrypt":
            n, r, _p = (int(part) for part in parts) if parts else (2**15, 8, 1)
            return 128 * n * r * _p <= _MOST_SCRYPT_MEMORY
        return name == "pbkdf2" and parts[:1] == ["sha256"] and int(parts[1]) <= _MOST_PBKDF2_ROUNDS
    except (ValueError, IndexError):
        return False
