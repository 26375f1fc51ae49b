"""Changing a video: for the routes and for pages."""

from typing import Any

from fastapi import Request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.queries import artist_named, recount_genres
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.models import INTEGER_MAX, Artist, Video
from fastapi_app.nfo import handing_in as nfo
from fastapi_app.responses import iso
from fastapi_app.videos import queries, rules
from fastapi_app.videos.moving import commit_with_file

MISSING = "Video not found"


async def change_video(request: Request, session: AsyncSession, video_id: int, body: Any) -> dict[str, Any]:
    """Changes the members that `body` names, and with `move_file` renames the file after its new title or artist.

    What the route answers. Raises BadRequest, NotFound and Conflict.
    """
    changes = rules.changes(body)
    artist_name = rules.new_artist_name(body)
    if video_id > INTEGER_MAX:
        raise NotFound(MISSING)
    if "genres" in changes:  # the artist's genres are counted anew: artist before video, as everybody locks them
        await queries.lock_artist_of(session, video_id)
    video = await queries.locked_video(session, video_id)
    if video is None:
        raise NotFound(MISSING)
    before = (video.title, video.artist_id)
    for column, value in changes.items():
        setattr(video, column, value)
    artist = await _artist_of(session, video, artist_name)
    await _flush(session)
    if "genres" in changes and artist is not None:
        await queries.lock_artist(session, artist.id)  # another one, if the video went to it meanwhile
        artist.genres = await recount_genres(session, artist.id)
        await session.flush()
    await nfo.after_edit(request, session, [video.id])
    renames = bool(body.get("move_file")) and video.local_path and before != (video.title, video.artist_id)
    name = artist.name if artist else None
    moved = bool(renames) and await commit_with_file(session, request.state.config, video, name or "")
    return {**_one(video, name), "file_moved": moved}


async def _artist_of(session: AsyncSession, video: Video, wanted: str | None) -> Artist | None:
    """The video's artist, after it was given to `wanted`, who is made where unknown."""
    if wanted is None:
        return await queries.artist_of(session, video.artist_id)
    artist = await artist_named(session, wanted)
    if artist is None:
        artist = Artist(name=wanted)
        session.add(artist)
        await _flush(session)
    video.artist_id = artist.id
    return artist


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise Conflict("Another video already has this imvdb_id") from None


def _one(video: Video, artist_name: str | None) -> dict[str, Any]:
    return {
        "id": video.id,
        "title": video.title,
        "artist_id": video.artist_id,
        "artist_name": artist_name,
        "status": video.status,
        "imvdb_id": video.imvdb_id,
        "video_url": video.url,
        "local_path": video.local_path,
        "thumbnail_url": video.thumbnail_url,
        "duration": video.duration,
        "year": video.year,
        "genres": video.genres,
        "created_at": iso(video.created_at),
    }
