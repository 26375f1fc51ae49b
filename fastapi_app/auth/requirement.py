"""What a route declares about its visitors: `dependencies=[require(Access.READ)]`."""

from functools import cache

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import OPEN_ACCESS, Access, Verdict, verdict
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.sessions import find_visitor
from fastapi_app.auth.visitor import ANONYMOUS, Visitor
from fastapi_app.errors import Forbidden, NotLoggedIn
from fastapi_app.transaction import Transaction
from fastapi_app.urls import login_location


class Requirement:
    """A dependency that declares an access."""

    def __init__(self, access: Access) -> None:
        self.access = access


class Permission(Requirement):
    """Lets a request pass, or raises NotLoggedIn or Forbidden."""

    async def __call__(self, request: Request, session: Transaction) -> Visitor:
        return await permit(request, session, self.access)


class Anybody(Requirement):
    """Lets every request pass, and asks nobody who sends it."""

    async def __call__(self) -> Visitor:
        return ANONYMOUS


async def permit(request: Request, session: AsyncSession, needed: Access) -> Visitor:
    """The visitor, when they may do what needs `needed`.

    One query for a login that suffices, one for an anonymous visitor: the gate is read only when the role alone does
    not reach.
    """
    visitor = await find_visitor(request, session)
    if visitor.reaches(needed):
        return visitor
    gate_open = needed < Access.ADMINISTER and gate_is_open(await stored_gate(session))
    found = verdict(needed, visitor.role, logged_in=visitor.logged_in, gate_open=gate_open)
    if found is Verdict.ALLOWED:
        return visitor
    if found is Verdict.FORBIDDEN:
        raise Forbidden
    raise NotLoggedIn(login_location(request.scope))


def demand(request: Request, visitor: Visitor, needed: Access) -> None:
    """Refuses a visitor who passed the route's own requirement, for a part of it that needs more."""
    if needed <= OPEN_ACCESS or visitor.reaches(needed):
        return
    if visitor.logged_in:
        raise Forbidden
    raise NotLoggedIn(login_location(request.scope))


@cache
def require(access: Access) -> Dependency:
    """The declaration of a route, for `dependencies=[…]` or for a parameter of type Visitor."""
    requirement = Anybody(access) if access is Access.PUBLIC else Permission(access)
    declaration: Dependency = Depends(requirement, scope="function")
    return declaration
