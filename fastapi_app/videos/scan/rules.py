"""Matching files to videos. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest, NotFound
from fastapi_app.transaction import Record
from fastapi_app.videos.bulk.ids import row_id
from fastapi_app.videos.films.titles import folded, resembles

NO_ARTIST = "Artist not found"


@dataclass(frozen=True)
class Scan:
    """Which artist, None for all, and whether rows are only looked at."""

    artist_id: int | None
    dry_run: bool


def scan(body: Any) -> Scan:
    """Reads the body; one that says nothing is a dry run over everybody. Raises BadRequest or NotFound."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = body or {}
    return Scan(_artist_id(given.get("artist_id")), fields.boolean(given.get("dry_run"), "dry_run", default=True))


def video_of(title: str, videos: Sequence[Record]) -> Record | None:
    """The video that a file's title means: the one of the same title, else the first whose title contains it or is
    contained in it.
    """
    same = (video for video in videos if folded(video.title) == folded(title))
    alike = (video for video in videos if resembles(video.title, title))
    return next(same, None) or next(alike, None)


def _artist_id(value: Any) -> int | None:
    if not value:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadField("artist_id", "the id of an artist")
    found = row_id(value)
    if found is None:
        raise NotFound(NO_ARTIST)
    return found
