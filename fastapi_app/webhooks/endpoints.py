"""The webhook routes. Webhooks are saved in the setting `webhooks_config`, and read from there every time."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.webhooks import queries, rules, schemas
from fastapi_app.webhooks.events import EVENTS, constant

router = APIRouter(prefix="/api/webhooks", route_class=Route, tags=["webhooks"])


@router.get(
    "/",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.WebhookList,
    responses=openapi.problems(409),
    summary="All webhooks",
)
async def list_webhooks(session: Transaction) -> JSON:
    """Every webhook in the order in which they were added. Secrets are masked."""
    webhooks = [rules.shown(one) for one in rules.endpoints(rules.config(await queries.stored_config(session)))]
    return JSON({"webhooks": webhooks, "count": len(webhooks)})


@router.post(
    "/",
    dependencies=[require(Access.CONFIGURE)],
    status_code=201,
    response_model=schemas.CreatedWebhook,
    responses=openapi.problems(400, 409, 415),
    openapi_extra=openapi.body(schemas.NewWebhook),
    summary="Add a webhook",
)
async def create_webhook(request: Request, session: Transaction) -> JSON:
    """Adds an address that is told of events. 409 for an address that is there already."""
    body = await json_body(request)
    row = await queries.locked_config(session)
    content, url = rules.added(rules.config(row.value), body)
    row.value = rules.text(content)
    return JSON({"success": True, "message": "Webhook endpoint created successfully", "url": url}, 201)


@router.get(
    "/events",
    dependencies=[require(Access.READ)],
    response_model=schemas.EventTypes,
    responses=openapi.problems(),
    summary="What can be told",
)
async def list_events() -> JSON:
    """The events that a webhook can ask for."""
    types = [{"value": event, "name": constant(event), "description": told} for event, told in EVENTS.items()]
    return JSON({"event_types": types, "count": len(types)})


@router.get(
    "/stats",
    dependencies=[require(Access.READ)],
    response_model=schemas.Statistics,
    responses=openapi.problems(409),
    summary="Counts of webhooks",
)
async def statistics(session: Transaction) -> JSON:
    """How many webhooks there are, and how many ask for each event."""
    return JSON({"stats": rules.statistics(rules.config(await queries.stored_config(session)))})


@router.post(
    "/validate",
    dependencies=[require(Access.READ)],
    response_model=schemas.Valid,
    responses={
        **openapi.problems(415),
        400: {"model": schemas.Invalid | openapi.Problem, "description": "Everything that is wrong with it"},
    },
    openapi_extra=openapi.body(schemas.NewWebhook),
    summary="Check a webhook without saving it",
)
async def validate(request: Request) -> JSON:
    """Whether a webhook could be saved, and if not, everything that is wrong with it."""
    errors = rules.validated(await json_body(request))
    if errors:
        return JSON({"valid": False, "errors": errors}, 400)
    return JSON({"valid": True, "message": "Webhook configuration is valid"})


@router.put(
    "/{url:path}",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.WebhookChange),
    summary="Change a webhook",
)
async def update_webhook(url: str, request: Request, session: Transaction) -> JSON:
    """Changes the members that the body names. The address itself, percent-encoded in the path, can't change."""
    change = rules.checked_change(await json_body(request))
    row = await queries.locked_config(session)
    row.value = rules.text(rules.changed(rules.config(row.value), url, change))
    return JSON({"success": True, "message": "Webhook endpoint updated successfully"})


@router.delete(
    "/{url:path}",
    dependencies=[require(Access.CONFIGURE)],
    response_model=schemas.Done,
    responses=openapi.problems(404, 409),
    summary="Remove a webhook",
)
async def delete_webhook(url: str, session: Transaction) -> JSON:
    """Removes the webhook with that address, percent-encoded in the path."""
    row = await queries.locked_config(session)
    row.value = rules.text(rules.removed(rules.config(row.value), url))
    return JSON({"success": True, "message": "Webhook endpoint deleted successfully"})
