"""Films in the library that no row names, and the rows that are told of them."""

from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import Database
from fastapi_app.errors import NotFound
from fastapi_app.media.paths import Roots
from fastapi_app.models import VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.films.folders import LIBRARY, Film, Shelf, open_shelf
from fastapi_app.videos.films.owners import owners_of
from fastapi_app.videos.scan import queries
from fastapi_app.videos.scan.matching import Findings, Match, films_by_artist, match
from fastapi_app.videos.scan.rules import NO_ARTIST, Scan

NO_FOLDER = "Video directory not found"
_SHOWN_FILMS = 50
_SHOWN_ERRORS = 10
_AT_ONCE = 200


async def scan_library(database: Database, roots: Roots, wanted: Scan) -> dict[str, Any]:
    """Looks into the folder of every artist. No transaction is open while the disk is read.

    Raises NotFound for a library that is not there, and for an unknown artist.
    """
    shelf = await to_thread.run_sync(open_shelf, roots, LIBRARY)
    if shelf is None:
        raise NotFound(NO_FOLDER)
    async with database.reading() as session:
        artists = await queries.artists(session, wanted.artist_id)
    if wanted.artist_id is not None and not artists:
        raise NotFound(NO_ARTIST)
    findings = Findings()
    films = await to_thread.run_sync(films_by_artist, shelf, artists, findings)
    await _match_all(database, shelf, [artist for artist in artists if artist.id in films], films, findings)
    updated: list[dict[str, Any]] = []
    if not wanted.dry_run:
        async with database.writing() as session:
            updated = await _update(session, roots, findings.matches)
    return _told(wanted, len(artists), findings, updated)


async def _match_all(
    database: Database, shelf: Shelf, artists: Sequence[Record], films: dict[int, list[Film]], findings: Findings
) -> None:
    for start in range(0, len(artists), _AT_ONCE):
        some = artists[start : start + _AT_ONCE]
        async with database.reading() as session:
            videos = await queries.videos_of(session, [artist.id for artist in some])
        await to_thread.run_sync(match, shelf, some, films, videos, findings)


async def _update(session: AsyncSession, roots: Roots, matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Gives films to rows that have none. No row gets two, and none gets the film of another row."""
    hopeful = [(one.video, one) for one in matches if one.video is not None and one.wants_film]
    owners = await owners_of(session, roots, [one.film.stored for _, one in hopeful])
    free: dict[int, tuple[Record, Match]] = {}
    for video, one in hopeful:
        if video.id not in free and owners.is_free(one.film.stored, video.id):
            owners.give(one.film.stored, video.id)
            free[video.id] = video, one
    same = await queries.unchanged(session, {video_id: video.local_path for video_id, (video, _) in free.items()})
    changed = [(video, one) for video_id, (video, one) in free.items() if video_id in same]
    for video, one in changed:
        await queries.give_film(session, video.id, one.film.stored)
    return [_updated(video, one) for video, one in changed]


def _updated(video: Record, one: Match) -> dict[str, Any]:
    return {
        "video_id": video.id,
        "title": video.title,
        "artist_name": one.artist.name,
        "old_status": video.status,
        "new_status": VideoStatus.DOWNLOADED,
        "old_path": video.local_path,
        "new_path": one.film.stored,
    }


def _told(wanted: Scan, artists: int, findings: Findings, updated: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "success": True,
        "dry_run": wanted.dry_run,
        "summary": {
            "artists_scanned": artists,
            "video_files_found": len(findings.matches),
            "videos_updated": len(updated),
            "errors": len(findings.errors),
        },
        "found_videos": [one.told() for one in findings.matches[:_SHOWN_FILMS]],
        "updated_videos": updated,
        "errors": findings.errors[:_SHOWN_ERRORS],
    }
