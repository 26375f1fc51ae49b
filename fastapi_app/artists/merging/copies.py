"""Deciding which videos of merged artists are one and the same. Pure.

Two rows are the same video when they have the same YouTube id. They become one row only where nothing gets lost: not
when both have a file, or different IMVDb ids, or one is being downloaded. Titles prove nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi_app.models import Video, VideoStatus

_OWN = frozenset({"id", "artist_id", "status", "created_at", "updated_at"})
"""Columns that a row never takes over from its copy."""


@dataclass(frozen=True)
class Copy:
    """What tells whether two rows may become one."""

    id: int
    artist_id: int
    youtube_id: str
    imvdb_id: str | None
    local_path: str | None
    status: VideoStatus | None


@dataclass(frozen=True)
class Pair:
    """The row that stays, and the one that goes into it."""

    kept: int
    dropped: int


def pairs(copies: Sequence[Copy], primary: int) -> list[Pair]:
    """Which rows go into which, in the order in which it must be done."""
    groups: dict[str, list[Copy]] = {}
    for copy in sorted(copies, key=lambda row: (row.artist_id != primary, row.artist_id, row.id)):
        groups.setdefault(copy.youtube_id, []).append(copy)
    return [pair for group in groups.values() for pair in _folded(group)]


def filled(kept: Mapping[str, Any], dropped: Mapping[str, Any]) -> dict[str, Any]:
    """What the row that stays takes over: whatever it lacks."""
    names = [column.name for column in Video.__table__.columns if column.name not in _OWN]
    changes = {name: dropped[name] for name in names if kept[name] in (None, "") and dropped[name] not in (None, "")}
    if kept["status"] is None and dropped["status"] is not None:
        changes["status"] = dropped["status"]
    return changes


def _folded(group: Sequence[Copy]) -> Iterator[Pair]:
    stays, *others = group
    for other in others:
        if other.artist_id == stays.artist_id or not _may_be_one(stays, other):
            continue
        kept, dropped = (other, stays) if other.local_path and not stays.local_path else (stays, other)
        yield Pair(kept.id, dropped.id)
        stays = replace(kept, imvdb_id=kept.imvdb_id or dropped.imvdb_id)


def _may_be_one(first: Copy, second: Copy) -> bool:
    if VideoStatus.DOWNLOADING in (first.status, second.status):
        return False
    if first.imvdb_id and second.imvdb_id:
        return False
    return not (first.local_path and second.local_path)
