"""What a route declares about its visitors, in four ways.

required     `dependencies=[require(Access.MODIFY)]`, or a parameter of type `Annotated[Visitor, require(…)]`
role         the same: every role reaches an access, and `Access.ADMINISTER` is the administrators' alone
conditional  the same up to `Access.CONFIGURE`: where the gate is open, as adopted libraries keep it, anybody passes
optional     `current_visitor`: whoever it is, or nobody; for a route that is `require(Access.PUBLIC)` besides

A route that needs a person, open gate or not, calls `logged_in`; one that no API key may call, `refuse_keys`.
"""

from functools import cache
from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import OPEN_ACCESS, Access, Verdict, verdict
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.sessions import find_visitor
from fastapi_app.auth.visitor import ANONYMOUS, Via, Visitor
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


def logged_in(request: Request, visitor: Visitor) -> int:
    """The visitor's user id. Raises NotLoggedIn for nobody, whom an open gate let pass."""
    if visitor.user_id is None:
        raise NotLoggedIn(login_location(request.scope))
    return visitor.user_id


def refuse_keys(visitor: Visitor) -> None:
    """Raises Forbidden for an API key: it must not make others, nor change what protects the account."""
    if visitor.via is Via.KEY:
        raise Forbidden("An API key may not do this: log in")


async def current_visitor(request: Request, session: Transaction) -> Visitor:
    """The visitor, or ANONYMOUS: refuses nobody but bad credentials in a header or the query, with CredentialRefused.

    For a parameter: `visitor: Somebody`.
    """
    return await find_visitor(request, session)


Somebody = Annotated[Visitor, Depends(current_visitor, scope="function")]


@cache
def require(access: Access) -> Dependency:
    """The declaration of a route, for `dependencies=[…]` or for a parameter of type Visitor."""
    requirement = Anybody(access) if access is Access.PUBLIC else Permission(access)
    declaration: Dependency = Depends(requirement, scope="function")
    return declaration
