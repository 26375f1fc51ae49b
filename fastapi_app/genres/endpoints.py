"""The genre routes."""

from collections.abc import Callable, Sequence
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app import openapi
from fastapi_app.artists.queries import locked_artist, recount_genres
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body, query_values
from fastapi_app.caching.caches import Question, answered
from fastapi_app.caching.tags import Tag
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.genres import queries, rules, schemas
from fastapi_app.models import INTEGER_MAX, Artist, Video
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.videos.queries import locked_video

router = APIRouter(prefix="/api/genres", route_class=Route, tags=["genres"])

_TABLES = frozenset({Tag.VIDEOS, Tag.ARTISTS})
_MANY = 500
"""From this many rows on, the answer is written in a thread: it would keep the event loop for too long."""


@router.get(
    "",
    dependencies=[require(Access.READ)],
    response_model=schemas.GenresInUse,
    responses=openapi.problems(),
    summary="All genres in use",
)
async def list_genres(request: Request, session: Transaction) -> Response:
    """Every genre that a video or an artist has."""
    question = Question("genres", frozenset({Tag.VIDEO_GENRES, Tag.ARTIST_GENRES}))
    return await answered(request, session, question, lambda: _all(session))


async def _all(session: AsyncSession) -> JSON:
    videos = rules.all_names(await queries.lists_in_use(session, Video.genres))
    artists = rules.all_names(await queries.lists_in_use(session, Artist.genres))
    return JSON({"video_genres": videos, "artist_genres": artists, "all_genres": sorted({*videos, *artists})})


@router.get(
    "/videos/{video_id:row}",
    dependencies=[require(Access.READ)],
    response_model=schemas.Genres,
    responses=openapi.problems(404),
    summary="Genres of a video",
)
async def video_genres(video_id: int, session: Transaction) -> JSON:
    """The genres of a video; none for an unknown one."""
    stored = await queries.genres_of_video(session, video_id) if video_id <= INTEGER_MAX else None
    return JSON({"genres": rules.names(stored)})


@router.put(
    "/videos/{video_id:row}",
    dependencies=[require(Access.MODIFY)],
    response_model=schemas.Done,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.GenreChange),
    summary="Set the genres of a video",
)
async def set_video_genres(video_id: int, request: Request, session: Transaction) -> JSON:
    """Replaces the genres of a video, and computes those of its artist anew."""
    genres = rules.chosen(await json_body(request))
    artist_id = await queries.artist_id_of(session, video_id) if video_id <= INTEGER_MAX else None
    if artist_id is None:
        raise NotFound("Failed to update video genres")
    await _set(session, video_id, artist_id, genres)
    return JSON({"message": "Video genres updated successfully"})


@router.get(
    "/artists/{artist_id:row}",
    dependencies=[require(Access.READ)],
    response_model=schemas.Genres,
    responses=openapi.problems(404),
    summary="Genres of an artist",
)
async def artist_genres(artist_id: int, session: Transaction) -> JSON:
    """The genres of an artist; none for an unknown one."""
    stored = await queries.genres_of_artist(session, artist_id) if artist_id <= INTEGER_MAX else None
    return JSON({"genres": rules.names(stored)})


@router.get(
    "/{genre}/videos",
    dependencies=[require(Access.READ)],
    response_model=schemas.GenreVideos,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.GenreQuery),
    summary="Videos of a genre",
)
async def videos_of_genre(genre: str, request: Request, session: Transaction) -> Response:
    """The videos that have exactly this genre; % and _ are wildcards."""
    limit = rules.limit(query_values(request))

    async def made() -> JSON:
        return await _answer("videos", _video, await queries.videos_of(session, genre, limit))

    question = Question("videos of a genre", _TABLES, (genre, limit))
    return await answered(request, session, question, made)


@router.get(
    "/{genre}/artists",
    dependencies=[require(Access.READ)],
    response_model=schemas.GenreArtists,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.GenreQuery),
    summary="Artists of a genre",
)
async def artists_of_genre(genre: str, request: Request, session: Transaction) -> Response:
    """The artists that have exactly this genre; % and _ are wildcards."""
    limit = rules.limit(query_values(request))

    async def made() -> JSON:
        return await _answer("artists", _artist, await queries.artists_of(session, genre, limit))

    question = Question("artists of a genre", _TABLES, (genre, limit))
    return await answered(request, session, question, made)


async def _set(session: AsyncSession, video_id: int, artist_id: int, genres: list[str]) -> None:
    """The artist is locked before the video, by everybody: two videos of one artist count one after the other."""
    artist = await locked_artist(session, artist_id)
    video = await locked_video(session, video_id)
    if video is None:
        raise Conflict("Somebody else deleted this video at the same moment")
    if video.artist_id != artist_id:
        artist = await locked_artist(session, video.artist_id)
    video.genres = genres
    await session.flush()
    if artist is not None:
        artist.genres = await recount_genres(session, artist.id)


async def _answer(name: str, shown: Callable[[Record], dict[str, Any]], rows: Sequence[Record]) -> JSON:
    def write() -> JSON:
        return JSON({name: [shown(row) for row in rows]})

    return await to_thread.run_sync(write) if len(rows) >= _MANY else write()


def _video(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "artist_name": row.artist_name,
        "artist_id": row.artist_id,
        "genres": rules.names(row.genres),
        "year": row.year,
        "duration": row.duration,
        "status": row.status,
    }


def _artist(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "genres": rules.names(row.genres),
        "monitored": row.monitored,
        "video_count": row.video_count,
    }
