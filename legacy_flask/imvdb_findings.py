"""What IMVDb's results say about videos of an artist. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi_app.models import INTEGER_MAX, sort_key

_TITLE = 500
_ADDRESS = 500
_DIRECTORS = 50
_DIGITS = 18
_WATCH = "https://www.youtube.com/watch?v="
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")


def found_videos(results: list[Any], artist_name: str) -> list[dict[str, Any]]:
    """The artist's own videos, as clients see them. What can't be read or stored is left out."""
    own = (result for result in results if isinstance(result, dict) and _names(result, artist_name))
    read = (_video(result, artist_name) for result in own)
    return [video for video in read if video is not None]


def youtube_id(video: dict[str, Any]) -> str | None:
    """The id on YouTube of a video that is there."""
    address: str = video["url"]
    return address[len(_WATCH) :] if address.startswith(_WATCH) else None


def watch_address(video_id: str) -> str:
    return _WATCH + video_id


def _video(result: dict[str, Any], artist_name: str) -> dict[str, Any] | None:
    number = _positive(result.get("id"), 10**_DIGITS)
    song = _words(result.get("song_title")) or "Unknown"
    title = f"{artist_name} - {song}"
    if number is None or len(title) > _TITLE:
        return None
    return {
        "source": "imvdb",
        "title": title,
        "song_title": song,
        "year": _positive(result.get("year"), INTEGER_MAX),
        "directors": list(_directors(result.get("directors"))),
        "imvdb_id": number,
        "thumbnail_url": _large_picture(result.get("image")),
        "url": _film(result.get("sources")) or f"https://imvdb.com/video/{number}",
    }


def _names(result: dict[str, Any], artist_name: str) -> bool:
    """Whether the artist is named among those of the video. A part of a name is another artist's name."""
    artists = result["artists"] if "artists" in result else result.get("artist")
    wanted = sort_key(artist_name.strip())
    for artist in artists if isinstance(artists, list) else [artists]:
        name = _words(artist.get("name") if isinstance(artist, dict) else artist)
        if name and sort_key(name) == wanted:
            return True
    return False


def _words(value: Any) -> str:
    """A text that can be stored, or a number as one; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if -INTEGER_MAX <= value <= INTEGER_MAX else ""
    storable = isinstance(value, str) and not re.search("[\0\ud800-\udfff]", value)
    return value.strip() if storable else ""


def _positive(value: Any, most: int) -> int | None:
    if isinstance(value, str) and re.fullmatch(rf"[0-9]{{1,{_DIGITS}}}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 1 <= value <= most else None


def _directors(value: Any) -> Iterator[str]:
    for credit in value[:_DIRECTORS] if isinstance(value, list) else ():
        name = _words(credit.get("entity_name", credit.get("name")) if isinstance(credit, dict) else credit)
        if name:
            yield name[:_TITLE]


def _large_picture(value: Any) -> str | None:
    address = _words(value.get("l")) if isinstance(value, dict) else ""
    fits = address.startswith(("http://", "https://")) and len(address) <= _ADDRESS
    return address if fits else None


def _film(value: Any) -> str | None:
    """The address of the first source that is on YouTube."""
    for source in value if isinstance(value, list) else ():
        if isinstance(source, dict) and source.get("source") == "youtube":
            found = _words(source.get("source_data"))
            if _YOUTUBE_ID.fullmatch(found):
                return watch_address(found)
    return None
