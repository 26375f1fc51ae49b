"""What the page about one video says, and what its form means. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zlib import crc32

from fastapi_app.downloads.addresses import is_askable
from fastapi_app.errors import AppError, BadField, Conflict
from fastapi_app.models import VideoStatus
from fastapi_app.pages.cards import LABELS, TONES, length
from fastapi_app.transaction import Record
from fastapi_app.videos.downloading.rules import address

_YEAR = re.compile(r"[12][0-9]{3}")
_LINK = re.compile(r"https?://", re.IGNORECASE)
DONE = {
    "saved": "Saved.",
    "moved": "Saved, and the file has its new name.",
    "status": "The status is changed.",
    "download": "The download waits for its turn.",
}


@dataclass(frozen=True)
class Film:
    """One video. Texts are empty where nothing is known; `genres` and the like are texts only."""

    id: int
    title: str
    artist_id: int
    artist: str
    status: VideoStatus | None
    state: str
    word: str
    year: str
    length: str
    quality: str
    genres: list[str]
    directors: list[str]
    producers: list[str]
    description: str
    views: int | None
    source: str
    imvdb_id: str
    link: str
    stored: str
    picture: str
    tone: int
    added_at: datetime | None


@dataclass(frozen=True)
class OnDisk:
    """What lies under the stored path. `size` None: there is no file, or none that may be served."""

    size: int | None = None
    changed_at: datetime | None = None
    captions: list[str] = field(default_factory=list)
    nfo: str = ""


def film(row: Record) -> Film:
    """What a row of `queries.video` looks like."""
    return Film(
        id=row.id,
        title=row.title,
        artist_id=row.artist_id,
        artist=row.artist or "",
        status=row.status,
        state=row.status.lower() if row.status else "unknown",
        word=LABELS[row.status] if row.status else "Unknown",
        year=str(row.year) if row.year is not None and row.year > 0 else "",
        length=length(row.duration),
        quality=row.quality or "",
        genres=words(row.genres),
        directors=words(row.directors),
        producers=words(row.producers),
        description=(row.description or "").strip(),
        views=row.view_count,
        source=row.source or "",
        imvdb_id=row.imvdb_id or "",
        link=address(row.url, row.youtube_url, row.youtube_id) or "",
        stored=row.local_path or "",
        picture=f"{crc32(row.thumbnail_path.encode(errors='replace')):08x}" if row.thumbnail_path else "",
        tone=crc32((row.artist or "").encode(errors="replace")) % TONES,
        added_at=row.created_at if isinstance(row.created_at, datetime) else None,
    )


def words(stored: object) -> list[str]:
    """A list that old rows may hold as any JSON; what is no text is left out."""
    listed = stored if isinstance(stored, list) else [stored]
    return [word.strip() for word in listed if isinstance(word, str) and word.strip()]


def imvdb_search(shown: Film) -> str:
    """Where IMVDb may know it."""
    return f"https://imvdb.com/search?search_term={quote(f'{shown.artist} {shown.title}')}"


def fields_of(row: Record, shown: Film) -> dict[str, str]:
    """What the form begins with."""
    return {
        "title": shown.title,
        "artist_name": shown.artist,
        "year": shown.year,
        "genres": ", ".join(shown.genres),
        "video_url": row.url or "",
        "imvdb_id": shown.imvdb_id,
    }


def change(values: Mapping[str, str], before: Mapping[str, str]) -> dict[str, Any]:
    """The body of `PUT /api/videos/{video_id}` from the form: what differs from before. Raises BadField."""
    given = {name: values[name].strip() for name in before if name in values}
    body: dict[str, Any] = {name: text for name, text in given.items() if text != before[name].strip()}
    for name in ("title", "artist_name"):
        if name in body and not body[name]:
            raise BadField(name, "filled in")
    if body.get("year") and not _YEAR.fullmatch(body["year"]):
        raise BadField("year", "four digits, such as 1997")
    if body.get("video_url") and not (_LINK.match(body["video_url"]) and is_askable(body["video_url"])):
        raise BadField("video_url", "an address that begins with https://")
    for name in ("year", "video_url", "imvdb_id"):
        if name in body:
            body[name] = body[name] or None
    if "genres" in body:
        body["genres"] = [genre for each in body["genres"].split(",") if (genre := each.strip())]
    return {**body, "move_file": "move_file" in values}


def wrong(refusal: AppError) -> dict[str, str]:
    """The refusal by the field beside which it is told; beside none under an empty name."""
    if isinstance(refusal, BadField):
        label = _LABELS.get(refusal.field, refusal.field)
        return {refusal.field: refusal.message.replace(refusal.field, label, 1)}
    return {"imvdb_id" if isinstance(refusal, Conflict) else "": refusal.message}


_LABELS = {
    "title": "The title",
    "artist_name": "The artist",
    "year": "The year",
    "genres": "The genres",
    "video_url": "The address",
    "imvdb_id": "The number",
}
