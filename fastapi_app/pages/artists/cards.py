"""An artist as the pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from fastapi_app.models import VideoStatus
from fastapi_app.pages.cards import TONES
from fastapi_app.transaction import Record

Counts = Mapping[VideoStatus | None, int]
"""How many videos there are by status; statuses that this version does not know count under None."""

_NOT_MISSING = (VideoStatus.DOWNLOADED, VideoStatus.IGNORED)


@dataclass(frozen=True)
class Card:
    """One artist of a page. `missing` are the videos that are neither here nor ignored; `share` is in percent."""

    id: int
    name: str
    videos: int
    missing: int
    share: int
    monitored: bool
    automatic: bool
    keywords: list[str]
    picture: str
    tone: int


def card(row: Record, counts: Counts) -> Card:
    """What a row with the columns of `queries.page` looks like."""
    videos, missing = sum(counts.values()), missing_of(counts)
    return Card(
        id=row.id,
        name=row.name,
        videos=videos,
        missing=missing,
        share=round(100 * (videos - missing) / videos) if videos else 0,
        monitored=bool(row.monitored),
        automatic=bool(row.auto_download),
        keywords=words(row.keywords),
        picture=picture_mark(row.thumbnail_path),
        tone=tone(row.name),
    )


def missing_of(counts: Counts) -> int:
    """How many videos could still be fetched."""
    return sum(number for status, number in counts.items() if status not in _NOT_MISSING)


def tone(name: str) -> int:
    """Which colours a picture that is missing gets."""
    return crc32(name.encode(errors="replace")) % TONES


def words(stored: object) -> list[str]:
    """Keywords or genres as texts. Old rows may hold any JSON; what is no text is left out."""
    listed = stored if isinstance(stored, list) else [stored]
    return [word.strip() for word in listed if isinstance(word, str) and word.strip()]


def picture_mark(stored_path: str | None) -> str:
    """Changes with the picture, so that no browser shows the one before; empty where there is none."""
    return f"{crc32(stored_path.encode(errors='replace')):08x}" if stored_path else ""
