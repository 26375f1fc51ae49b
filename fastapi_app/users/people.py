"""Whose account a request may touch: one's own, or anybody's for administrators."""

from typing import Annotated

from fastapi import Request

from fastapi_app.audit.record import origin_of
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import logged_in, refuse_keys, require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import Forbidden
from fastapi_app.users.changes import Acting

Reader = Annotated[Visitor, require(Access.READ)]
Administrator = Annotated[Visitor, require(Access.ADMINISTER)]


def must_own(request: Request, visitor: Visitor, user_id: int) -> None:
    """Lets the owner of an account pass, and administrators. Others don't learn whether there is such an account."""
    if logged_in(request, visitor) != user_id and not visitor.reaches(Access.ADMINISTER):
        raise Forbidden


def must_be_person(request: Request, visitor: Visitor) -> int:
    """The visitor's own id, when they logged in: a key may not change what guards the account it belongs to."""
    found = logged_in(request, visitor)
    refuse_keys(visitor)
    return found


def acting(request: Request, visitor: Visitor) -> Acting:
    return Acting(visitor, origin_of(request))
