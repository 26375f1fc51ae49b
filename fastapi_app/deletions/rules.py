"""What a client wants deleted, and how it is told of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi_app.errors import BadField, BadRequest, Conflict, NotFound
from fastapi_app.fields import boolean
from fastapi_app.videos.bulk.ids import row_id

KEPT = timedelta(days=30)
MOST_VIDEOS = 500
MOST_ARTISTS = 500
MOST_CHARACTERS = 10_000_000
"""Of a snapshot: what MariaDB takes in one packet."""

FIRST_NAMES = 5


@dataclass(frozen=True)
class Asked:
    """Ids of `videos` or of `artists`, in order. `force`: artists go with their videos."""

    table: str
    ids: tuple[int, ...]
    force: bool = False


def asked(body: Any) -> Asked:
    """Reads a body. Raises BadRequest."""
    if not isinstance(body, dict) or ("videos" in body) == ("artists" in body):
        raise BadRequest("Name either videos or artists")
    if "videos" in body:
        return Asked("videos", _ids(body["videos"], "videos", MOST_VIDEOS))
    force = boolean(body.get("force"), "force", default=False)
    return Asked("artists", _ids(body["artists"], "artists", MOST_ARTISTS), force)


def check_amount(wanted: Asked, artists: int, videos: int) -> None:
    """Raises NotFound and Conflict for what can't be deleted with a way back."""
    if wanted.table == "artists":
        _check_artists(wanted, artists, videos)
    elif not videos:
        raise NotFound("Video not found")


def _check_artists(wanted: Asked, artists: int, videos: int) -> None:
    if not artists:
        raise NotFound("Artist not found")
    if videos and not wanted.force:
        whose = "This artist has" if artists == 1 else "These artists have"
        raise Conflict(f"{whose} {_many(videos, 'video')}; delete them too with force=true", video_count=videos)
    if videos > MOST_VIDEOS:
        raise Conflict(
            f"That would delete {videos:,} videos; at most {MOST_VIDEOS} can be deleted with a way back. "
            "Choose fewer artists.",
            video_count=videos,
        )


def check_size(text: str) -> None:
    """Raises Conflict for a snapshot that the database would not take."""
    if len(text) > MOST_CHARACTERS:
        raise Conflict("That is too much to keep for a way back. Choose fewer.")


def amount(artists: int, videos: int) -> str:
    """`2 artists and 31 videos`."""
    parts = [_many(number, noun) for number, noun in ((artists, "artist"), (videos, "video")) if number]
    return " and ".join(parts)


def title(names: Sequence[Mapping[str, str]], artists: int, videos: int) -> str:
    """What was deleted, in a few words: `Jóga by Björk and 2 more`."""
    first = names[0] if names else {}
    if "title" in first:
        told, more = f"{first['title']} by {first.get('artist') or 'an unknown artist'}", videos - 1
    else:
        told, more = first.get("artist", ""), artists - 1
    return f"{told} and {more:,} more" if more > 0 else told


def _ids(value: Any, field: str, most: int) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise BadField(field, "a list of ids")
    if len(value) > most:
        raise BadField(field, f"a list of at most {most} ids")
    found = [row_id(item) for item in value]
    return tuple(sorted({one for one in found if one is not None}))


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
