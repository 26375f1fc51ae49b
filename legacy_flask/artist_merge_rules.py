"""What becomes of artists that are merged, and of the videos that they both have. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi_app.models import Artist, Video, VideoStatus
from legacy_flask.artist_bulk_rules import known, read_id, read_ids, required
from legacy_flask.errors import BadRequest

_FACTS = (
    (("imvdb_id",), ("imvdb_id", "imvdb_metadata")),
    (("spotify_id",), ("spotify_id",)),
    (("lastfm_name",), ("lastfm_name",)),
    (
        ("thumbnail_url", "thumbnail_path"),
        ("thumbnail_url", "thumbnail_path", "thumbnail_source", "thumbnail_metadata", "thumbnail_uploaded_at"),
    ),
)
"""Where an artist has none of the first columns, all of the second come from the first one that has."""
_NEVER_FILLED = ("id", "artist_id", "status", "created_at", "updated_at")


@dataclass(frozen=True)
class Merge:
    """Which artists go into which. None is the id of nobody."""

    primary: int | None
    secondaries: list[int | None]

    @property
    def ids(self) -> list[int]:
        return known([self.primary, *self.secondaries])


@dataclass
class Copy:
    """A video that YouTube knows, as far as it matters here."""

    id: int
    artist_id: int
    youtube_id: str | None
    imvdb_id: str | None
    local_path: str | None
    status: VideoStatus | None


def read_merge(body: Any) -> Merge:
    """Raises BadRequest, also for an artist that is named twice."""
    data = required(body, "primary_artist_id", "secondary_artist_ids")
    secondaries = read_ids(data["secondary_artist_ids"], "secondary_artist_ids")
    primary = read_id(data["primary_artist_id"], "primary_artist_id")
    if primary is not None and primary in secondaries:
        raise BadRequest("primary_artist_id cannot be in secondary_artist_ids")
    named = [row_id for row_id in secondaries if row_id is not None]
    if len(named) > len(known(secondaries)):
        raise BadRequest("secondary_artist_ids must name each artist once")
    return Merge(primary, secondaries)


def changes(primary: Artist, others: Sequence[Artist]) -> dict[str, Any]:
    """What the artist that stays takes over: flags of any of them, all keywords, and facts that it lacks."""
    found: dict[str, Any] = {}
    for flag in ("monitored", "auto_download"):
        if not getattr(primary, flag) and any(getattr(other, flag) for other in others):
            found[flag] = True
    words = _words([primary, *others])
    if words != _words([primary]):
        found["keywords"] = words
    for marks, columns in _FACTS:
        giver = next((other for other in others if _has(other, marks)), None)
        if giver is not None and not _has(primary, marks):
            found.update((name, getattr(giver, name)) for name in columns if getattr(giver, name) is not None)
    return found


def same_videos(copies: Sequence[Copy], primary: int) -> list[tuple[int, int]]:
    """Pairs of ids: the row that stays, and the one that goes into it, in the order in which it must be done.

    The same YouTube id makes two rows one, unless something would be lost: a second file, another IMVDb id, or a
    download on its way.
    """
    groups: dict[str | None, list[Copy]] = {}
    for copy in sorted(copies, key=lambda one: (one.artist_id != primary, one.artist_id, one.id)):
        groups.setdefault(copy.youtube_id, []).append(copy)
    return [pair for group in groups.values() for pair in _folded(group)]


def lacking(kept: Video, dropped: Video) -> dict[str, Any]:
    """What the row that stays takes from the other."""
    found: dict[str, Any] = {}
    names = [column.name for column in Video.__table__.columns]
    for column in names:
        if column not in _NEVER_FILLED and getattr(kept, column) in (None, ""):
            value = getattr(dropped, column)
            if value not in (None, ""):
                found[column] = value
    if kept.status is None and dropped.status is not None:
        found["status"] = dropped.status
    return found


def _folded(group: list[Copy]) -> Iterator[tuple[int, int]]:
    stays = group[0]
    for other in group[1:]:
        if other.artist_id == stays.artist_id or _would_lose(stays, other):
            continue
        kept, dropped = (other, stays) if other.local_path and not stays.local_path else (stays, other)
        kept.imvdb_id = kept.imvdb_id or dropped.imvdb_id
        stays = kept
        yield kept.id, dropped.id


def _would_lose(one: Copy, other: Copy) -> bool:
    two_files = bool(one.local_path and other.local_path)
    two_entries = bool(one.imvdb_id and other.imvdb_id)
    return two_files or two_entries or VideoStatus.DOWNLOADING in (one.status, other.status)


def _has(artist: Artist, columns: Sequence[str]) -> bool:
    return any(getattr(artist, column) for column in columns)


def _words(artists: Sequence[Artist]) -> list[Any]:
    found: list[Any] = []
    for artist in artists:
        stored = artist.keywords
        if isinstance(stored, str) and stored:
            stored = [stored]
        for word in stored if isinstance(stored, list) else []:
            if word not in found:
                found.append(word)
    return found
