"""What a site says about a film, as it is kept: in the rows, and in the `.info.json` beside the film. Pure."""

from collections.abc import Mapping
from typing import Any

from fastapi_app.downloads.payload import URL_LENGTH
from fastapi_app.downloads.transcript import redacted
from fastapi_app.models import INTEGER_MAX

_KEPT = (
    "id", "title", "fulltitle", "alt_title", "description", "uploader", "uploader_id", "channel", "channel_id",
    "artist", "artists", "track", "album", "release_year", "release_date", "upload_date", "duration", "view_count",
    "like_count", "age_limit", "tags", "categories", "genres", "language", "extractor", "extractor_key", "webpage_url",
    "format_id", "format_note", "ext", "width", "height", "fps", "vcodec", "acodec", "dynamic_range",
)  # fmt: skip
"""The rest are addresses that expire within hours, headers and cookies."""
_TEXT_BYTES = 60_000
_LIST_LENGTH = 200
_YEARS = range(1888, 2200)


def kept(info: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into `.info.json`."""
    return {name: _plain(info[name]) for name in _KEPT if info.get(name) is not None}


def columns(info: Mapping[str, Any]) -> dict[str, Any]:
    """What the video's row may learn; what is missing or makes no sense is left out."""
    is_youtube = str(info.get("extractor_key") or "").lower() == "youtube"
    page = _address(info.get("webpage_url"), 500)
    found = {
        "description": _text(info.get("description"), _TEXT_BYTES // 4),
        "view_count": _count(info.get("view_count")),
        "like_count": _count(info.get("like_count")),
        "year": _year(info.get("release_year")),
        "youtube_id": _text(info.get("id"), 100) if is_youtube else None,
        "youtube_url": page if is_youtube else None,
        "url": page,
    }
    return {name: value for name, value in found.items() if value is not None}


def thumbnail_source(info: Mapping[str, Any]) -> str:
    return "youtube" if str(info.get("extractor_key") or "").lower() == "youtube" else "generated"


def shown(info: Mapping[str, Any]) -> dict[str, Any]:
    """What an `info` job answers of one film."""
    return {
        "id": _text(info.get("id"), 200),
        "url": _address(info.get("webpage_url") or info.get("url"), URL_LENGTH),
        "title": _text(info.get("title"), 500),
        "uploader": _text(info.get("uploader") or info.get("channel"), 255),
        "duration": _count(info.get("duration")),
        "thumbnail": _address(info.get("thumbnail"), URL_LENGTH),
        "description": _text(info.get("description"), 2000),
        "view_count": _count(info.get("view_count")),
        "upload_date": _text(info.get("upload_date"), 20),
        "heights": sorted({one["height"] for one in info.get("formats") or () if _count(one.get("height"))}),
        "subtitles": sorted(info.get("subtitles") or {})[:_LIST_LENGTH],
    }


def entry(info: Mapping[str, Any]) -> dict[str, Any]:
    """One line of a playlist."""
    whole = shown(info)
    return {name: whole[name] for name in ("id", "url", "title", "uploader", "duration")}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value) if "://" in value else value[:_TEXT_BYTES]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value[:_LIST_LENGTH] if isinstance(one, str | int | float)]
    return value if isinstance(value, bool | int | float) else str(value)[:_TEXT_BYTES]


def _text(value: Any, most: int) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return value.encode("utf-8", "replace").decode("utf-8")[:most]


def _address(value: Any, most: int) -> str | None:
    """An address is whole, or none: cut it leads elsewhere."""
    return _text(value, most) if isinstance(value, str) and len(value) <= most else None


def _count(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        return None
    return min(int(value), INTEGER_MAX)


def _year(value: Any) -> int | None:
    return value if isinstance(value, int) and value in _YEARS else None
