"""The settings routes."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import demand, require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models.collation import sort_key
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.settings import queries, rules, schemas
from fastapi_app.settings.storing import store
from fastapi_app.transaction import Record, Transaction

router = APIRouter(prefix="/api/settings", route_class=Route, tags=["settings"])

Configurer = Annotated[Visitor, require(Access.CONFIGURE)]
MISSING = "Setting not found"


@router.get(
    "/",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.SettingList,
    responses=openapi.problems(),
    summary="All settings",
)
async def list_settings(session: Transaction) -> JSON:
    """Every setting by name. Secrets are masked."""
    rows = await queries.all_settings(session)
    return JSON({"settings": {row.key: _shown(row) for row in rows}, "count": len(rows)})


@router.put(
    "/bulk",
    response_model=schemas.StoredSettings,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.SettingChanges),
    summary="Change many settings",
)
async def update_settings(request: Request, session: Transaction, visitor: Configurer) -> JSON:
    """Creates or changes all the settings that the body names, or none of them."""
    changes = rules.many_changes(await json_body(request))
    rows = await queries.locked_settings(session, changes)
    for key, value in changes.items():
        store(request, session, visitor, rows.get(sort_key(key)), key, value)
    await session.flush()
    stored = [{"key": key, "value": rules.shown(key, value)} for key, value in changes.items()]
    return JSON({"updated_settings": stored, "count": len(stored)})


@router.get(
    "/{key}",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.OneSetting,
    responses=openapi.problems(404),
    summary="One setting",
)
async def get_setting(key: str, session: Transaction) -> JSON:
    """One setting, by its exact name."""
    row = await queries.one_setting(session, key)
    if row is None:
        raise NotFound(MISSING)
    return JSON({"key": row.key, **_shown(row)})


@router.put(
    "/{key}",
    response_model=schemas.StoredSetting,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.SettingChange),
    summary="Change a setting",
)
async def update_setting(key: str, request: Request, session: Transaction, visitor: Configurer) -> JSON:
    """Creates or changes a setting. Names differ only by more than case."""
    value, description = rules.one_change(await json_body(request))
    text = rules.column_text(value)
    row = await queries.locked_setting(session, rules.checked_key(key))
    store(request, session, visitor, row, key, text, description)
    await session.flush()
    masked = rules.shown(key, text)
    echoed = value if masked == text else masked
    return JSON({"key": key, "value": echoed, "description": description, "updated_at": "now"})


@router.delete(
    "/{key}",
    response_model=schemas.DeletedSetting,
    responses=openapi.problems(404),
    summary="Delete a setting",
)
async def delete_setting(key: str, request: Request, session: Transaction, visitor: Configurer) -> JSON:
    """Deletes a setting; the default of whoever reads it holds again."""
    row = await queries.locked_setting(session, key)
    if row is None:
        raise NotFound(MISSING)
    demand(request, visitor, max(rules.access_to_delete(key), rules.access_to_delete(row.key)))
    await session.delete(row)
    return JSON({"message": f"Setting '{key}' deleted"})


def _shown(row: Record) -> Mapping[str, Any]:
    return {
        "value": rules.shown(row.key, row.value),
        "description": row.description or "",
        "updated_at": iso(row.updated_at),
    }
