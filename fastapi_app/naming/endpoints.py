"""The routes of naming: what templates may say, and what one makes of films."""

from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.naming import preferences, queries, schemas
from fastapi_app.naming.aim import aim, below
from fastapi_app.naming.template import DEFAULT, Template, TemplateInvalid, parse
from fastapi_app.naming.tokens import EXAMPLE, TOKENS, Facts
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(prefix="/api/naming", route_class=Route, tags=["naming"])

_LIBRARY = "data/musicvideos"
_SUFFIX = ".mp4"


@router.get(
    "/tokens",
    dependencies=[require(Access.READ)],
    response_model=schemas.Tokens,
    responses=openapi.problems(),
    summary="Words of naming templates",
)
async def tokens(session: Transaction) -> JSON:
    """What a template may name, the default, and the template that holds."""
    current = await preferences.read_async(session)
    words = [{"name": each.name, "description": each.description, "example": each.example} for each in TOKENS]
    return JSON({"default": DEFAULT, "current": current.text, "tokens": words})


@router.post(
    "/preview",
    dependencies=[require(Access.READ)],
    response_model=schemas.Preview,
    responses={**openapi.problems(415), 400: {"model": schemas.TemplateProblem, "description": "It names no film"}},
    openapi_extra=openapi.body(schemas.Draft),
    summary="Try a naming template",
)
async def preview(request: Request, session: Transaction) -> JSON:
    """Changes nothing. A template that can't be used is a 400 with the place of what is wrong."""
    await session.rollback()  # a read begins nothing: SQLite's one writer is not kept waiting by somebody who types
    template = read_template(await json_body(request))
    async with request.state.database.reading() as reader:
        rows = await queries.examples(reader)
    found = [_example(template, row.id, queries.facts(row), row.local_path) for row in rows]
    return JSON({"template": template.text, "examples": found or [_example(template, None, _made_up(), "")]})


def read_template(body: Any) -> Template:
    """The template of a body. Raises BadRequest, with the position of what is wrong."""
    text = body.get("template") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise BadField("template", "text")
    try:
        return parse(text.strip())
    except TemplateInvalid as error:
        start = len(text) - len(text.lstrip())
        raise BadRequest(str(error), field="template", position=error.position + start) from None


def _example(template: Template, video_id: int | None, facts: Facts, stored: str) -> dict[str, Any]:
    suffix = PurePosixPath(stored).suffix or _SUFFIX
    found = aim(template, facts, _LIBRARY, suffix)
    path = below(found.stored(suffix), _LIBRARY) if found else ""
    return {"video_id": video_id, "artist": facts.artist, "title": facts.title, "path": path}


def _made_up() -> Facts:
    return Facts(
        EXAMPLE["artist"],
        EXAMPLE["title"],
        int(EXAMPLE["year"]),
        EXAMPLE["quality"],
        [EXAMPLE["genre"]],
        [EXAMPLE["director"]],
        EXAMPLE["youtube_id"],
        EXAMPLE["imvdb_id"],
    )
