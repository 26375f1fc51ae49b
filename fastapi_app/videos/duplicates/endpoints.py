"""The routes that find and merge duplicates."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import json_body
from fastapi_app.errors import NotFound
from fastapi_app.models import Download, Video
from fastapi_app.playlists.succession import list_instead
from fastapi_app.responses import JSON, iso
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.videos.bulk.queries import delete_rows
from fastapi_app.videos.duplicates import queries, rules, schemas

router = APIRouter(prefix="/api/videos/duplicates", route_class=Route, tags=["videos"])

_COLUMNS = tuple(Video.__table__.columns.keys())


@router.post(
    "/detect",
    dependencies=[require(Access.READ)],
    response_model=schemas.Detected,
    responses=openapi.problems(400, 404, 415),
    openapi_extra=openapi.body(schemas.Detection),
    summary="Other videos with an IMVDb id",
)
async def detect(request: Request, session: Transaction) -> JSON:
    """The videos that already have the IMVDb id which somebody wants to give to this one."""
    video_id, imvdb_id, sent = rules.detection(await json_body(request))
    current = await queries.one_video(session, video_id)
    if current is None:
        raise NotFound("Video not found")
    others = await queries.others_with(session, imvdb_id, video_id)
    if not others:
        return JSON({"duplicates_found": False})
    return JSON(
        {
            "duplicates_found": True,
            "current_video": _suspect(current),
            "duplicates": [_suspect(row) for row in others],
            "imvdb_id": sent,
        }
    )


@router.post(
    "/merge",
    dependencies=[require(Access.MANAGE)],
    response_model=schemas.Merged,
    responses=openapi.problems(400, 404, 409, 415),
    openapi_extra=openapi.body(schemas.MergeOrder),
    summary="Merge videos into one",
)
async def merge(request: Request, session: Transaction) -> JSON:
    """Deletes duplicates after the kept video took over what they had; what has no room goes to its metadata."""
    wanted = rules.wanted(await json_body(request))
    found = await queries.locked_videos(session, [wanted.primary, *wanted.duplicates])
    kept = found.pop(wanted.primary, None)
    if kept is None:
        raise NotFound("Primary video not found")
    if len(found) < len(wanted.duplicates):
        raise NotFound("One or more duplicate videos not found")
    copies = [_values(video) for video in found.values()]
    films = await _clear_away(session, kept, found)
    told = [_take_over(session, kept, copy, wanted.strategy, films) for copy in copies]
    await session.flush()
    return JSON(
        {
            "success": True,
            "message": f"Successfully merged {len(told)} duplicate videos",
            "primary_video_id": wanted.sent,
            "merged_videos": told,
            "merge_strategy": wanted.strategy,
        }
    )


async def _clear_away(session: AsyncSession, kept: Video, duplicates: dict[int, Video]) -> set[str]:
    """Moves downloads and places in playlists, deletes the rows: their unique ids are free. The films of downloads."""
    ids = sorted(duplicates)
    films = await queries.downloaded_films(session, [kept.id, *ids])
    await queries.give_downloads(session, ids, kept)
    for video_id in ids:
        await list_instead(session, kept.id, video_id)
    for video in duplicates.values():
        session.expunge(video)
    await delete_rows(session, ids)
    return films


def _take_over(
    session: AsyncSession, kept: Video, duplicate: dict[str, Any], strategy: str, films: set[str]
) -> dict[str, Any]:
    taken = rules.absorb(_values(kept), duplicate, strategy)
    for name, value in taken.changes.items():
        setattr(kept, name, value)
    if taken.second_film and duplicate["local_path"] not in films:
        films.add(duplicate["local_path"])
        session.add(_second_film(kept, duplicate))
    kept.video_metadata = rules.with_remains(kept.video_metadata, rules.remains(_values(kept), duplicate))
    return {"merged_video_id": duplicate["id"], "merged_title": duplicate["title"], "merged_data": taken.told}


def _second_film(kept: Video, duplicate: dict[str, Any]) -> Download:
    return Download(
        artist_id=kept.artist_id,
        video_id=kept.id,
        title=duplicate["title"],
        original_url=duplicate["url"] or duplicate["youtube_url"] or "",
        file_path=duplicate["local_path"],
        quality=duplicate["quality"],
        status="completed",
        progress=100,
    )


def _values(video: Video) -> dict[str, Any]:
    return {name: getattr(video, name) for name in _COLUMNS}


def _suspect(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "artist_name": row.artist_name,
        "status": row.status,
        "year": row.year,
        "url": row.url,
        "local_path": row.local_path,
        "thumbnail_url": row.thumbnail_url,
        "created_at": iso(row.created_at),
    }
