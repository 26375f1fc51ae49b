"""A backup without secrets: what is left out of it. Pure.

It can be shown to others. Restored, everybody needs a new password (`mvidarr user reset-password`), and keys of other
services have to be entered again.
"""

import json
from collections.abc import Iterator

from fastapi_app.settings.rules import is_secret, shown

LEFT_OUT = frozenset({"user_sessions", "refresh_tokens", "api_keys", "attempts"})
"""Tables of nothing else."""

NO_PASSWORD = "!"  # noqa: S105 - what no password's hash is
_OF_USERS = {
    "password_hash": NO_PASSWORD,
    "two_factor_secret": None,
    "two_factor_enabled": 0,
    "backup_codes": None,
    "email_verification_token": None,
    "password_reset_token": None,
}


def without(table: str, lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a table without what is secret in them."""
    if table not in ("users", "settings"):
        yield from lines
        return
    first = next(lines)
    names = json.loads(first)
    yield first
    for line in lines:
        row = dict(zip(names, json.loads(line), strict=True))
        changed = {**row, **_OF_USERS} if table == "users" else {**row, "value": _of_setting(row["key"], row["value"])}
        values = [changed[name] for name in names]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _of_setting(key: str, value: str | None) -> str | None:
    return "" if is_secret(key) and value else shown(key, value)
