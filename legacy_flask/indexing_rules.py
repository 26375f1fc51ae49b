"""Reading what a client wants indexed, and the settings that say where films are. Pure."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from fastapi_app.models import INTEGER_MAX
from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest

NO_ARTIST = "Could not extract artist name from file or folder"
UNNAMEABLE = "The name of the file is not text, or too long"
CHANGED = "Somebody else changed this video just now"
SETTINGS = ("downloads_path", "music_videos_path", "auto_index_organized_videos")
_OFF = ("", "0", "false", "no", "off")


class Folders(NamedTuple):
    """Where films arrive, where they are kept, and whether those that are organised get rows."""

    downloads: str
    library: str
    indexes: bool


def read_folders(settings: Mapping[str, str | None]) -> Folders:
    downloads, library, indexes = (settings.get(name) for name in SETTINGS)
    return Folders(
        str(PurePosixPath((downloads or "").strip() or "data/downloads")),
        str(PurePosixPath((library or "").strip() or "data/musicvideos")),
        indexes is None or indexes.strip().lower() not in _OFF,
    )


def read_limit(body: Any) -> int | None:
    """How many films to index, None for all."""
    given = _object(body)
    fields.truth(given.get("fetch_metadata"), "fetch_metadata", default=True)
    most = given.get("max_files")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or not 0 <= most <= INTEGER_MAX):
        raise BadField("max_files", f"a whole number between 0 and {INTEGER_MAX}, or null")
    return most or None


def read_path(body: Any) -> str:
    """The path of the film to index."""
    given = _object(body)
    if "file_path" not in given:
        raise BadRequest("file_path is required", success=False)
    fields.truth(given.get("fetch_metadata"), "fetch_metadata", default=True)
    path = given["file_path"]
    if not isinstance(path, str):
        raise BadField("file_path", "text")
    fields.refuse_unstorable(path, "file_path")
    return path


def artist_folder(stored: str, library: str) -> str:
    """The first folder below the library, empty for a film that lies in none."""
    path, shelf = PurePosixPath(stored), PurePosixPath(library)
    if shelf not in path.parents:
        return ""
    below = path.relative_to(shelf).parts
    return below[0] if len(below) > 1 else ""


def percentage(part: int, total: int) -> float:
    return round(part / total * 100, 2) if total else 0


def new_result(path: str) -> dict[str, Any]:
    """What is told of one film, before anything was done with it."""
    done = ("artist_created", "video_created", "download_created", "already_indexed")
    outside = ("imvdb_metadata_found", "thumbnail_downloaded")
    return {
        "file_path": path,
        "success": False,
        "error": None,
        "artist_name": None,
        "video_title": None,
        **dict.fromkeys((*done, *outside), False),
    }


def summarize(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "total_files": len(results),
        "processed": len(results),
        "successful": sum(one["success"] and not one["already_indexed"] for one in results),
        "failed": sum(not one["success"] for one in results),
        "already_indexed": sum(one["success"] and one["already_indexed"] for one in results),
        "artists_created": sum(one["artist_created"] for one in results),
        "videos_created": sum(one["video_created"] for one in results),
        "downloads_created": sum(one["download_created"] for one in results),
        "imvdb_metadata_found": 0,
        "thumbnails_downloaded": 0,
        "results": results,
    }


def _object(body: Any) -> dict[str, Any]:
    """The body; one that says nothing is empty."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body or {}
