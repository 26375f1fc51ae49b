"""The visitor's own page: e-mail, password, second factor, keys, logins."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.cookies import BrowserSession
from fastapi_app.auth.keys import queries as keys
from fastapi_app.auth.keys.rules import may_give
from fastapi_app.auth.password_change import change_own, read_change
from fastapi_app.auth.requirement import logged_in
from fastapi_app.auth.second_factor import management
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import AppError, BadField, BadRequest, Conflict, NotFound, TooManyRequests
from fastapi_app.fields import query_integer
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import LOGIN_PATH, local
from fastapi_app.users import changes, own, queries, rules
from fastapi_app.users.confirming import Proof, confirm
from fastapi_app.users.markup import ROLES, form_values, page
from fastapi_app.users.people import Reader, acting, must_be_person

router = APIRouter(route_class=Route, include_in_schema=False)

_DONE = {
    "email": "Your e-mail was changed.",
    "revoke": "The login ended.",
    "revoke_others": "All your other logins ended.",
    "password": "Your password was changed, and your other logins ended.",
    "key": "The key counts no more.",
}


@router.get("/profile")
async def profile(request: Request, session: Transaction, visitor: Reader) -> Response:
    """The page."""
    logged_in(request, visitor)
    return await _page(request, session, visitor, done=_DONE.get(query_values(request).get("done", ""), ""))


@router.post("/profile")
async def change(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Does what a button of the page asks for, and leads back to it."""
    must_be_person(request, visitor)
    values = await form_values(request)
    try:
        ended = await _act(request, session, visitor, values)
    except (BadRequest, Conflict, NotFound, TooManyRequests) as refusal:
        await session.rollback()
        return await _told(request, visitor, refusal)
    if ended:
        browser: BrowserSession = request.scope["session"]
        browser.clear()
        return redirect(local(request.scope, LOGIN_PATH))
    return redirect(f"{local(request.scope, '/profile')}?done={values['action']}")


async def _act(request: Request, session: AsyncSession, visitor: Visitor, values: dict[str, str]) -> bool:
    """Whether this very login ended. Raises an AppError."""
    who, user_id, name = acting(request, visitor), logged_in(request, visitor), values.get("action", "")
    if name == "email":
        address = rules.email(values.get("email", ""))
        await confirm(request, session, who, user_id, Proof(password=values.get("password", "")))
        async with request.state.database.writing() as writer:
            await own.change_email(writer, who, user_id, address)
    elif name == "password":
        change = read_change(values)
        await session.rollback()
        state = request.state
        await change_own(state.database, state.hashing, visitor, change, who.origin)
    elif name == "revoke":
        session_id = query_integer(values.get("session_id", ""), "session_id", least=1)
        await changes.revoke_login(session, who, user_id, session_id)
        return session_id == visitor.session_id
    elif name == "revoke_others":
        await changes.revoke_logins(session, who, user_id, visitor.session_id)
    else:
        raise BadField("action", "email, password, revoke or revoke_others")
    return False


async def _told(request: Request, visitor: Visitor, refusal: AppError) -> Response:
    async with request.state.database.reading() as reader:
        shown = await _page(request, reader, visitor, error=refusal.message)
    shown.status_code = refusal.status
    shown.headers.update(refusal.headers())
    return shown


async def _page(request: Request, session: AsyncSession, visitor: Visitor, **told: Any) -> Response:
    user_id = logged_in(request, visitor)
    user, factor = await queries.account(session, user_id), await queries.factor(session, user_id)
    if user is None or factor is None:
        raise NotFound(rules.NOT_FOUND)
    return page(
        request,
        visitor,
        "profile.html",
        "profile",
        **told,
        user=user,
        factor=management.state(factor),
        keys=await keys.listed(session, user_id),
        key_roles=[(role.value, label) for role, label in ROLES.items() if may_give(user.role, role)],
        logins=await queries.logins(session, user_id),
        current_id=visitor.session_id,
    )
