"""Who stands at the door of a socket. The same rules as for reading over HTTP; the address proves nobody."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import BrowserSession, cookie_value
from fastapi_app.auth.credential import Kind
from fastapi_app.auth.keys.rules import hashed
from fastapi_app.auth.requirement import permit
from fastapi_app.auth.sessions import credential_of
from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import EXPECTED, AppError, translate
from fastapi_app.jobs.visibility import View, view_of
from fastapi_app.progress.standing import Proof
from fastapi_app.urls import header

Scope = Any


@dataclass(frozen=True, slots=True)
class Entrance:
    """A visitor who may read, which jobs they see, and what proved them."""

    visitor: Visitor
    view: View
    proof: Proof


async def entrance(scope: Scope) -> Entrance:
    """The visitor of a handshake. Raises an AppError: NotLoggedIn, Forbidden, TooManyRequests, Unavailable."""
    request = _as_request(scope)
    try:
        async with scope["state"]["database"].reading() as session:
            visitor = await permit(request, session, Access.READ)
            view = await view_of(visitor, session)
    except EXPECTED as error:
        raise error if isinstance(error, AppError) else translate(error) from error
    return Entrance(visitor, view, _proof(request, visitor))


def _as_request(scope: Scope) -> Request:
    """The handshake as the rest of the product reads requests, without what its address may carry."""
    session = BrowserSession(scope["state"]["signer"], cookie_value(header(scope, b"cookie")))
    return Request({**scope, "type": "http", "method": "GET", "query_string": b"", "session": session})


def _proof(request: Request, visitor: Visitor) -> Proof:
    given = credential_of(request)
    if visitor.logged_in and visitor.session_id is None and given is not None and given.kind is Kind.KEY:
        return Proof(key_hash=hashed(given.value))
    return Proof(session_id=visitor.session_id)
