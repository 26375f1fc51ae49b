"""What a new password must be: 0.9's rules, and no longer than bcrypt reads. Pure."""

import re

from fastapi_app.auth.passwords import LONGEST_BYTES

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
