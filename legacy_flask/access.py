"""Who may do what: levels, roles, and the declaration that every view carries."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, TypeVar

from flask import Flask

from fastapi_app.models import UserRole

View = TypeVar("View", bound=Callable[..., Any])


class Access(IntEnum):
    """What a view asks of its visitor. Each level includes those below it."""

    PUBLIC = 0
    READ = 1
    MODIFY = 2
    MANAGE = 3
    CONFIGURE = 4
    ADMINISTER = 5


_REACH: Mapping[UserRole, Access] = {
    UserRole.READONLY: Access.READ,
    UserRole.USER: Access.MODIFY,
    UserRole.MANAGER: Access.MANAGE,
    UserRole.ADMIN: Access.ADMINISTER,
}
_OPEN = Access.CONFIGURE
"""What anybody may do while the gate is open, as in 0.9: everything but administration."""


class UndeclaredAccess(Exception):
    """A view says nothing about who may call it. The application refuses to be built with it."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"The view {endpoint} declares no access: decorate it with @requires(Access.…)")


def requires(access: Access) -> Callable[[View], View]:
    """Declares who may call a view. The gate reads it before the view is called."""

    def declare(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask) -> dict[str, Access]:
    """The access of every endpoint. Raises UndeclaredAccess."""
    found: dict[str, Access] = {}
    for endpoint, view in app.view_functions.items():
        access = getattr(view, "access", None)
        if not isinstance(access, Access):
            raise UndeclaredAccess(endpoint)
        found[endpoint] = access
    return found


def reach(role: UserRole | None) -> Access:
    """The highest level of a role; None is nobody, or a stored role that means nothing."""
    return _REACH[role] if role is not None else Access.PUBLIC


def allowed_by_gate(needed: Access, *, is_open: bool) -> bool:
    """Whether the open gate lets anybody do what needs `needed`."""
    return is_open and needed <= _OPEN
