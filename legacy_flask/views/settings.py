"""The settings routes."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Setting
from legacy_flask import setting_rules, setting_values
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import NotFound
from legacy_flask.gate import demand
from legacy_flask.request_values import json_body

blueprint = Blueprint("settings", __name__, url_prefix="/api/settings")

_MISSING = "Setting not found"


@blueprint.get("/")
@requires(Access.MANAGE)
def list_settings() -> Response:
    """Every setting by name. Secrets are masked."""
    with transaction() as session:
        rows = session.query(Setting).order_by(Setting.key).all()
        return jsonify(settings={row.key: _shown(row) for row in rows}, count=len(rows))


@blueprint.get("/<string:key>")
@requires(Access.MANAGE)
def get_setting(key: str) -> Response:
    """One setting, by its exact name; the column compares without regard to case."""
    with transaction() as session:
        rows = session.query(Setting).filter(Setting.key == key).all()
        row = next((row for row in rows if row.key == key), None)
        if row is None:
            raise NotFound(_MISSING)
        return jsonify({"key": row.key, **_shown(row)})


@blueprint.put("/<string:key>")
@requires(Access.CONFIGURE)
def update_setting(key: str) -> Response:
    """Creates or changes a setting. The answer echoes what was sent, unless that is a secret."""
    value, description = setting_rules.one_change(json_body())
    text = setting_rules.column_text(value)
    setting_rules.key_text(key)
    with transaction() as session:
        _store(session, key, text, description)
    shown = setting_rules.shown(key, text)
    return jsonify(key=key, value=value if shown == text else shown, description=description, updated_at="now")


@blueprint.delete("/<string:key>")
@requires(Access.CONFIGURE)
def delete_setting(key: str) -> Response:
    """Deletes a setting; the default of whoever reads it holds again."""
    with transaction() as session:
        row = _row(session, key)
        if row is None:
            raise NotFound(_MISSING)
        demand(max(setting_rules.access_to_delete(name) for name in (key, row.key)))
        session.delete(row)
    return jsonify(message=f"Setting '{key}' deleted")


@blueprint.put("/bulk")
@requires(Access.CONFIGURE)
def update_settings() -> Response:
    """Creates or changes all the settings that the body names, or none of them."""
    changes = setting_rules.many_changes(json_body())
    with transaction() as session:
        for key, value in changes.items():
            _store(session, key, value, "")
    stored = [{"key": key, "value": setting_rules.shown(key, value)} for key, value in changes.items()]
    return jsonify(updated_settings=stored, count=len(stored))


def _store(session: Session, key: str, value: str | None, description: str) -> None:
    """Puts one value into its row, or into a new one, if the visitor may."""
    row = _row(session, key)
    stored = row.value if row is not None else None
    names = {key} if row is None else {key, row.key}
    demand(max(setting_rules.access_to_change(name, value, stored) for name in names))
    if value != stored:
        setting_values.check(key, setting_rules.folded(key), value)
    if value == setting_rules.MASK and any(map(setting_rules.is_secret, names)):
        return
    for name in names:
        value = setting_rules.kept(name, value, stored)
    if row is None:
        session.add(Setting(key=key, value=value, description=description or None))
        return
    row.value = value
    row.description = description or row.description


def _row(session: Session, key: str) -> Setting | None:
    """The row that a write to `key` changes, blind to case as the column is."""
    return session.query(Setting).filter(Setting.key == key).first()


def _shown(row: Setting) -> Mapping[str, Any]:
    return {
        "value": setting_rules.shown(row.key, row.value),
        "description": row.description or "",
        "updated_at": iso(row.updated_at),
    }
