"""What a file's name says about the video in it, and the names that an artist's folder may have. Pure.

Names are compared composed: what came from macOS is decomposed on the disk.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar
from unicodedata import normalize

from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest, NotFound
from legacy_flask.file_names import clean, folder_name
from legacy_flask.video_bulk_rules import row_id

SUFFIXES = (".mp4", ".mkv", ".avi", ".mov", ".flv", ".webm", ".m4v")
NO_ARTIST = "Artist not found"
_LONGEST = 255


class Titled(Protocol):
    """A video, as far as its name goes."""

    @property
    def title(self) -> str: ...


Named = TypeVar("Named", bound=Titled)


def read_scan(body: Any) -> tuple[int | None, bool]:
    """The artist, None for all, and whether rows are only looked at."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = body or {}
    return _artist_id(given.get("artist_id")), fields.truth(given.get("dry_run"), "dry_run", default=True)


def composed(name: str) -> str:
    return normalize("NFC", name)


def folder_names(artist: str) -> list[str]:
    """The likeliest first: the name, other quotes, no quotes, no characters that file systems refuse."""
    name = composed(artist)
    quoted = [name, name.replace('"', "'"), name.replace('"', ""), name.replace("'", '"'), name.replace("'", "")]
    possible = [one for one in quoted if one not in ("", ".", "..") and not set("/\0") & set(one)]
    return [*possible, clean(name), folder_name(name)]


def extracted_title(stem: str, artist: str) -> str:
    """`<artist> - <title>`, `<title> - <artist>`, or the whole name."""
    name, by = composed(stem), re.escape(composed(artist))
    flags = re.IGNORECASE | re.DOTALL
    found = re.fullmatch(rf"{by}\s*-\s*(.+)", name, flags)
    if found is None or not found[1].strip():
        found = re.fullmatch(rf"(.+?)\s*-\s*{by}", name, flags)
    title = found[1].strip() if found else ""
    return title or name.strip() or name


def matching_video(title: str, videos: Sequence[Named]) -> Named | None:
    """The video of the same title, else the first whose title contains it or is in it."""
    wanted = _folded(title)
    for video in videos:
        if _folded(video.title) == wanted:
            return video
    for video in videos:
        other = _folded(video.title)
        if other and wanted and (other in wanted or wanted in other):
            return video
    return None


def certainty(title: str, youtube_id: str | None, artist: str, file_name: str) -> int:
    """How surely a file is the film of a video: 3 by its id, 2 by its title, 1 by its title among other words, 0 not.

    A single word among others is no title: `Love` is not `Love Me Do`.
    """
    stem = file_name.rpartition(".")[0]
    if youtube_id and len(youtube_id) > 5 and youtube_id in stem:
        return 3
    wanted, said = _words(title), _words(extracted_title(stem, artist))
    if not wanted or wanted == said:
        return 2 if wanted else 0
    size = len(wanted)
    inside = size > 1 and any(said[at : at + size] == wanted for at in range(len(said)))
    return 1 if inside else 0


def likeliest(rated: Iterable[tuple[int, str]]) -> list[str]:
    """The files that may be the film, the surest first."""
    return [name for rank, name in sorted(rated, key=lambda one: -one[0]) if rank]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", _folded(text[:_LONGEST]))


def _folded(text: str) -> str:
    return composed(composed(text).casefold())


def _artist_id(value: Any) -> int | None:
    if not value:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadField("artist_id", "the id of an artist")
    found = row_id(value)
    if found is None:
        raise NotFound(NO_ARTIST)
    return found
