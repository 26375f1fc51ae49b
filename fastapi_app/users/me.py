"""The visitor's own account."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import origin_of, record
from fastapi_app.auth.requirement import logged_in
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models import now
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users import queries, rules, schemas, shown
from fastapi_app.users.people import Reader, must_be_person

router = APIRouter(prefix="/api/api/users/me", route_class=Route, tags=["users"])


@router.get("", response_model=schemas.Me, responses=openapi.problems(404), summary="My account")
async def me(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """The visitor's account, and what they may do."""
    row = await queries.account(session, logged_in(request, visitor))
    if row is None:
        raise NotFound(rules.NOT_FOUND)
    return JSON({"user": shown.full_account(row, now()), "permissions": shown.permissions(visitor.role)})


@router.put(
    "/preferences",
    response_model=schemas.Preferences,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.PreferenceChange),
    summary="Change my preferences",
)
async def change_preferences(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Sets the preferences that the body names; the others stay."""
    user_id = must_be_person(request, visitor)
    values = rules.members(await json_body(request))
    user = await queries.locked_user(session, user_id)
    if user is None:
        raise NotFound(rules.NOT_FOUND)
    user.preferences = rules.merged_preferences(user.preferences, values)
    record(
        session,
        Event.PREFERENCES_CHANGED,
        origin_of(request),
        user_id=user_id,
        username=user.username,
        subject=user.username,
    )
    return JSON({"success": True, "message": "Preferences updated successfully", "preferences": user.preferences})
