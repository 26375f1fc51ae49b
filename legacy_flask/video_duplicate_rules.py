"""Merging videos so that nothing is lost. Pure: rows are mappings of column names to values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from fastapi_app.models import VideoStatus
from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest, NotFound
from legacy_flask.video_bulk_rules import MOST_VIDEOS, row_id

Columns = Mapping[str, Any]

NO_PRIMARY = "Primary video not found"
NO_DUPLICATE = "One or more duplicate videos not found"
_IMVDB_ID = 100
_REMAINS = "merged_videos"
_EMPTY = (None, "")


class Merge(NamedTuple):
    """Which video stays, as it was sent and as an id, and which go into it; with their facts, or without."""

    sent: Any
    primary: int
    duplicates: list[int]
    strategy: str


class Inheritance(NamedTuple):
    """The columns that the kept video takes over, what the client hears of it, and whether a film is left over."""

    columns: dict[str, Any]
    told: dict[str, Any]
    second_film: bool


def read_detection(body: Any) -> tuple[int, str, Any]:
    """The video, the IMVDb id, and that as it was sent."""
    given = body if isinstance(body, dict) else {}
    if not given.get("video_id") or not given.get("imvdb_id"):
        raise BadRequest("video_id and imvdb_id are required")
    imvdb_id = fields.text(given["imvdb_id"], "imvdb_id", _IMVDB_ID)
    return _id(given["video_id"], "video_id", "Video not found"), imvdb_id, given["imvdb_id"]


def read_merge(body: Any) -> Merge:
    """Raises BadRequest, and NotFound for ids that no row can have."""
    given = body if isinstance(body, dict) else {}
    sent, others = given.get("primary_id"), given.get("duplicate_ids")
    if not sent or not others:
        raise BadRequest("primary_id and duplicate_ids are required")
    if not isinstance(others, list) or len(others) > MOST_VIDEOS:
        raise BadField("duplicate_ids", f"a list of at most {MOST_VIDEOS} ids")
    strategy = given.get("merge_strategy", "keep_primary")
    if strategy not in ("keep_primary", "merge_data"):
        raise BadField("merge_strategy", "one of keep_primary, merge_data")
    primary = _id(sent, "primary_id", NO_PRIMARY)
    duplicates = [_id(other, "duplicate_ids", NO_DUPLICATE) for other in others]
    if primary in duplicates:
        raise BadRequest("duplicate_ids must not name the primary video")
    if len(duplicates) != len(set(duplicates)):
        raise NotFound(NO_DUPLICATE)
    return Merge(sent, primary, duplicates, strategy)


def inherit(kept: Columns, gone: Columns, strategy: str) -> Inheritance:
    """Films, pictures, ids and playlists go over where the kept video has none; with merge_data, facts do too."""
    columns: dict[str, Any] = {}
    told: dict[str, Any] = {}
    if strategy == "merge_data":
        for name in ("year", "thumbnail_url", "url"):
            if gone[name] and not kept[name]:
                columns[name] = told[name] = gone[name]
        if gone["imvdb_metadata"] and not kept["imvdb_metadata"]:
            columns["imvdb_metadata"], told["imvdb_metadata"] = as_json(gone["imvdb_metadata"]), "merged"
    for group in (("imvdb_id",), ("youtube_id", "youtube_url"), ("playlist_id", "playlist_position")):
        if gone[group[0]] and not kept[group[0]]:
            columns.update({name: gone[name] for name in group if kept[name] in _EMPTY})
    columns.update(_picture(kept, gone))
    film = _film(kept, gone)
    if film:
        told["local_path"] = film["local_path"]
    second = bool(gone["local_path"] and kept["local_path"] and gone["local_path"] != kept["local_path"])
    return Inheritance({**columns, **film}, told, second)


def metadata_with(kept: Columns, gone: Columns) -> dict[str, Any]:
    """The metadata of the kept video, and in it whatever the other one knew and the kept one does not say."""
    left = {
        name: as_json(value)
        for name, value in gone.items()
        if name == "id" or (name != "updated_at" and value not in _EMPTY and value != kept[name])
    }
    known = as_json(kept["video_metadata"])
    if not isinstance(known, dict):
        known = {} if known is None else {"value": known}
    earlier = known.get(_REMAINS)
    return {**known, _REMAINS: [*(earlier if isinstance(earlier, list) else []), left]}


def as_json(value: Any) -> Any:
    """A column's value as JSON that a database takes: dates as text, numbers without end as none."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, list):
        return [as_json(member) for member in value]
    return {key: as_json(member) for key, member in value.items()} if isinstance(value, dict) else value


def _id(value: Any, field: str, missing: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadField(field, "the id of a video")
    found = row_id(value)
    if found is None:
        raise NotFound(missing)
    return found


def _film(kept: Columns, gone: Columns) -> dict[str, Any]:
    if kept["local_path"] or not gone["local_path"]:
        return {}
    film = {"local_path": gone["local_path"]}
    if gone["quality"] and not kept["quality"]:
        film["quality"] = gone["quality"]
    if gone["status"] is VideoStatus.DOWNLOADED:
        film["status"] = VideoStatus.DOWNLOADED
    return film


def _picture(kept: Columns, gone: Columns) -> dict[str, Any]:
    """The stored picture, unless the kept video has another one, stored or by address."""
    other_address = kept["thumbnail_url"] and kept["thumbnail_url"] != gone["thumbnail_url"]
    if kept["thumbnail_path"] or other_address or not gone["thumbnail_path"]:
        return {}
    return {
        "thumbnail_path": gone["thumbnail_path"],
        "thumbnail_source": gone["thumbnail_source"],
        "thumbnail_metadata": as_json(gone["thumbnail_metadata"]),
        "thumbnail_uploaded_at": gone["thumbnail_uploaded_at"],
    }
