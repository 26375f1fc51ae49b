"""The webhook routes. Webhooks are saved in the setting `webhooks_config`, and read from there every time."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Setting
from legacy_flask import webhook_rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.request_values import json_body

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/webhooks")


@blueprint.get("/")
@requires(Access.MANAGE)
def list_webhooks() -> Response:
    """Every webhook in the order in which they were added. Secrets are masked."""
    webhooks = webhook_rules.shown(_saved())
    return jsonify(webhooks=webhooks, count=len(webhooks))


@blueprint.post("/")
@requires(Access.CONFIGURE)
def create_webhook() -> tuple[Response, int]:
    """Adds an address that is told of events. 409 for an address that is there already."""
    body = json_body()
    with transaction() as session:
        row = _locked(session)
        content = webhook_rules.read_config(row.value)
        url = webhook_rules.add(content, body)
        row.value = webhook_rules.config_text(content)
    return jsonify(success=True, message="Webhook endpoint created successfully", url=url), 201


@blueprint.get("/events")
@requires(Access.READ)
def list_events() -> Response:
    """The events that a webhook can ask for."""
    types = [
        {"value": event, "name": event.replace(".", "_").upper(), "description": told}
        for event, told in webhook_rules.EVENTS.items()
    ]
    return jsonify(event_types=types, count=len(types))


@blueprint.get("/stats")
@requires(Access.READ)
def statistics() -> Response:
    """How many webhooks there are, and how many ask for each event."""
    return jsonify(stats=webhook_rules.statistics(_saved()))


@blueprint.post("/validate")
@requires(Access.READ)
def validate() -> tuple[Response, int]:
    """Whether a webhook could be saved, and if not, everything that is wrong with it."""
    errors = webhook_rules.validate(json_body())
    if errors:
        return jsonify(valid=False, errors=errors), 400
    return jsonify(valid=True, message="Webhook configuration is valid"), 200


@blueprint.put("/<path:url>")
@requires(Access.CONFIGURE)
def update_webhook(url: str) -> Response:
    """Changes the members that the body names. The address itself can't change."""
    members = webhook_rules.read_change(json_body())
    with transaction() as session:
        row = _locked(session)
        content = webhook_rules.read_config(row.value)
        webhook_rules.change(content, url, members)
        row.value = webhook_rules.config_text(content)
    return jsonify(success=True, message="Webhook endpoint updated successfully")


@blueprint.delete("/<path:url>")
@requires(Access.CONFIGURE)
def delete_webhook(url: str) -> Response:
    """Removes the webhook with that address."""
    with transaction() as session:
        row = _locked(session)
        content = webhook_rules.read_config(row.value)
        webhook_rules.remove(content, url)
        row.value = webhook_rules.config_text(content)
    return jsonify(success=True, message="Webhook endpoint deleted successfully")


def _saved() -> dict[str, Any]:
    with transaction() as session:
        stored = session.query(Setting.value).filter(Setting.key == webhook_rules.SETTING).scalar()
    return webhook_rules.read_config(stored)


def _locked(session: Session) -> Setting:
    """The row, made where there is none. Of two that make it at once, one is told of a conflict."""
    row = session.query(Setting).filter(Setting.key == webhook_rules.SETTING).with_for_update().first()
    if row is None:
        row = Setting(key=webhook_rules.SETTING, value="{}")
        session.add(row)
        session.flush()
    return row
