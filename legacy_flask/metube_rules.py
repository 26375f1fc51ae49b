"""Downloads in the shapes of 0.9, and what clients ask of them. Pure."""

from collections.abc import Mapping
from typing import Any

from fastapi_app.models import INTEGER_MAX, Job
from legacy_flask import fields
from legacy_flask.dates import iso
from legacy_flask.download_names import file_name, is_address
from legacy_flask.errors import BadField, BadRequest
from legacy_flask.job_rows import STATUS, Wish

STOPPED = "Download stopped by user"
_ARTIST, _TITLE, _URL, _QUALITY = 255, 500, 2000, 50
_DEFAULT_LIMIT = 50
_MOST_MINUTES = 525_600


def read_wish(body: Any) -> Wish:
    """A download of any address. Raises BadRequest."""
    given = body if isinstance(body, dict) else {}
    for name in ("artist", "title", "url"):
        if name not in given:
            raise BadRequest(f"{name} is required", success=False)
    artist = _text(given["artist"], "artist", _ARTIST)
    title = _text(given["title"], "title", _TITLE)
    url = _text(given["url"], "url", _URL)
    if not is_address(url):
        raise BadField("url", "an address that begins with http:// or https://")
    quality = "" if given.get("quality") is None else fields.text(given["quality"], "quality", _QUALITY)
    wanted = given.get("download_subtitles")
    subtitles = None if wanted is None else fields.truth(wanted, "download_subtitles", default=False)
    return Wish(artist, title, url, _video_id(given.get("video_id")), quality, subtitles)


def read_limit(query: Mapping[str, str]) -> int | None:
    """How many downloads a history shows, None for all."""
    limit = fields.tolerant_number(query.get("limit"))
    limit = _DEFAULT_LIMIT if limit is None else limit
    return min(limit, INTEGER_MAX) if limit > 0 else None


def read_minutes(body: Any) -> int:
    """After how many minutes a download without progress is stuck. Raises BadRequest."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = (body or {}).get("minutes", 10)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _MOST_MINUTES:
        raise BadField("minutes", f"a whole number between 0 and {_MOST_MINUTES}")
    return given


def item(job: Job, library: str) -> dict[str, Any]:
    """A job as 0.9 showed a download. `library` is the stored path of the films."""
    told = job.payload if isinstance(job.payload, dict) else {}
    done = job.result if isinstance(job.result, dict) else {}
    artist = told.get("artist") or "Unknown"
    return {
        "id": job.id,
        "artist": artist,
        "artist_folder_path": None,
        "title": told.get("title") or "",
        "url": told.get("url") or "",
        "quality": told.get("quality") or "best",
        "video_id": told.get("video_id"),
        "download_subtitles": bool(told.get("subtitles")),
        "status": STATUS.get(job.state, job.state),
        "progress": 100 if job.state == "completed" else job.percent or 0,
        "output_dir": f"{library}/{file_name(artist)}",
        "created_at": iso(job.created_at),
        "started_at": iso(job.started_at),
        "completed_at": iso(job.finished_at),
        "error_message": STOPPED if job.state == "cancelled" else job.error_message,
        "file_path": done.get("path"),
        "file_size": done.get("bytes"),
    }


def _video_id(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= INTEGER_MAX:
        raise BadField("video_id", f"a whole number between 1 and {INTEGER_MAX}")
    return value


def _text(value: Any, field: str, limit: int) -> str:
    found = fields.text(value, field, limit).strip()
    if not found:
        raise BadField(field, "text that says something")
    return found
