"""Deciding what becomes of artists that are merged into one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi_app.artists.ids import artist_id, artist_ids, members
from fastapi_app.errors import BadRequest

Columns = Mapping[str, Any]
"""One row by column name."""

_FACTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("imvdb_id",), ("imvdb_metadata",)),
    (("spotify_id",), ()),
    (("lastfm_name",), ()),
    (("thumbnail_url", "thumbnail_path"), ("thumbnail_source", "thumbnail_metadata", "thumbnail_uploaded_at")),
)
"""Columns of which any tells that the fact is known, and those that only mean something beside them."""


@dataclass(frozen=True)
class Merge:
    """Which artists go into which. None is an id that no artist has."""

    primary: int | None
    secondaries: tuple[int | None, ...]

    @property
    def everybody(self) -> list[int]:
        return sorted(row_id for row_id in {self.primary, *self.secondaries} if row_id is not None)


def merge(body: Any) -> Merge:
    """Raises BadRequest: for members that are missing, an artist that is named twice, and a merge into itself."""
    given = members(body, ("primary_artist_id", "secondary_artist_ids"))
    secondaries = artist_ids(given["secondary_artist_ids"], "secondary_artist_ids")
    primary = artist_id(given["primary_artist_id"], "primary_artist_id")
    known = [row_id for row_id in secondaries if row_id is not None]
    if primary in known:
        raise BadRequest("primary_artist_id cannot be in secondary_artist_ids")
    if len(set(known)) != len(known):
        raise BadRequest("secondary_artist_ids must name each artist once")
    return Merge(primary, tuple(secondaries))


def united(primary: Columns, others: Sequence[Columns]) -> dict[str, Any]:
    """What changes in the row that stays: flags that any of them has, all keywords, and facts that it lacks."""
    changes: dict[str, Any] = {}
    for flag in ("monitored", "auto_download"):
        if not primary[flag] and any(other[flag] for other in others):
            changes[flag] = True
    keywords = _keywords([primary, *others])
    if keywords != _keywords([primary]):
        changes["keywords"] = keywords
    for telling, beside in _FACTS:
        giver = next((other for other in others if _knows(other, telling)), None)
        if giver is not None and not _knows(primary, telling):
            columns = (*telling, *beside)
            changes |= {column: giver[column] for column in columns if giver[column] is not None}
    return changes


def _knows(row: Columns, telling: Sequence[str]) -> bool:
    return any(row[column] for column in telling)


def _keywords(rows: Sequence[Columns]) -> list[Any]:
    """The keywords of several artists, each once, in order. A text that old rows hold instead of a list is one."""
    found: list[Any] = []
    for stored in (row["keywords"] for row in rows):
        words = stored if isinstance(stored, list) else [stored] if stored and isinstance(stored, str) else []
        found += [word for word in words if word not in found]
    return found
