"""The routes behind MvTV: what is played next, and the captions of a film."""

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import query_values
from fastapi_app.errors import NotFound
from fastapi_app.media.file_response import FileResponse, open_file
from fastapi_app.models import INTEGER_MAX
from fastapi_app.pages.asking import Reader
from fastapi_app.pages.mvtv import captions, programme, queries, rules, schemas
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(route_class=Route, tags=["videos"])

_NO_FILM = "Video file not found"
_NO_CAPTIONS = "There are no captions in this language"
_VTT = "text/vtt; charset=utf-8"


@router.get(
    "/api/mvtv/queue",
    response_model=schemas.FilmQueue,
    responses=openapi.problems(400, 404, 409),
    openapi_extra=openapi.query(schemas.QueueQuery),
    summary="Films to play one after another",
)
async def queue(request: Request, session: Transaction, visitor: Reader) -> JSON:
    """A part of an endless programme: the filters and the seed are its order, a film is the place in it.

    With a playlist, its films in its own order; other filters don't count then.
    """
    found = await programme.part(session, visitor, rules.wish(query_values(request)))
    return JSON({"films": found.films, "more": found.more})


@router.get(
    "/api/videos/{video_id:row}/captions",
    dependencies=[require(Access.READ)],
    response_model=schemas.Captions,
    responses=openapi.problems(404),
    summary="The captions of a video",
)
async def list_captions(video_id: int, request: Request, session: Transaction) -> JSON:
    """The languages of the captions that lie beside the film."""
    stored = await _stored(session, video_id)
    return JSON({"languages": await to_thread.run_sync(captions.languages, request.state.config, stored)})


@router.get(
    "/api/videos/{video_id:row}/captions/{language}",
    dependencies=[require(Access.READ)],
    response_class=Response,
    responses={
        **openapi.problems(404, 416),
        200: {"description": "The captions, as WebVTT", "content": {"text/vtt": {}}},
        206: {"description": "The ranges asked for", "content": {"text/vtt": {}}},
        304: {"description": "The client has it already"},
    },
    summary="The captions of a video in one language",
)
async def get_captions(video_id: int, language: str, request: Request, session: Transaction) -> Response:
    """A file of captions."""
    stored = await _stored(session, video_id)
    path = await to_thread.run_sync(captions.file_in, request.state.config, stored, language)
    file = await to_thread.run_sync(open_file, path) if path else None
    if file is None:
        raise NotFound(_NO_CAPTIONS)
    return FileResponse(file, request.headers, media_type=_VTT)


async def _stored(session: AsyncSession, video_id: int) -> str:
    stored = await queries.file_of(session, video_id) if video_id <= INTEGER_MAX else None
    if not stored:
        raise NotFound(_NO_FILM)
    return stored
