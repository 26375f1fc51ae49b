"""What an artist's page shows, and the artists before and after it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download, Video, VideoStatus
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import NotFound
from legacy_flask.request_values import query
from legacy_flask.row_id import may_exist

blueprint = Blueprint("artist_detail", __name__, url_prefix="/api/artists")

_SORTS: dict[str, Any] = {
    "name": Artist.name,
    "created_at": Artist.created_at,
    "updated_at": Artist.updated_at,
}


@blueprint.get("/<int:artist_id>/detailed")
@requires(Access.READ)
def get_detailed(artist_id: int) -> Response:
    """One artist, all its videos and downloads, and what they come to."""
    with transaction() as session:
        artist = _artist(session, artist_id)
        videos = session.query(Video).filter(Video.artist_id == artist_id).order_by(Video.id).all()
        downloads = session.query(Download).filter(Download.artist_id == artist_id).order_by(Download.id).all()
        return jsonify(
            id=artist.id,
            name=artist.name,
            imvdb_id=artist.imvdb_id,
            thumbnail_url=artist.thumbnail_url,
            thumbnail_path=artist.thumbnail_path,
            auto_download=artist.auto_download,
            keywords=artist.keywords or [],
            monitored=artist.monitored,
            folder_path=artist.folder_path,
            last_discovery=iso(artist.last_discovery),
            created_at=iso(artist.created_at),
            updated_at=iso(artist.updated_at),
            imvdb_metadata=artist.imvdb_metadata,
            videos=[_video(video) for video in videos],
            downloads=[_download(download) for download in downloads],
            statistics=_statistics(videos),
        )


@blueprint.get("/<int:artist_id>/navigation")
@requires(Access.READ)
def navigate(artist_id: int) -> Response:
    """An artist's place among all of them, which are loaded for it. Equal ones stand in the order of their ids."""
    sort, direction = query().get("sort", "name"), query().get("order", "asc")
    with transaction() as session:
        current = _artist(session, artist_id)
        rows = _everybody(session, sort, descending=direction.lower() == "desc")
        place = next(number for number, (artist, _) in enumerate(rows) if artist.id == artist_id)
        before = _neighbour(rows[place - 1]) if place > 0 else None
        after = _neighbour(rows[place + 1]) if place + 1 < len(rows) else None
        steps = {"has_prev": before is not None, "has_next": after is not None}
        return jsonify(
            current_artist={
                "id": current.id,
                "name": current.name,
                "position": place + 1,
                "total_artists": len(rows),
            },
            prev_artist=before,
            next_artist=after,
            navigation={**steps, "sort_by": sort, "sort_order": direction},
        )


def _everybody(session: Session, sort: str, *, descending: bool) -> list[Any]:
    counts = session.query(Video.artist_id, func.count(Video.id).label("video_count")).group_by(Video.artist_id)
    videos = counts.subquery()
    count = func.coalesce(videos.c.video_count, 0)
    column: ColumnElement[Any] = count if sort == "video_count" else _SORTS.get(sort, Artist.name)
    rows = session.query(Artist, count).outerjoin(videos, Artist.id == videos.c.artist_id)
    found: list[Any] = rows.order_by(column.desc() if descending else column.asc(), Artist.id).all()
    return found


def _artist(session: Session, artist_id: int) -> Artist:
    found = session.query(Artist).filter(Artist.id == artist_id).first() if may_exist(artist_id) else None
    if found is None:
        raise NotFound("Artist not found")
    return found


def _neighbour(row: tuple[Artist, int]) -> Mapping[str, Any]:
    artist, videos = row
    return {"id": artist.id, "name": artist.name, "video_count": videos}


def _statistics(videos: Sequence[Video]) -> Mapping[str, Any]:
    """The counts by status are true; 0.9 compared the status with a text, and counted none."""
    durations = [video.duration for video in videos if video.duration]
    released = [video.release_date for video in videos if isinstance(video.release_date, datetime)]

    def count(status: VideoStatus) -> int:
        return len([video for video in videos if video.status is status])

    return {
        "total_videos": len(videos),
        "downloaded_videos": count(VideoStatus.DOWNLOADED),
        "wanted_videos": count(VideoStatus.WANTED),
        "downloading_videos": count(VideoStatus.DOWNLOADING),
        "failed_videos": count(VideoStatus.FAILED),
        "ignored_videos": count(VideoStatus.IGNORED),
        "latest_video_date": iso(max(released)) if released else None,
        "earliest_video_date": iso(min(released)) if released else None,
        "total_duration": sum(durations),
        "average_duration": sum(durations) / len(durations) if durations else 0,
    }


def _video(video: Video) -> Mapping[str, Any]:
    return {
        "id": video.id,
        "title": video.title,
        "imvdb_id": video.imvdb_id,
        "youtube_id": video.youtube_id,
        "url": video.url,
        "thumbnail_url": video.thumbnail_url,
        "thumbnail_path": video.thumbnail_path,
        "local_path": video.local_path,
        "duration": video.duration,
        "year": video.year,
        "release_date": iso(video.release_date),
        "description": video.description,
        "view_count": video.view_count,
        "directors": video.directors,
        "producers": video.producers,
        "status": video.status,
        "quality": video.quality,
        "discovered_date": iso(video.discovered_date),
        "created_at": iso(video.created_at),
        "updated_at": iso(video.updated_at),
    }


def _download(download: Download) -> Mapping[str, Any]:
    return {
        "id": download.id,
        "video_id": download.video_id,
        "title": download.title,
        "original_url": download.original_url,
        "file_path": download.file_path,
        "file_size": download.file_size,
        "download_date": iso(download.download_date),
        "status": download.status,
        "progress": download.progress,
        "error_message": download.error_message,
        "quality": download.quality,
        "format": download.format,
    }
