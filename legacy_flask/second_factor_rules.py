"""The second factor: codes by the clock (TOTP), and backup codes that count once. Pure: the clock is given."""

import binascii
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

import pyotp

ISSUER = "MVidarr"
STEP_SECONDS = 30
BACKUP_CODES = 8

_WINDOW = 1
_DIGITS = 6
_LONGEST_CODE = 64
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP = 4, 4
_METHOD = "sha256"


def new_secret() -> str:
    """A TOTP secret, 32 base32 characters (160 bit)."""
    return pyotp.random_base32(32)


def provisioning_uri(secret: str, username: str) -> str:
    """The `otpauth:` address that an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=f"{username}@mvidarr", issuer_name=ISSUER)


def matching_step(secret: str, code: str, at: datetime, last_step: int | None) -> int | None:
    """The time step (30 s since 1970) that `code` belongs to, None for a wrong code.

    The steps before and after the present one count too, for clocks that differ. No step up to `last_step`, the last
    one accepted, counts again. `at` is naive UTC.
    """
    digits = code.replace(" ", "")
    # Without a secret everybody could work the code out.
    if not secret or len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    present = int(at.replace(tzinfo=UTC).timestamp()) // STEP_SECONDS
    steps = range(present - _WINDOW, present + _WINDOW + 1)
    try:
        totp = pyotp.TOTP(secret)
        matches = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)]
    except (binascii.Error, ValueError):  # the stored secret is no base32
        return None
    fresh = [step for step in matches if last_step is None or step > last_step]
    return max(fresh, default=None)


def new_backup_codes(count: int = BACKUP_CODES) -> tuple[list[str], list[str]]:
    """New codes as the user keeps them (`ABCD-EFGH-JKLM-NPQR`), and as the database does.

    A code has 80 random bits, which nobody guesses from its hash, so that a fast hash serves: eight codes are compared
    in microseconds, and not in the two seconds that bcrypt would take.
    """
    plain = [_new_code() for _ in range(count)]
    return plain, [_stored(code) for code in plain]


def matching_code(code: str, stored: list[str]) -> int | None:
    """The place of `code` in `stored`, None where it is not. Compares with all of them, whichever matches."""
    if len(code) > _LONGEST_CODE:
        return None
    plain = _plain(code)
    matches = [place for place, one in enumerate(stored) if _matches(plain, one)]
    return matches[0] if matches and plain else None


def stored_codes(value: Any) -> list[str]:
    """The backup codes of a row: a list, or 0.9's text that holds one. Anything else is none."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [code for code in value if isinstance(code, str)] if isinstance(value, list) else []


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def _plain(code: str) -> str:
    """The letters and digits alone, in capitals: people type codes with or without the dashes."""
    return "".join(char for char in code.upper() if char.isascii() and char.isalnum())


def _stored(code: str) -> str:
    salt = secrets.token_hex(8)
    return f"{_METHOD}${salt}${_digest(salt, _plain(code))}"


def _digest(salt: str, plain: str) -> str:
    return hashlib.sha256(f"{salt}${plain}".encode()).hexdigest()


def _matches(plain: str, stored: str) -> bool:
    """Whether `stored` was made of `plain`. 0.9 kept codes as they are: eight letters and digits."""
    method, _, rest = stored.partition("$")
    salt, _, digest = rest.partition("$")
    if method == _METHOD and digest:
        return hmac.compare_digest(_digest(salt, plain).encode(), digest.encode())
    return hmac.compare_digest(plain.encode(), stored.upper().encode())
