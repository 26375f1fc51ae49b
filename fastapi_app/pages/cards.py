"""A video as the library shows it."""

from dataclasses import dataclass
from zlib import crc32

from fastapi_app.models import VideoStatus

TONES = 8
LABELS = {
    VideoStatus.DOWNLOADED: "Downloaded",
    VideoStatus.WANTED: "Wanted",
    VideoStatus.DOWNLOADING: "Downloading",
    VideoStatus.FAILED: "Failed",
    VideoStatus.MONITORED: "Monitored",
    VideoStatus.IGNORED: "Ignored",
}
"""A word for each status, in the order in which a person asks for them."""


@dataclass(frozen=True)
class VideoRow:
    """The columns that one card needs."""

    id: int
    title: str
    artist_id: int
    artist: str
    year: int | None
    duration: int | None
    status: VideoStatus | None
    thumbnail_path: str | None
    local_path: str | None


@dataclass(frozen=True)
class Card:
    """One poster. `word` is its status, `badge` is empty when all is well.

    `tone` picks the colours of a poster without a picture.
    """

    id: int
    title: str
    artist_id: int
    artist: str
    year: str
    length: str
    badge: str
    state: str
    word: str
    tone: int
    has_picture: bool
    is_playable: bool


def card(row: VideoRow) -> Card:
    """What a row looks like."""
    return Card(
        id=row.id,
        title=row.title,
        artist_id=row.artist_id,
        artist=row.artist,
        year=str(row.year) if row.year is not None and row.year > 0 else "",
        length=length(row.duration),
        badge=_badge(row),
        state=row.status.lower() if row.status else "unknown",
        word=LABELS[row.status] if row.status else "Unknown",
        tone=crc32(row.artist.encode(errors="replace")) % TONES,
        has_picture=bool(row.thumbnail_path),
        is_playable=bool(row.local_path),
    )


def length(seconds: int | None) -> str:
    """`225` is `3:45`, `3723` is `1:02:03`; nothing known is empty."""
    if seconds is None or seconds <= 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _badge(row: VideoRow) -> str:
    if row.status is VideoStatus.DOWNLOADED:
        return "" if row.local_path else "No file"
    return LABELS[row.status] if row.status else "Unknown"
