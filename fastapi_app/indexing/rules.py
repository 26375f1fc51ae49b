"""Reading what a client wants indexed, and saying what came of it. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import INTEGER_MAX

NO_ARTIST = "Could not extract artist name from file or folder"
UNNAMEABLE = "The name of the file is not text, or too long"
CHANGED = "Somebody else changed this video just now"
PATH_REQUIRED = "file_path is required"


@dataclass
class Indexed:
    """What became of one film."""

    file_path: str
    success: bool = False
    error: str | None = None
    artist_name: str | None = None
    video_title: str | None = None
    artist_created: bool = False
    video_created: bool = False
    download_created: bool = False
    imvdb_metadata_found: bool = False
    thumbnail_downloaded: bool = False
    already_indexed: bool = False


def most_files(body: Any) -> int | None:
    """How many films to index, None for all. Raises BadRequest."""
    given = _object(body)
    fields.boolean(given.get("fetch_metadata"), "fetch_metadata", default=True)
    most = given.get("max_files")
    if most is None:
        return None
    if isinstance(most, bool) or not isinstance(most, int) or not 0 <= most <= INTEGER_MAX:
        raise BadField("max_files", f"a whole number between 0 and {INTEGER_MAX}, or null")
    return most or None


def file_path(body: Any) -> str:
    """The path to index. Raises BadRequest."""
    given = _object(body)
    if "file_path" not in given:
        raise BadRequest(PATH_REQUIRED, success=False)
    fields.boolean(given.get("fetch_metadata"), "fetch_metadata", default=True)
    path = given["file_path"]
    if not isinstance(path, str):
        raise BadField("file_path", "text")
    return fields.plain(path, "file_path")


def folder_of(stored: str, library: str) -> str:
    """The first folder below the library in which a film lies, empty for none."""
    path, shelf = PurePosixPath(stored), PurePosixPath(library)
    below = path.relative_to(shelf).parts if shelf in path.parents else ()
    return below[0] if len(below) > 1 else ""


def coverage(part: int, total: int) -> float:
    """`part` in percent."""
    return round(part / total * 100, 2) if total else 0


def summary(results: Sequence[Indexed]) -> dict[str, Any]:
    """The counts of many results, and the results."""
    new = [one for one in results if one.success and not one.already_indexed]
    return {
        "total_files": len(results),
        "processed": len(results),
        "successful": len(new),
        "failed": sum(1 for one in results if not one.success),
        "already_indexed": sum(1 for one in results if one.success and one.already_indexed),
        "artists_created": sum(1 for one in results if one.artist_created),
        "videos_created": sum(1 for one in results if one.video_created),
        "downloads_created": sum(1 for one in results if one.download_created),
        "imvdb_metadata_found": 0,
        "thumbnails_downloaded": 0,
        "results": [asdict(one) for one in results],
    }


def _object(body: Any) -> dict[str, Any]:
    """The body; one that says nothing is empty."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body or {}
