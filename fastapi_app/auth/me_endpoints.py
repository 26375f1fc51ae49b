"""The routes that tell a client who it is."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.auth import rules
from fastapi_app.auth import token_schemas as schemas
from fastapi_app.auth.access import Access, reach
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.requirement import logged_in, require
from fastapi_app.auth.sessions import visitor_or_nobody
from fastapi_app.auth.visitor import Via, Visitor
from fastapi_app.errors import NotFound, NotLoggedIn
from fastapi_app.models import SessionStatus, User, UserSession, now
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.settings.rules import MASK
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(prefix="/auth", route_class=Route, tags=["auth"])

Reader = Annotated[Visitor, require(Access.READ)]
_LOGIN_PATH = "/auth/login"
_NEEDS_LOGIN: dict[int | str, dict[str, Any]] = {302: {"description": "Not JSON, and nobody: to the login form"}}


@router.get(
    "/me",
    response_model=schemas.Me,
    responses={**openapi.problems(), **_NEEDS_LOGIN},
    summary="The account that asks",
)
async def me(request: Request, visitor: Reader) -> JSON:
    """Who asks, by cookie, token or key; the role is what counts for this request."""
    logged_in(request, visitor)
    return JSON({"user": _account(visitor), "via": visitor.via})


@router.get(
    "/status",
    dependencies=[require(Access.PUBLIC)],
    response_model=schemas.Status,
    responses=openapi.problems(),
    summary="Is a login needed?",
)
async def status(request: Request, session: Transaction) -> JSON:
    """Whether somebody is logged in, how, and whether anything is shown to others. Refuses nobody."""
    visitor = await visitor_or_nobody(request, session)
    closed = not gate_is_open(await stored_gate(session))
    user = _account(visitor) if visitor.logged_in else None
    return JSON(
        {"authenticated": visitor.logged_in, "login_required": closed, "via": visitor.via, "user": user},
    )


@router.get(
    "/session",
    response_model=schemas.PresentLogin,
    responses={**openapi.problems(404), **_NEEDS_LOGIN},
    summary="The present login",
)
async def present_login(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """The login that this request hangs on, its user, and what they may do. 404 for an API key, which has none."""
    if visitor.via is Via.KEY:
        raise NotFound("An API key has no login")
    found = await _row(session, visitor.session_id)
    if found is None:
        raise NotLoggedIn(local(request.scope, _LOGIN_PATH), names_login=False)
    login, user = found
    return JSON({"session": _login(login), "user": _person(user), "permissions": _permissions(visitor)})


async def _row(session: AsyncSession, session_id: int | None) -> tuple[UserSession, User] | None:
    if session_id is None:
        return None
    query = select(UserSession, User).join(User, UserSession.user_id == User.id).where(UserSession.id == session_id)
    found = (await session.execute(query)).first()
    return None if found is None else (found[0], found[1])


def _account(visitor: Visitor) -> dict[str, Any]:
    return rules.account(visitor.user_id, visitor.username, visitor.email, visitor.role)


def _login(row: UserSession) -> dict[str, Any]:
    return {
        "id": row.id,
        "session_token": MASK,
        "status": row.status,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": iso(row.created_at),
        "last_activity": iso(row.last_activity),
        "expires_at": iso(row.expires_at),
        "is_valid": row.status is SessionStatus.ACTIVE and row.expires_at > now(),
    }


def _person(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "role": user.role,
        "is_active": user.is_active,
        "is_email_verified": user.is_email_verified,
        "last_login": iso(user.last_login),
        "created_at": iso(user.created_at),
        "updated_at": iso(user.updated_at),
        "preferences": user.preferences or {},
    }


def _permissions(visitor: Visitor) -> dict[str, bool]:
    return {
        "can_admin": reach(visitor.role) >= Access.ADMINISTER,
        "can_modify": reach(visitor.role) >= Access.MODIFY,
        "can_delete": reach(visitor.role) >= Access.MANAGE,
        "can_manage_users": reach(visitor.role) >= Access.ADMINISTER,
    }
