"""The routes of API keys."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import origin_of, record
from fastapi_app.auth.access import Access
from fastapi_app.auth.keys import queries, rules, schemas
from fastapi_app.auth.requirement import logged_in, refuse_keys, require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import json_body, query_values
from fastapi_app.errors import Conflict, Forbidden, NotFound
from fastapi_app.fields import query_integer
from fastapi_app.models import INTEGER_MAX, ApiKey, now
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/keys", route_class=Route, tags=["auth"])

Reader = Annotated[Visitor, require(Access.READ)]
_ALL = "all"


@router.get(
    "",
    response_model=schemas.KeyList,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.ListQuery),
    summary="API keys",
)
async def list_keys(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """One's own keys, the newest first. Administrators may ask for somebody's, or for all."""
    own = logged_in(request, visitor)
    asked = query_values(request).get("user_id", "")
    owner = own if not asked else None if asked == _ALL else query_integer(asked, "user_id", least=1)
    if owner != own and not visitor.reaches(Access.ADMINISTER):
        raise Forbidden
    found = [_shown(row, row.username) for row in await queries.listed(session, owner)]
    return JSON({"keys": found, "total": len(found)})


@router.post(
    "",
    status_code=201,
    response_model=schemas.CreatedKey,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewKey),
    summary="Make an API key",
)
async def create_key(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """A new key of one's own. It is in this answer and nowhere else: only its hash is kept."""
    user_id = logged_in(request, visitor)
    refuse_keys(visitor)
    wish = rules.wish(await json_body(request), now())
    if not rules.may_give(visitor.role, wish.role):
        raise Forbidden("A key may not do more than its user")
    if await queries.count(session, user_id) >= rules.MOST_KEYS:
        raise Conflict(f"There are {rules.MOST_KEYS} keys already: revoke one")
    key = rules.new_key(secrets.token_urlsafe)
    row = await _kept(session, user_id, key, wish)
    origin, subject = origin_of(request), f"key {row.id}"
    record(
        session, Event.KEY_CREATED, origin, user_id=user_id, username=visitor.username, subject=subject, role=row.role
    )
    body = {"success": True, "message": "API key created", "key": key, "api_key": _shown(row, visitor.username)}
    return JSON(body, 201, {"cache-control": "no-store"})


@router.delete(
    "/{key_id:row}",
    response_model=schemas.Done,
    responses=openapi.problems(404),
    summary="Revoke an API key",
)
async def revoke_key(key_id: int, request: Request, session: Transaction, visitor: Reader) -> JSON:
    """Ends a key at once. One's own; administrators may end anybody's."""
    user_id = logged_in(request, visitor)
    refuse_keys(visitor)
    row = await queries.locked(session, key_id) if key_id <= INTEGER_MAX else None
    if row is None or not (row.user_id == user_id or visitor.reaches(Access.ADMINISTER)):
        raise NotFound("API key not found")
    row.revoked_at = now()
    origin, subject = origin_of(request), f"key {row.id}"
    record(session, Event.KEY_REVOKED, origin, user_id=user_id, username=visitor.username, subject=subject)
    return JSON({"success": True, "message": "API key revoked"})


async def _kept(session: AsyncSession, user_id: int, key: str, wish: rules.Wish) -> ApiKey:
    row = ApiKey(
        user_id=user_id,
        name=wish.name,
        prefix=rules.prefix(key),
        key_hash=rules.hashed(key),
        role=wish.role,
        created_at=now(),
        expires_at=wish.expires_at,
    )
    session.add(row)
    await session.flush()
    return row


def _shown(row: Any, username: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "username": username,
        "name": row.name,
        "prefix": row.prefix,
        "role": row.role,
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "last_used_at": iso(row.last_used_at),
        "last_used_ip": row.last_used_ip,
    }
