"""The routes that play a playlist through, here and in other players."""

from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.bodies import query_values
from fastapi_app.media.disposition import inline
from fastapi_app.models import now
from fastapi_app.playlists import criteria, m3u, playing, reading, rules, schemas, shown
from fastapi_app.playlists.asking import Reader
from fastapi_app.playlists.standing import standing_of
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.urls import Scope, local, origin

router = APIRouter(prefix="/api/playlists", route_class=Route, tags=["playlists"])

_FILE: dict[int | str, dict[str, Any]] = {200: {"description": "The playlist as M3U", "content": {m3u.MEDIA_TYPE: {}}}}


@router.get(
    "/{playlist_id:row}/queue",
    response_model=schemas.Queue,
    responses=openapi.problems(400, 404, 409),
    openapi_extra=openapi.query(schemas.QueueQuery),
    summary="What to play next",
)
async def queue(playlist_id: int, request: Request, visitor: Reader, session: Transaction) -> JSON:
    """Films only, a stretch at a time: from the first, after a video, or before one. A seed names a shuffled order
    that stays the same, also when videos come and go.
    """
    turn = rules.turn(query_values(request))
    standing = await standing_of(session, visitor)
    row = standing.seen(await reading.row_of(session, playlist_id))
    total, films = await playing.stretch(session, _films(session, row, turn.seed), turn)
    return JSON(
        {
            "playlist_id": playlist_id,
            "name": row.name,
            "shuffle": turn.seed,
            "total": total,
            "films": [shown.film(film, request.scope) for film in films],
            "has_prev": bool(films) and films[0].place > 1,
            "has_next": bool(films) and films[-1].place < total,
        }
    )


@router.get(
    "/{playlist_id:row}/export.m3u8",
    response_class=Response,
    responses={**openapi.problems(404, 409), **_FILE},
    summary="The playlist for other players",
)
async def export(playlist_id: int, request: Request, visitor: Reader, session: Transaction) -> Response:
    """Addresses of the films on this site. It holds no secret: where a login is needed, the player must have one."""
    standing = await standing_of(session, visitor)
    row = standing.seen(await reading.row_of(session, playlist_id))
    films = await playing.all_of(session, _films(session, row, None))
    text = await to_thread.run_sync(_written, row.name, films, request.scope)
    disposition = "attachment" + inline(m3u.file_name(row.name)).removeprefix("inline")
    return Response(text, media_type=m3u.MEDIA_TYPE, headers={"content-disposition": disposition})


def _films(session: AsyncSession, row: Record, seed: int | None) -> Select[Any]:
    if not reading.looks_itself(row):
        return playing.films_of(row.id, seed)
    wanted = criteria.of_row(row.filter_criteria)
    return playing.films_found(wanted, now(), seed, session.get_bind().dialect.name)


def _written(name: str, films: Sequence[Record], scope: Scope) -> str:
    site = origin(scope)
    return m3u.written(
        name,
        (
            m3u.Film(
                row.title, row.artist_name, row.duration, site + local(scope, f"/api/videos/{row.video_id}/stream")
            )
            for row in films
        ),
    )
