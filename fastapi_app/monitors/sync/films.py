"""What YouTube says about the entries of a playlist, as far as it can be read and stored. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.models import INTEGER_MAX, sort_key

SOURCE = "youtube_playlist"
TITLE_LENGTH = 500
NAME_LENGTH = 255
URL_LENGTH = 500
_DESCRIPTION_LENGTH = 5000
_WATCH = "https://www.youtube.com/watch?v="
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?")
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_TOPIC = " - Topic"
_VEVO = "VEVO"
_SIZES = ("maxres", "standard", "high", "medium", "default")
_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Entry:
    """One place in a playlist, counted from 0."""

    youtube_id: str
    title: str
    position: int


@dataclass(frozen=True)
class Film:
    """One video as it will be stored. `duration` is in seconds."""

    youtube_id: str
    title: str
    artist_name: str
    channel: str
    position: int
    published_at: str | None
    year: int | None
    duration: int | None
    view_count: int | None
    like_count: int | None
    description: str
    thumbnail_url: str | None

    @property
    def url(self) -> str:
        return address(self.youtube_id)


def address(youtube_id: str) -> str:
    """Where YouTube shows a video."""
    return f"{_WATCH}{youtube_id}"


def entries(items: Iterable[Any]) -> list[Entry]:
    """The entries that name a video, each video once, at its first place."""
    found: dict[str, Entry] = {}
    for place, item in enumerate(items):
        snippet = member(item, "snippet")
        youtube_id = text(member(snippet, "resourceId").get("videoId"))
        if _VIDEO_ID.fullmatch(youtube_id):
            found.setdefault(youtube_id, Entry(youtube_id, text(snippet.get("title")), place))
    return list(found.values())


def matching(found: Iterable[Entry], keywords: Sequence[str]) -> list[Entry]:
    """Those whose title holds one of the keywords, blind to case and accents; all where there is no keyword."""
    words = [sort_key(word.strip()) for word in keywords if word.strip()]
    return [one for one in found if not words or any(word in sort_key(one.title) for word in words)]


def films(items: Iterable[Any], asked: Sequence[Entry]) -> list[Film]:
    """What YouTube told about the entries that were asked for, in their order; those that it left out are missing."""
    told = {text(item.get("id")): item for item in items if isinstance(item, dict)}
    read = (_film(told[entry.youtube_id], entry) for entry in asked if entry.youtube_id in told)
    return [film for film in read if film is not None]


def artist_of(title: str, channel: str) -> str:
    """Who made a video: a topic channel is the artist's own; else what stands before the dash; else the channel."""
    if channel.endswith(_TOPIC) and channel != _TOPIC:
        return channel.removesuffix(_TOPIC).strip()
    before, *after = _DASH.split(title, maxsplit=1)
    if after and before.strip() and len(before.strip()) <= NAME_LENGTH:
        return before.strip()
    return channel.removesuffix(_VEVO).strip() or channel


def seconds(duration: str) -> int | None:
    """The seconds in a duration like PT4M13S, None for anything that is none."""
    found = _DURATION.fullmatch(duration)
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return min(((days * 24 + hours) * 60 + minutes) * 60 + rest, INTEGER_MAX)


def text(value: Any) -> str:
    """A text that can be stored, empty for anything else."""
    return value.strip() if isinstance(value, str) and not _UNSTORABLE.search(value) else ""


def member(value: Any, name: str) -> dict[str, Any]:
    """An object in an object, empty where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _film(item: dict[str, Any], entry: Entry) -> Film | None:
    snippet, counts = member(item, "snippet"), member(item, "statistics")
    title, channel = text(snippet.get("title")), text(snippet.get("channelTitle"))[:NAME_LENGTH]
    artist_name = artist_of(title, channel)
    if not title or not artist_name:
        return None
    published = _moment(text(snippet.get("publishedAt")))
    return Film(
        youtube_id=entry.youtube_id,
        title=title[:TITLE_LENGTH],
        artist_name=artist_name,
        channel=channel,
        position=entry.position,
        published_at=published,
        year=datetime.fromisoformat(published).year if published else None,
        duration=seconds(text(member(item, "contentDetails").get("duration"))),
        view_count=_count(counts.get("viewCount")),
        like_count=_count(counts.get("likeCount")),
        description=text(snippet.get("description"))[:_DESCRIPTION_LENGTH],
        thumbnail_url=_picture(member(snippet, "thumbnails")),
    )


def _moment(value: str) -> str | None:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return value


def _count(value: Any) -> int | None:
    """A count, which YouTube writes as text; at most what a column keeps."""
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER):
        return None
    return min(int(digits), INTEGER_MAX)


def _picture(sizes: dict[str, Any]) -> str | None:
    """The largest of the sizes that there are."""
    addresses = (text(member(sizes, size).get("url")) for size in _SIZES)
    return next((one for one in addresses if one.startswith("https://") and len(one) <= URL_LENGTH), None)
