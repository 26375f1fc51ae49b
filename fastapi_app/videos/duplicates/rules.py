"""Merging videos so that nothing is lost. Pure: rows are mappings of column names to values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest, NotFound
from fastapi_app.models import VideoStatus
from fastapi_app.videos.bulk.ids import row_id
from fastapi_app.videos.bulk.rules import MOST_VIDEOS
from fastapi_app.videos.rules import IMVDB_LENGTH

KEEP_PRIMARY = "keep_primary"
MERGE_DATA = "merge_data"
STRATEGIES = (KEEP_PRIMARY, MERGE_DATA)
REMAINS = "merged_videos"
"""The member of `video_metadata` that holds what the kept video had no room for."""

_FILLED = ("year", "thumbnail_url", "url")
_NAMES = (("imvdb_id",), ("youtube_id", "youtube_url"), ("playlist_id", "playlist_position"))
_PICTURE = ("thumbnail_path", "thumbnail_source", "thumbnail_metadata", "thumbnail_uploaded_at")
_PASSING = frozenset({"updated_at"})
_NOTHING = (None, "")

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Merge:
    """Which video stays, as it was sent and as an id, which ones go into it, and how."""

    sent: Any
    primary: int
    duplicates: tuple[int, ...]
    strategy: str


@dataclass
class Absorbed:
    """What one duplicate leaves behind: columns of the kept video, and what the client is told of them."""

    changes: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    second_film: bool = False
    """Both videos have a film. The row has room for one, so the other stays as a download of the kept video."""


def wanted(body: Any) -> Merge:
    """Reads the body of a merge. Raises BadRequest, and NotFound for an id that no row can have."""
    given = body if isinstance(body, dict) else {}
    sent, others = given.get("primary_id"), given.get("duplicate_ids")
    if not sent or not others:
        raise BadRequest("primary_id and duplicate_ids are required")
    if not isinstance(others, list) or len(others) > MOST_VIDEOS:
        raise BadField("duplicate_ids", f"a list of at most {MOST_VIDEOS} ids")
    strategy = given.get("merge_strategy", KEEP_PRIMARY)
    if strategy not in STRATEGIES:
        raise BadField("merge_strategy", f"one of {', '.join(STRATEGIES)}")
    primary = video_id(sent, "primary_id", "Primary video not found")
    missing = "One or more duplicate videos not found"
    duplicates = tuple(video_id(value, "duplicate_ids", missing) for value in others)
    if primary in duplicates:
        raise BadRequest("duplicate_ids must not name the primary video")
    if len(set(duplicates)) < len(duplicates):
        raise NotFound(missing)
    return Merge(sent, primary, tuple(sorted(duplicates)), strategy)


def detection(body: Any) -> tuple[int, str, Any]:
    """The video, the IMVDb id, and that id as it was sent. Raises BadRequest or NotFound."""
    given = body if isinstance(body, dict) else {}
    if not given.get("video_id") or not given.get("imvdb_id"):
        raise BadRequest("video_id and imvdb_id are required")
    imvdb_id = fields.text(given["imvdb_id"], "imvdb_id", IMVDB_LENGTH)
    return video_id(given["video_id"], "video_id", "Video not found"), imvdb_id, given["imvdb_id"]


def video_id(value: Any, name: str, missing: str) -> int:
    """The id that a member of the body names. Raises BadField for lists and the like, NotFound for other nonsense."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadField(name, "the id of a video")
    found = row_id(value)
    if found is None:
        raise NotFound(missing)
    return found


def absorb(kept: Values, duplicate: Values, strategy: str) -> Absorbed:
    """What the kept video takes over: films, pictures, names and playlists always, facts where data is merged.

    It never gives up a value of its own.
    """
    taken = Absorbed()
    if strategy == MERGE_DATA:
        _fill(kept, duplicate, taken)
    for group in _NAMES:
        if not kept[group[0]] and duplicate[group[0]]:
            taken.changes |= {name: duplicate[name] for name in group if kept[name] in _NOTHING}
    _take_film(kept, duplicate, taken)
    _take_picture(kept, duplicate, taken)
    return taken


def remains(kept: Values, duplicate: Values) -> dict[str, Any]:
    """Everything that a duplicate knew and that the kept video, as it is now, does not say."""
    return {
        name: storable(value)
        for name, value in duplicate.items()
        if name == "id" or (name not in _PASSING and value not in _NOTHING and value != kept[name])
    }


def with_remains(metadata: Any, left: dict[str, Any]) -> dict[str, Any]:
    """The metadata of the kept video with the remains of one more duplicate."""
    before = storable(metadata)
    known = before if isinstance(before, dict) else {} if before is None else {"value": before}
    earlier = known.get(REMAINS)
    return {**known, REMAINS: [*(earlier if isinstance(earlier, list) else []), left]}


def storable(value: Any) -> Any:
    """A column's value as JSON that every database takes: dates as text, numbers without end as none."""
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, datetime) else value


def _fill(kept: Values, duplicate: Values, taken: Absorbed) -> None:
    for name in _FILLED:
        if not kept[name] and duplicate[name]:
            taken.changes[name] = taken.told[name] = duplicate[name]
    if not kept["imvdb_metadata"] and duplicate["imvdb_metadata"]:
        taken.changes["imvdb_metadata"] = storable(duplicate["imvdb_metadata"])
        taken.told["imvdb_metadata"] = "merged"


def _take_film(kept: Values, duplicate: Values, taken: Absorbed) -> None:
    film = duplicate["local_path"]
    if not film or film == kept["local_path"]:
        return
    if kept["local_path"]:
        taken.second_film = True
        return
    taken.changes["local_path"] = taken.told["local_path"] = film
    if not kept["quality"] and duplicate["quality"]:
        taken.changes["quality"] = duplicate["quality"]
    if duplicate["status"] is VideoStatus.DOWNLOADED:
        taken.changes["status"] = VideoStatus.DOWNLOADED


def _take_picture(kept: Values, duplicate: Values, taken: Absorbed) -> None:
    """The stored picture, unless the kept video has one of its own, stored or by address."""
    address = kept["thumbnail_url"]
    if (
        duplicate["thumbnail_path"]
        and not kept["thumbnail_path"]
        and address in (*_NOTHING, duplicate["thumbnail_url"])
    ):
        taken.changes |= {name: storable(duplicate[name]) for name in _PICTURE[:-1]}
        taken.changes[_PICTURE[-1]] = duplicate[_PICTURE[-1]]
