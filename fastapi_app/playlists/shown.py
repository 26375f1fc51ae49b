"""Playlists and their videos as answers show them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from fastapi_app.playlists.queries import Totals
from fastapi_app.playlists.standing import Standing
from fastapi_app.responses import iso
from fastapi_app.transaction import Record
from fastapi_app.urls import Scope, local


def playlist(row: Record, totals: Totals, standing: Standing, scope: Scope) -> dict[str, Any]:
    """One playlist, as lists show it."""
    count, duration = totals
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "user_id": row.user_id,
        "username": row.username,
        "is_public": row.is_public,
        "is_featured": row.is_featured,
        "is_dynamic": row.is_dynamic,
        "auto_update": row.auto_update,
        "video_count": count,
        "total_duration": duration,
        "thumbnail_url": picture(row, scope),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "can_modify": standing.changes(row),
    }


def rules(row: Record) -> dict[str, Any]:
    """What a dynamic playlist tells besides."""
    return {"filter_criteria": row.filter_criteria, "refreshed_at": iso(row.refreshed_at)}


def totals_of(row: Record, counted: Mapping[int, Totals]) -> Totals:
    """What the entries come to; what was counted last, where rules are looked at by themselves."""
    if row.is_dynamic and row.auto_update:
        return row.video_count or 0, row.total_duration or 0
    return counted.get(row.id, (0, 0))


def picture(row: Record, scope: Scope) -> str | None:
    """The address of a playlist's own picture: of ours where it was uploaded, changing with the file."""
    if row.thumbnail_path:
        return local(scope, f"/api/playlists/{row.id}/thumbnail?v={crc32(row.thumbnail_path.encode()):08x}")
    address: str | None = row.thumbnail_url
    return address


def entries(rows: Sequence[Record], offset: int) -> list[dict[str, Any]]:
    """Stored entries, with their places from 1."""
    return [
        {
            "id": row.id,
            "video_id": row.video_id,
            "position": position,
            "added_at": iso(row.added_at),
            "video": video(row),
        }
        for position, row in enumerate(rows, start=offset + 1)
    ]


def findings(rows: Sequence[Record], offset: int) -> list[dict[str, Any]]:
    """The same of what rules find, which is stored nowhere."""
    return [
        {"id": None, "video_id": row.video_id, "position": position, "added_at": None, "video": video(row)}
        for position, row in enumerate(rows, start=offset + 1)
    ]


def video(row: Record) -> dict[str, Any]:
    """A video of a playlist."""
    return {
        "id": row.video_id,
        "title": row.title,
        "artist_id": row.artist_id,
        "artist_name": row.artist_name,
        "year": row.year,
        "duration": row.duration,
        "status": row.status,
        "thumbnail_url": row.thumbnail_url,
        "has_thumbnail": bool(row.thumbnail_path),
        "is_playable": bool(row.local_path),
    }


def film(row: Record, scope: Scope) -> dict[str, Any]:
    """A video to play: `source` is the address of its film."""
    return {
        "id": row.video_id,
        "place": row.place,
        "title": row.title,
        "artist": row.artist_name,
        "artist_id": row.artist_id,
        "year": row.year,
        "duration": row.duration,
        "has_thumbnail": bool(row.thumbnail_path),
        "source": local(scope, f"/api/videos/{row.video_id}/stream"),
    }
