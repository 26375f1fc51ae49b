"""What the page about one artist says, and what its form of settings means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.discovery.rules import is_enabled
from fastapi_app.errors import AppError, BadField, Conflict
from fastapi_app.models import VideoStatus
from fastapi_app.pages.artists.cards import Counts, missing_of, picture_mark, tone, words
from fastapi_app.pages.criteria import Sort
from fastapi_app.transaction import Record

SORT_LABELS = {
    Sort.TITLE: "Sort by title",
    Sort.YEAR: "Newest year first",
    Sort.NEWEST: "Recently added first",
}
_TEXTS = ("name", "imvdb_id", "keywords", "folder_path")
_FLAGS = ("monitored", "auto_download")
_FIELDS = {"IMVDb": "imvdb_id", "Artist name": "name"}
"""Of refusals that name no field, by how they begin."""

DONE = {
    "added": "Added. Now its videos can be looked for.",
    "saved": "Saved.",
    "merged": "Merged. Everything is here now.",
    "downloads": "The downloads wait for their turn.",
}


@dataclass(frozen=True)
class Person:
    """One artist. `genres` and `keywords` are texts only; `can_find` tells whether IMVDb can be asked."""

    id: int
    name: str
    imvdb_id: str
    monitored: bool
    automatic: bool
    keywords: list[str]
    genres: list[str]
    folder: str
    picture: str
    tone: int
    videos: int
    here: int
    missing: int
    found_at: datetime | None
    added_at: datetime | None
    can_find: bool


def person(row: Record, counts: Counts) -> Person:
    """What the row of `queries.artist` and the counts of the videos look like."""
    return Person(
        id=row.id,
        name=row.name,
        imvdb_id=row.imvdb_id or "",
        monitored=bool(row.monitored),
        automatic=bool(row.auto_download),
        keywords=words(row.keywords),
        genres=words(row.genres),
        folder=row.folder_path or "",
        picture=picture_mark(row.thumbnail_path),
        tone=tone(row.name),
        videos=sum(counts.values()),
        here=counts.get(VideoStatus.DOWNLOADED, 0),
        missing=missing_of(counts),
        found_at=row.last_discovery if isinstance(row.last_discovery, datetime) else None,
        added_at=row.created_at if isinstance(row.created_at, datetime) else None,
        can_find=is_enabled(row.key),
    )


def settings_of(row: Person) -> dict[str, Any]:
    """What the form begins with."""
    texts = {"name": row.name, "imvdb_id": row.imvdb_id, "keywords": ", ".join(row.keywords), "folder_path": row.folder}
    flags = {"monitored": row.monitored, "auto_download": row.automatic}
    return {**texts, **{name: "on" for name, is_on in flags.items() if is_on}}


def change(values: Mapping[str, str]) -> dict[str, Any]:
    """The body of `PUT /api/artists/{artist_id}/settings` from the form. A field that is not there stays as it is."""
    texts = {name: values[name] for name in _TEXTS if name in values}
    return {**texts, **{name: name in values for name in _FLAGS}}


def field_of(refusal: AppError) -> str:
    """Beside which field a refusal is told."""
    if isinstance(refusal, BadField):
        return refusal.field
    if isinstance(refusal, Conflict):
        return "imvdb_id"
    return next((field for begin, field in _FIELDS.items() if refusal.message.startswith(begin)), "name")


def found_text(discovered: int, stored: int) -> str:
    """What looking for videos came to."""
    if not discovered:
        return "Nothing new was found."
    found, are = ("video", "It is") if stored == 1 else ("videos", "They are")
    return f"{stored} new {found} found. {are} wanted now."
