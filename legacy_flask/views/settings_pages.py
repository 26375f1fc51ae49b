"""The page of settings: a thin shell over the rows as they are."""

from flask import Blueprint, Response, make_response, render_template

from fastapi_app.models import Setting
from legacy_flask import setting_rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.visitor import find_visitor

blueprint = Blueprint("settings_pages", __name__)

_INTERNAL = frozenset(
    {"auto_download_last_slot", "auto_download_scheduler", "backup_last_at", "nfo_last_at", "welcome_step"}
)
"""Rows in which the application keeps what it must remember."""


@blueprint.get("/settings")
@requires(Access.CONFIGURE)
def settings() -> Response:
    """Every setting that somebody may change, secrets masked. They are changed through `/api/settings/`."""
    visitor = find_visitor()
    with transaction() as session:
        rows = session.query(Setting).order_by(Setting.key).all()
        shown = [
            (row.key, setting_rules.shown(row.key, row.value) or "", row.description or "")
            for row in rows
            if setting_rules.folded(row.key) not in _INTERNAL
        ]
    page = make_response(
        render_template("settings.html", settings=shown, user_name=visitor.username if visitor else "")
    )
    page.headers["Cache-Control"] = "no-store"
    return page
