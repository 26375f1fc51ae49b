"""The pages of administrators: overview, all accounts, a new one, one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.audit import queries as audit
from fastapi_app.audit.rules import Wanted as WantedEvents
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.password_endpoints import RESET_PATH
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import AppError, BadRequest, Conflict
from fastapi_app.pages.paging import Paging
from fastapi_app.responses import JSON, redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local, origin
from fastapi_app.users import administration, changes, queries, rules
from fastapi_app.users.making import make_account
from fastapi_app.users.markup import form_values, page
from fastapi_app.users.people import Administrator, acting

router = APIRouter(prefix="/admin", route_class=Route, include_in_schema=False)

_PER_PAGE = 25
_FIRST_USERS, _LATELY = 10, 8
_PLACE = "admin"


@router.get("/")
async def overview(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """Whether the gate is open, how many accounts there are of each role, the first ten, what happened lately."""
    counts = await queries.counts_by_role(session)
    _, events = await audit.events(session, WantedEvents(per_page=_LATELY))
    return page(
        request,
        visitor,
        "admin.html",
        _PLACE,
        gate_open=gate_is_open(await stored_gate(session)),
        counts=counts,
        users=await queries.accounts(session, rules.Wanted(per_page=_FIRST_USERS)),
        events=events,
    )


@router.get("/users")
async def list_users(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """The accounts that the form asks for, a page at a time."""
    query = query_values(request)
    asked = {name: query.get(name, "") for name in ("search", "role", "active")}
    try:
        wanted, error = rules.wanted({**query, "per_page": str(_PER_PAGE)}), ""
    except BadRequest as refusal:
        wanted, error = rules.Wanted(per_page=_PER_PAGE), refusal.message
    paging = Paging.of(await queries.count(session, wanted), wanted.page, _PER_PAGE)
    given = {name: value for name, value in asked.items() if value}
    return page(
        request,
        visitor,
        "admin_users.html",
        _PLACE,
        error=error,
        asked=asked,
        paging=paging,
        users=await queries.accounts(session, rules.on_page(wanted, paging.page)),
        link="?" + urlencode(given) + ("&" if given else ""),
    )


@router.get("/users/create")
async def new_user(request: Request, visitor: Administrator) -> Response:
    """The form of a new account."""
    return page(request, visitor, "admin_user_new.html", _PLACE, asked=_ASKED_OF_NEW)


@router.post("/users/create")
async def create_user(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """Makes an account, or shows the form again with what is wrong; the password has to be typed again."""
    values = await form_values(request)
    try:
        await make_account(request, session, acting(request, visitor), rules.new_account(_filled(values)))
    except (BadRequest, Conflict) as refusal:
        asked = {name: values.get(name, "") for name in _ASKED_OF_NEW}
        return page(request, visitor, "admin_user_new.html", _PLACE, asked=asked, error=refusal.message)
    return redirect(local(request.scope, "/admin/users"))


@router.get("/users/{user_id:row}")
async def show_user(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> Response:
    """One account; an unknown one leads back to the list."""
    done = administration.DONE.get(query_values(request).get("done", ""), "")
    return await _user_page(request, session, visitor, user_id, done=done)


@router.post("/users/{user_id:row}")
async def change_user(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> Response:
    """Does what a button of the page asks for, and leads back to it."""
    values = await form_values(request)
    try:
        outcome = await administration.act(session, acting(request, visitor), user_id, values)
    except administration.REFUSALS as refusal:
        return await _refused(request, session, visitor, user_id, refusal)
    if outcome.shown:
        await session.commit()
        async with request.state.database.reading() as reader:
            return await _user_page(request, reader, visitor, user_id, done=outcome.done, **outcome.shown)
    return redirect(f"{local(request.scope, f'/admin/users/{user_id}')}?done={outcome.name}")


@router.post("/api/users/{user_id:row}/role")
async def change_role(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Changes a role, for 0.9's form."""
    role = rules.role((await form_values(request)).get("role", ""))
    await changes.change_role(session, acting(request, visitor), user_id, role)
    return JSON({"success": True, "message": "User role updated successfully"})


@router.post("/api/users/{user_id:row}/toggle-active")
async def toggle_active(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """Switches an account off, or on again."""
    is_active = await changes.toggle(session, acting(request, visitor), user_id)
    action = "activated" if is_active else "deactivated"
    told = {"success": True, "message": f"User {action} successfully", "action": action, "new_status": is_active}
    return JSON(told)


_ASKED_OF_NEW: Mapping[str, str] = {"username": "", "email": "", "role": ""}


def _filled(values: Mapping[str, str]) -> dict[str, Any]:
    """A form sends every field; an empty role is the one that is given by default."""
    return {name: value for name, value in values.items() if value or name != "role"}


async def _refused(
    request: Request, session: AsyncSession, visitor: Visitor, user_id: int, refusal: AppError
) -> Response:
    """The page as it is, with the reason."""
    await session.rollback()
    async with request.state.database.reading() as reader:
        shown = await _user_page(request, reader, visitor, user_id, error=refusal.message)
    if shown.status_code == 200:
        shown.status_code = refusal.status
    return shown


async def _user_page(request: Request, session: AsyncSession, visitor: Visitor, user_id: int, **told: Any) -> Response:
    user = await queries.account(session, user_id)
    if user is None:
        return redirect(local(request.scope, "/admin/users"))
    code = told.pop("reset_code", "")
    link = f"{origin(request.scope)}{local(request.scope, RESET_PATH)}#{code}" if code else ""
    _, events = await audit.events(session, WantedEvents(user=user_id, per_page=_LATELY))
    return page(
        request,
        visitor,
        "admin_user.html",
        _PLACE,
        **{"reset_link": link, "backup_codes": [], **told},
        user=user,
        is_own=user_id == visitor.user_id,
        logins=await queries.logins(session, user_id),
        current_id=visitor.session_id,
        events=events,
    )
