"""What YouTube says about the entries of a playlist, as far as it can be read and stored. Pure."""

import re
from datetime import datetime
from typing import Any

from fastapi_app.models import INTEGER_MAX, sort_key

SOURCE = "youtube_playlist"
_WATCH = "https://www.youtube.com/watch?v="
_NAME = 255


def watch_address(youtube_id: str) -> str:
    return _WATCH + youtube_id


def read_entries(items: list[Any]) -> list[dict[str, Any]]:
    """`youtube_id`, `title` and `position` of the entries that name a video, each video once."""
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for position, item in enumerate(items):
        snippet = inner(item, "snippet")
        youtube_id = words(inner(snippet, "resourceId").get("videoId"))
        if re.fullmatch(r"[A-Za-z0-9_-]{11}", youtube_id) and youtube_id not in seen:
            seen.add(youtube_id)
            found.append({"youtube_id": youtube_id, "title": words(snippet.get("title")), "position": position})
    return found


def is_wanted(entry: dict[str, Any], keywords: list[str]) -> bool:
    """Whether the title holds one of the keywords, blind to case and accents; none stand for all."""
    wanted = [sort_key(word.strip()) for word in keywords if word.strip() != ""]
    title = sort_key(entry["title"])
    return wanted == [] or any(word in title for word in wanted)


def read_film(item: Any, entry: dict[str, Any]) -> dict[str, Any] | None:
    """The columns of the video, `artist_name` and `channel` besides; None for what can't be stored."""
    snippet = inner(item, "snippet")
    title = words(snippet.get("title"))
    channel = words(snippet.get("channelTitle"))[:_NAME]
    artist_name = artist_named(title, channel)
    if title == "" or artist_name == "":
        return None
    published = words(snippet.get("publishedAt"))
    try:
        year = datetime.fromisoformat(published).year
    except ValueError:
        published, year = "", 0
    counts = inner(item, "statistics")
    return {
        "youtube_id": entry["youtube_id"],
        "artist_name": artist_name,
        "channel": channel,
        "published_at": published or None,
        "title": title[:500],
        "playlist_position": entry["position"],
        "year": year or None,
        "duration": read_seconds(words(inner(item, "contentDetails").get("duration"))),
        "view_count": _count(counts.get("viewCount")),
        "like_count": _count(counts.get("likeCount")),
        "description": words(snippet.get("description"))[:5000],
        "thumbnail_url": _picture(inner(snippet, "thumbnails")),
    }


def artist_named(title: str, channel: str) -> str:
    """Topic channels are the artist's own; else what stands before the dash counts, else the channel."""
    if channel.endswith(" - Topic") and len(channel) > len(" - Topic"):
        return channel[: -len(" - Topic")].strip()
    parts = re.split("\\s+[-\u2013\u2014]\\s+", title, maxsplit=1)
    name = parts[0].strip()
    if len(parts) == 2 and 0 < len(name) <= _NAME:
        return name
    return channel.removesuffix("VEVO").strip() or channel


def read_seconds(duration: str) -> int | None:
    """The seconds in a duration like PT4M13S."""
    digits = [r"(?:(\d{1,4})D)?", r"(?:(\d{1,5})H)?", r"(?:(\d{1,5})M)?", r"(?:(\d{1,6})S)?"]
    found = re.fullmatch(f"P{digits[0]}(?:T{''.join(digits[1:])})?", duration)
    if found is None or set(found.groups()) == {None}:
        return None
    total = 0
    for part, unit in zip(found.groups(default="0"), (86_400, 3600, 60, 1), strict=True):
        total += int(part) * unit
    return min(total, INTEGER_MAX)


def words(value: Any) -> str:
    """A text that can be stored; empty for anything else."""
    storable = isinstance(value, str) and not re.search("[\0\ud800-\udfff]", value)
    return value.strip() if storable else ""


def inner(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _count(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not re.fullmatch("[0-9]{1,18}", words(value)):
        return None
    return min(int(words(value)), INTEGER_MAX)


def _picture(sizes: dict[str, Any]) -> str | None:
    """The largest of the sizes that there are."""
    for size in ("maxres", "standard", "high", "medium", "default"):
        url = words(inner(sizes, size).get("url"))
        if url.startswith("https://") and len(url) <= 500:
            return url
    return None
