"""Who may do what: levels and roles, as values."""

from enum import Enum, IntEnum

from fastapi_app.models import UserRole


class Access(IntEnum):
    """What a route asks of its visitor. Each level includes those below it."""

    PUBLIC = 0
    READ = 1
    MODIFY = 2
    MANAGE = 3
    CONFIGURE = 4
    ADMINISTER = 5


class Verdict(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    LOGIN = "login"
    FORBIDDEN = "forbidden"


ROLE_ACCESS = {
    UserRole.READONLY: Access.READ,
    UserRole.USER: Access.MODIFY,
    UserRole.MANAGER: Access.MANAGE,
    UserRole.ADMIN: Access.ADMINISTER,
}
OPEN_ACCESS = Access.CONFIGURE
"""What anybody may do while the gate is open, as in 0.9: everything but administration."""


def reach(role: UserRole | None) -> Access:
    """The highest level of a role; None is nobody, or a stored role that means nothing."""
    return ROLE_ACCESS[role] if role is not None else Access.PUBLIC


def verdict(needed: Access, role: UserRole | None, *, logged_in: bool, gate_open: bool) -> Verdict:
    """Whether a visitor of `role` may do what needs `needed`."""
    if reach(role) >= needed or (gate_open and needed <= OPEN_ACCESS):
        return Verdict.ALLOWED
    return Verdict.FORBIDDEN if logged_in else Verdict.LOGIN
