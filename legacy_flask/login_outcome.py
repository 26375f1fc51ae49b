"""What an attempt to log in comes to."""

from dataclasses import dataclass
from datetime import datetime

from fastapi_app.models import UserRole

WRONG = "Invalid username or password"
INACTIVE = "Account is inactive"


@dataclass(frozen=True)
class Client:
    """Where an attempt comes from. `token` is the login that the browser had before, empty for none."""

    ip: str
    agent: str
    token: str


@dataclass(frozen=True)
class Login:
    """A login that succeeded: `token` goes into the cookie, `session_id` is its row."""

    token: str
    session_id: int
    user_id: int
    username: str
    email: str
    role: UserRole | None


@dataclass(frozen=True)
class Pending:
    """The password was right, and the second factor is asked. `proof` binds the wait to the password."""

    user_id: int
    proof: str


@dataclass(frozen=True)
class Refusal:
    """The attempt failed; `reason` is what the visitor reads."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Nothing was compared: too many attempts failed before."""

    until: datetime


Outcome = Login | Pending | Refusal | Wait


def locked(until: datetime) -> str:
    """What whoever is locked out reads, right password or not, in 0.9's words."""
    return f"Account is locked until {until}"
