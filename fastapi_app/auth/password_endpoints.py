"""The routes about passwords: changing one's own, an administrator's credentials, and resets by a one-time code."""

from typing import Annotated, Any
from urllib.parse import quote_plus

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import fields, openapi
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import origin_of, record
from fastapi_app.auth import credentials, password_reset
from fastapi_app.auth import password_schemas as schemas
from fastapi_app.auth.access import Access
from fastapi_app.auth.endpoints import ACCOUNT_LOGIN_PATH
from fastapi_app.auth.limits import seconds_until
from fastapi_app.auth.password_change import change_own, read_change, refuse_weak
from fastapi_app.auth.requirement import refuse_keys, require
from fastapi_app.auth.schemas import Done
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import is_json, json_body, query_values
from fastapi_app.errors import BadField, BadRequest, NotFound, NotLoggedIn, TooManyRequests
from fastapi_app.models import INTEGER_MAX, User, now
from fastapi_app.operations.password import generate
from fastapi_app.pages.markup import render_password_reset
from fastapi_app.responses import JSON, iso, redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local, origin

router = APIRouter(route_class=Route, tags=["auth"])

RESET_PATH = "/auth/reset-password"
CHANGED = {"success": True, "message": "Password changed successfully"}
CODE_AND_PASSWORD = "Reset code and new password are required"  # noqa: S105 - a sentence

Reader = Annotated[Visitor, require(Access.READ)]
Administrator = Annotated[Visitor, require(Access.ADMINISTER)]
_TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"model": openapi.Problem, "description": "Too many attempts failed; see Retry-After"}
}


@router.post(
    "/auth/change-password",
    response_model=Done,
    responses={**openapi.problems(400, 415), **_TOO_MANY},
    openapi_extra=openapi.body(schemas.PasswordChange),
    summary="Change my password",
)
async def change_password(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Needs the present password. Ends the visitor's other logins; this one stays."""
    _must_be_person(request, visitor)
    change = read_change(await json_body(request))
    await session.rollback()  # gives its connection back: hashing takes long
    state = request.state
    await change_own(state.database, state.hashing, visitor, change, origin_of(request))
    return JSON(CHANGED)


@router.get("/auth/credentials", response_model=schemas.OwnCredentials, summary="The name of my account")
async def own_credentials(visitor: Administrator) -> JSON:
    """The name of the administrator who asks."""
    return JSON({"username": visitor.username, "has_credentials": True})


@router.post(
    "/auth/credentials",
    response_model=Done,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewCredentials),
    summary="Change my name and password",
)
async def change_credentials(request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """For administrators, as in 0.9: their own name and password. Ends their other logins."""
    _must_be_person(request, visitor)
    wanted = credentials.read_credentials(await json_body(request))
    await session.rollback()
    digest = await request.state.hashing.make(wanted.password)
    async with request.state.database.writing() as writer:
        await credentials.replace(writer, visitor, wanted.username, digest, origin_of(request))
    return JSON({"success": True, "message": "Credentials updated successfully"})


@router.post(
    "/auth/credentials/reset",
    response_model=schemas.OneTimePassword,
    responses=openapi.problems(),
    summary="A generated password for my account",
)
async def reset_credentials(request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """A new password, made at random and shown this once. 0.9 went back to a published one."""
    _must_be_person(request, visitor)
    await session.rollback()
    password = generate()
    digest = await request.state.hashing.make(password)
    async with request.state.database.writing() as writer:
        user = await credentials.replace(writer, visitor, None, digest, origin_of(request))
        name = user.username
    message = "A new password was made. It is shown this once."
    return JSON({"success": True, "message": message, "username": name, "password": password})


@router.post(
    "/api/api/users/{user_id:row}/reset-password",
    response_model=schemas.ResetCode,
    responses=openapi.problems(404),
    summary="A reset code for somebody",
)
async def make_reset_code(request: Request, session: Transaction, visitor: Administrator, user_id: int) -> JSON:
    """A one-time code with which somebody sets a new password within the hour. Shown this once."""
    refuse_keys(visitor)
    query = select(User).where(User.id == user_id).with_for_update()
    user = await session.scalar(query) if user_id <= INTEGER_MAX else None
    if user is None:
        raise NotFound("User not found")
    made = password_reset.make(user)
    _tell_asked(session, request, visitor, user)
    return JSON(
        {
            "success": True,
            "message": "A reset code was made. It is shown this once.",
            "username": made.username,
            "reset_token": made.code,
            "reset_url": f"{origin(request.scope)}{local(request.scope, RESET_PATH)}#{made.code}",
            "expires_at": iso(made.expires_at),
        }
    )


@router.get(
    RESET_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_class=Response,
    responses={200: {"description": "The form", "content": {"text/html": {}}}},
    summary="The form for a new password",
)
async def reset_form(request: Request) -> Response:
    """Takes the code that an administrator made."""
    return render_password_reset(request, RESET_PATH, query_values(request).get("error", ""))


@router.post(
    RESET_PATH,
    dependencies=[require(Access.PUBLIC)],
    response_model=Done,
    responses={**openapi.problems(400), **_TOO_MANY, 302: {"description": "A form: to the login, or back"}},
    openapi_extra=openapi.body(schemas.PasswordReset, form=True),
    summary="Set a new password with a reset code",
)
async def reset_password(request: Request) -> Response:
    """Sets the password, lifts a lock and ends every login of the account. The code works once."""
    asks_json = is_json(request.headers.get("content-type", ""))
    try:
        code, password = _reset_values(await json_body(request) if asks_json else await _form_values(request))
        await _reset(request, code, password)
    except BadRequest as refused:
        if asks_json:
            raise
        return redirect(f"{local(request.scope, RESET_PATH)}?error={quote_plus(refused.message)}")
    return JSON(CHANGED) if asks_json else redirect(local(request.scope, ACCOUNT_LOGIN_PATH))


def _tell_asked(session: AsyncSession, request: Request, visitor: Visitor, user: User) -> None:
    record(
        session,
        Event.PASSWORD_RESET_ASKED,
        origin_of(request),
        user_id=visitor.user_id,
        username=visitor.username,
        subject=user.username,
    )


async def _reset(request: Request, code: str, password: str) -> None:
    """The code is looked up first: nobody makes the server hash who has none."""
    database, sent_from = request.state.database, origin_of(request)
    async with database.writing() as session:
        until = await password_reset.block(session, sent_from.ip)
        known = until is None and await password_reset.owner(session, code, now()) is not None
        if until is None and not known:
            await password_reset.refuse(session, sent_from)
    if until is not None:
        raise TooManyRequests(seconds_until(until, now()))
    if not known:
        raise BadRequest(password_reset.INVALID)
    digest = await request.state.hashing.make(password)
    async with database.writing() as session:
        user = await password_reset.owner(session, code, now())
        if user is None:
            raise BadRequest(password_reset.INVALID)
        await password_reset.use(session, user, digest, sent_from)


async def _form_values(request: Request) -> dict[str, Any]:
    async with request.form(max_files=0, max_fields=16) as form:
        return {name: form.get(name) for name in ("token", "new_password")}


def _reset_values(values: Any) -> tuple[str, str]:
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    found = {name: values.get(name) or "" for name in ("token", "new_password")}
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadField(name, "text")
        fields.plain(value, name)
    if not all(found.values()):
        raise BadRequest(CODE_AND_PASSWORD)
    refuse_weak(found["new_password"])
    return found["token"].strip(), found["new_password"]


def _must_be_person(request: Request, visitor: Visitor) -> None:
    """Somebody who logged in: not whom the open gate let pass, and no API key."""
    if not visitor.logged_in:
        raise NotLoggedIn(local(request.scope, ACCOUNT_LOGIN_PATH), names_login=False)
    refuse_keys(visitor)
