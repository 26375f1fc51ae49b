"""HTML from templates: every value escaped, every address through `url`."""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from fastapi_app.auth.access import Access
from fastapi_app.auth.visitor import ANONYMOUS, Visitor
from fastapi_app.urls import local

TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """The compiled templates. Reads and compiles all of them, once: a request must not wait for the disk.

    `create_app` calls this, so that the first request does not.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters["prose"] = prose
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


def prose(text: str) -> Markup:
    """Paragraphs, with what stands between backticks as code. Everything else is escaped."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return Markup("").join(Markup("<p>{}</p>").format(_with_code(paragraph)) for paragraph in paragraphs if paragraph)


def _with_code(text: str) -> Markup:
    parts = text.split("`")
    pieces = [Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)]
    return Markup("").join(pieces)


def url_for(request: Request) -> Callable[[str], str]:
    """Turns a path of this site into the one that a browser must ask for, behind a proxy that strips a prefix."""
    return partial(local, request.scope)


def render(
    request: Request,
    template: str,
    *,
    visitor: Visitor = ANONYMOUS,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page. The name of a `visitor` who is logged in is shown, with a way to log out; others are offered a login."""
    who = {"user_name": visitor.username, "administers": visitor.reaches(Access.ADMINISTER)}
    given = {"url": url_for(request), "place": "", **who, **values}
    text = templates().get_template(template).render(given)
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def render_error(
    request: Request, status: int, message: str, title: str = "", headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page for an error outside /api. `title` is the status phrase where none is given."""
    return render(
        request,
        "error.html",
        status=status,
        headers=headers,
        code=status,
        title=title or HTTPStatus(status).phrase,
        message=message,
    )


def render_login(request: Request, action: str, error: str = "", next_url: str = "") -> HTMLResponse:
    """The login form, posting to `action` (`/simple-login` or `/auth/login`).

    `next_url` must already be known to stay within this site: it is handed on as the form's `next`.
    """
    return render(request, "login.html", action=action, error=error, next_url=next_url)


def render_second_factor(request: Request, action: str, error: str = "") -> HTMLResponse:
    """The form that asks for the code of a second factor, posting to `action`."""
    return render(request, "second_factor.html", action=action, error=error)


def render_password_reset(request: Request, action: str, error: str = "") -> HTMLResponse:
    """The form that takes a reset code and a new password, posting to `action`."""
    return render(request, "password_reset.html", action=action, error=error)
