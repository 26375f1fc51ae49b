"""The routes that manage the second factor: one's own, and anybody's for administrators."""

from collections.abc import Mapping
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import logged_in, require
from fastapi_app.auth.second_factor import management, management_schemas
from fastapi_app.auth.second_factor.picture import qr_code
from fastapi_app.bodies import json_body
from fastapi_app.errors import BadField, NotFound
from fastapi_app.fields import plain
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users import queries
from fastapi_app.users.confirming import Proof, confirm
from fastapi_app.users.people import Administrator, Reader, acting, must_be_person
from fastapi_app.users.rules import NOT_FOUND, members

router = APIRouter(prefix="/2fa", route_class=Route, tags=["second factor"])


@router.post(
    "/api/setup",
    response_model=management_schemas.Prepared,
    responses=openapi.problems(400, 404),
    summary="Prepare the second factor",
)
async def prepare(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """A new secret and backup codes. They count once `verify-setup` has seen a code."""
    made = await management.prepare(session, acting(request, visitor), must_be_person(request, visitor))
    picture = await to_thread.run_sync(qr_code, made.uri)
    data = {"qr_code": picture, "manual_entry_key": made.secret, "backup_codes": made.backup_codes}
    return JSON({"success": True, "message": "2FA setup initiated", "setup_data": data})


@router.post(
    "/api/verify-setup",
    response_model=management_schemas.Done,
    responses=openapi.problems(400, 404, 415, 429),
    openapi_extra=openapi.body(management_schemas.Code),
    summary="Switch the second factor on",
)
async def enable(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Switches it on with the first code of the authenticator."""
    user_id = must_be_person(request, visitor)
    code = _text(members(await json_body(request)), "token")
    if not code:
        raise BadField("token", "six digits")
    refusal = await management.enable(session, acting(request, visitor), user_id, code)
    if refusal is not None:
        await session.commit()  # the failure is counted
        raise refusal
    return _done("2FA has been enabled successfully")


@router.post(
    "/api/disable",
    response_model=management_schemas.Done,
    responses=openapi.problems(400, 404, 415, 429),
    openapi_extra=openapi.body(management_schemas.Proof),
    summary="Switch the second factor off",
)
async def disable(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Switches it off, after the password or a code."""
    user_id = await _confirmed(request, session, visitor)
    async with request.state.database.writing() as writer:
        await management.disable(writer, acting(request, visitor), user_id)
    return _done("2FA has been disabled successfully")


@router.post(
    "/api/regenerate-codes",
    response_model=management_schemas.BackupCodes,
    responses=openapi.problems(400, 404, 415, 429),
    openapi_extra=openapi.body(management_schemas.Proof),
    summary="New backup codes",
)
async def renew_codes(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """New backup codes, after the password or a code; the old ones count no more."""
    user_id = await _confirmed(request, session, visitor)
    async with request.state.database.writing() as writer:
        codes = await management.renew_codes(writer, acting(request, visitor), user_id)
    return _codes(codes)


@router.get(
    "/api/status",
    response_model=management_schemas.Status,
    responses=openapi.problems(404),
    summary="Is my second factor on?",
)
async def status(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Whether the visitor's second factor is on, and how many backup codes are left."""
    user = await queries.factor(session, logged_in(request, visitor))
    if user is None:
        raise NotFound(NOT_FOUND)
    return JSON({"success": True, "status": management.state(user)})


@router.post(
    "/admin/users/{user_id:row}/disable",
    response_model=management_schemas.Done,
    responses=openapi.problems(400, 404),
    summary="Switch somebody's second factor off",
)
async def disable_for(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """For somebody who lost their authenticator and their codes."""
    user = await management.disable(session, acting(request, visitor), user_id)
    return _done(f"2FA has been disabled for {user.username}")


@router.post(
    "/admin/users/{user_id:row}/regenerate-codes",
    response_model=management_schemas.BackupCodes,
    responses=openapi.problems(400, 404),
    summary="New backup codes for somebody",
)
async def renew_codes_for(user_id: int, request: Request, session: Transaction, visitor: Administrator) -> JSON:
    """New backup codes for somebody who used theirs up; the old ones count no more."""
    return _codes(await management.renew_codes(session, acting(request, visitor), user_id))


@router.get(
    "/admin/users/{user_id:row}/status",
    dependencies=[require(Access.ADMINISTER)],
    response_model=management_schemas.StatusOf,
    responses=openapi.problems(404),
    summary="Is somebody's second factor on?",
)
async def status_of(user_id: int, session: Transaction) -> JSON:
    """Whether somebody's second factor is on."""
    user = await queries.factor(session, user_id)
    if user is None:
        raise NotFound(NOT_FOUND)
    owner = {"id": user.id, "username": user.username, "email": user.email, "role": user.role}
    return JSON({"success": True, "user": owner, "status": management.state(user)})


async def _confirmed(request: Request, session: Transaction, visitor: Reader) -> int:
    user_id = must_be_person(request, visitor)
    values = members(await json_body(request))
    proof = Proof(_text(values, "password"), _text(values, "token"))
    await confirm(request, session, acting(request, visitor), user_id, proof)
    return user_id


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadField(name, "text")
    return plain(value, name)


def _codes(codes: list[str]) -> JSON:
    return JSON({"success": True, "message": "Backup codes regenerated successfully", "backup_codes": codes})


def _done(message: str) -> JSON:
    return JSON({"success": True, "message": message})
