"""What the pages about accounts have in common."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from fastapi_app.auth.visitor import Visitor
from fastapi_app.models import UserRole, now
from fastapi_app.pages.markup import render

ROLES: Mapping[UserRole, str] = {
    UserRole.ADMIN: "Administrator",
    UserRole.MANAGER: "Manager",
    UserRole.USER: "User",
    UserRole.READONLY: "Read only",
}
_NEVER_KEPT = {"cache-control": "no-store"}
"""These pages tell about people, and some show a secret once."""


def page(request: Request, visitor: Visitor, template: str, place: str, **values: Any) -> HTMLResponse:
    """A page for a visitor who is logged in. No browser and no proxy keeps it."""
    return render(
        request,
        template,
        visitor=visitor,
        headers=_NEVER_KEPT,
        **{"place": place, "roles": ROLES, "at": now(), "done": "", "error": "", **values},
    )


async def form_values(request: Request) -> dict[str, str]:
    """The fields of a form; files and fields beyond the first sixteen are refused."""
    async with request.form(max_files=0, max_fields=16) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
