"""What a new password must be: 0.9's rules, and no longer than bcrypt reads. Pure."""

import re
import secrets

from legacy_flask.passwords import LONGEST_BYTES

SHORTEST = 8
_RULES = (
    (re.compile(r"[a-z]"), "at least one lowercase letter"),
    (re.compile(r"[A-Z]"), "at least one uppercase letter"),
    (re.compile(r"[0-9]"), "at least one digit"),
    (re.compile(r"[@$!%*?&]"), "at least one special character (@$!%*?&)"),
)


def fault(password: str) -> str | None:
    """What is wrong with `password`, to be put behind the name of its field; None for a good one."""
    if "\0" in password or any("\ud800" <= char <= "\udfff" for char in password):
        return "must be text without NUL characters and lone surrogates"
    if len(password) < SHORTEST:
        return f"must be at least {SHORTEST} characters long"
    if len(password.encode()) > LONGEST_BYTES:
        return f"must be at most {LONGEST_BYTES} bytes long"
    lacking = next((what for pattern, what in _RULES if not pattern.search(password)), None)
    return f"must contain {lacking}" if lacking else None


def generated() -> str:
    """A password of 20 characters that the rules allow, without letters that look like others."""
    lower, upper, digits = "abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"
    letters = [secrets.choice(kind) for kind in (lower, upper, digits, "@$!%*?&", "@$!%*?&")]
    letters += [secrets.choice(lower + upper + digits) for _ in range(20 - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
