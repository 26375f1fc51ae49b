"""The page on which the second factor is set up, renewed and switched off."""

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.requirement import logged_in
from fastapi_app.auth.second_factor import management
from fastapi_app.auth.second_factor.picture import qr_code
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import AppError, BadField, BadRequest, Conflict, NotFound, TooManyRequests
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local
from fastapi_app.users import queries
from fastapi_app.users.confirming import Proof, confirm
from fastapi_app.users.markup import form_values, page
from fastapi_app.users.people import Reader, acting, must_be_person
from fastapi_app.users.rules import NOT_FOUND

router = APIRouter(route_class=Route, include_in_schema=False)

_DONE = {
    "enable": "The second factor is on. The next login asks for a code.",
    "disable": "The second factor is off.",
}
_ACTIONS = ("prepare", "enable", "disable", "renew_codes")


@router.get("/2fa/setup")
async def setup(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Where the second factor stands, and the next step."""
    logged_in(request, visitor)
    done = _DONE.get(query_values(request).get("done", ""), "")
    return await _page(request, session, visitor, done=done)


@router.post("/2fa/setup")
async def change(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Does what a button of the page asks for."""
    must_be_person(request, visitor)
    values = await form_values(request)
    try:
        shown = await _act(request, session, visitor, values)
    except (BadRequest, Conflict, TooManyRequests) as refusal:
        await session.rollback()
        return await _told(request, visitor, refusal)
    if shown is None:
        return redirect(f"{local(request.scope, '/2fa/setup')}?done={values['action']}")
    async with request.state.database.reading() as reader:
        return await _page(request, reader, visitor, **shown)


async def _act(
    request: Request, session: AsyncSession, visitor: Visitor, values: dict[str, str]
) -> dict[str, Any] | None:
    """What the page shows once, None for nothing. The change is committed. Raises an AppError."""
    who, user_id, name = acting(request, visitor), logged_in(request, visitor), values.get("action", "")
    if name not in _ACTIONS:
        raise BadField("action", f"one of {', '.join(_ACTIONS)}")
    if name == "prepare":
        made = await management.prepare(session, who, user_id)
        await session.commit()
        picture = await to_thread.run_sync(qr_code, made.uri)
        return {"qr_code": picture, "secret": made.secret, "backup_codes": made.backup_codes}
    if name == "enable":
        refusal = await management.enable(session, who, user_id, values.get("token", ""))
        await session.commit()
        if refusal is not None:
            raise refusal
        return None
    await confirm(request, session, who, user_id, Proof(values.get("password", ""), values.get("token", "")))
    async with request.state.database.writing() as writer:
        if name == "renew_codes":
            return {"backup_codes": await management.renew_codes(writer, who, user_id)}
        await management.disable(writer, who, user_id)
    return None


async def _told(request: Request, visitor: Visitor, refusal: AppError) -> Response:
    async with request.state.database.reading() as reader:
        shown = await _page(request, reader, visitor, error=refusal.message)
    shown.status_code = refusal.status
    shown.headers.update(refusal.headers())
    return shown


async def _page(request: Request, session: AsyncSession, visitor: Visitor, **told: Any) -> Response:
    user = await queries.factor(session, logged_in(request, visitor))
    if user is None:
        raise NotFound(NOT_FOUND)
    stands = management.state(user)
    shown = {"qr_code": "", "secret": "", "backup_codes": [], **told}
    template, enabled, pending = "second_factor_setup.html", stands["enabled"], stands["setup_pending"]
    return page(request, visitor, template, "profile", **shown, enabled=enabled, pending=pending)
