"""What the pages about accounts have in common."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request

from fastapi_app.models import UserRole, now
from legacy_flask.errors import LegacyError
from legacy_flask.visitor import Visitor

ROLES: Mapping[UserRole, str] = {
    UserRole.ADMIN: "Administrator",
    UserRole.MANAGER: "Manager",
    UserRole.USER: "User",
    UserRole.READONLY: "Read only",
}


def render(template: str, visitor: Visitor, **values: Any) -> Response:
    """A page for a visitor who is logged in. No browser and no proxy keeps it: some show a secret once."""
    given = {"roles": ROLES, "at": now(), "done": "", "error": "", **values}
    response = make_response(render_template(template, user_name=visitor.username, **given))
    response.headers["Cache-Control"] = "no-store"
    return response


def refused(page: Response, refusal: LegacyError) -> Response:
    """The page as it is, with the status of a refusal."""
    if page.status_code == 200:
        page.status_code = refusal.status
        page.headers.update(refusal.headers)
    return page


def form_values() -> dict[str, str]:
    """The fields of a form; of repeated names the last counts."""
    return {name: values[-1] for name, values in request.form.lists()}
