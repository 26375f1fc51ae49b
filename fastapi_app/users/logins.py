"""The logins of an account: which there are, and ending them. One's own, or anybody's for administrators."""

from typing import Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import BrowserSession
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import NotFound
from fastapi_app.fields import query_flag
from fastapi_app.models import now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users import changes, queries, rules, schemas, shown
from fastapi_app.users.people import Reader, acting, must_be_person, must_own

router = APIRouter(prefix="/api/api/users/{user_id:row}/sessions", route_class=Route, tags=["users"])


@router.get("", response_model=schemas.Logins, responses=openapi.problems(404), summary="Logins of an account")
async def list_logins(user_id: int, request: Request, session: Transaction, visitor: Reader) -> JSON:
    """The active logins, the one used last first. What proves them is not told."""
    must_own(request, visitor, user_id)
    if await queries.account(session, user_id) is None:
        raise NotFound(rules.NOT_FOUND)
    at = now()
    found = [shown.login(row, at, visitor.session_id) for row in await queries.logins(session, user_id)]
    return JSON({"sessions": found, "total": len(found)})


@router.delete(
    "/{session_id:row}",
    response_model=schemas.LoginRevoked,
    response_model_exclude_unset=True,
    responses=openapi.problems(404),
    summary="End one login",
)
async def end_login(user_id: int, session_id: int, request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Ends a login, and the tokens that hang on it."""
    _may_end(request, visitor, user_id)
    await changes.revoke_login(session, acting(request, visitor), user_id, session_id)
    is_current = session_id == visitor.session_id
    told: dict[str, Any] = {"success": True, "message": "Session revoked successfully"}
    return _ended({**told, "current_session_revoked": is_current}, request, is_current=is_current)


@router.delete(
    "",
    response_model=schemas.LoginsRevoked,
    response_model_exclude_unset=True,
    responses=openapi.problems(404),
    openapi_extra=openapi.query(schemas.LoginsQuery),
    summary="End all logins",
)
async def end_logins(user_id: int, request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Ends every login of an account, and the tokens that hang on them; with `others`, all but this very one."""
    _may_end(request, visitor, user_id)
    kept_id = visitor.session_id if query_flag(query_values(request).get("others")) else None
    await changes.revoke_logins(session, acting(request, visitor), user_id, kept_id)
    is_current = user_id == visitor.user_id and kept_id is None
    return _ended({"success": True, "message": "All sessions revoked successfully"}, request, is_current=is_current)


def _may_end(request: Request, visitor: Visitor, user_id: int) -> None:
    must_own(request, visitor, user_id)
    if not visitor.reaches(Access.ADMINISTER):
        must_be_person(request, visitor)


def _ended(told: dict[str, Any], request: Request, *, is_current: bool) -> JSON:
    """One's own login ended: its cookie goes, too."""
    if not is_current:
        return JSON(told)
    browser: BrowserSession = request.scope["session"]
    browser.clear()
    return JSON({**told, "redirect_to_login": True})
