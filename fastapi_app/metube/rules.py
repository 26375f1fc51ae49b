"""Downloads in the shapes of 0.9, and what clients ask of them. Pure."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi_app import fields
from fastapi_app.downloads import names
from fastapi_app.downloads.addresses import is_askable
from fastapi_app.downloads.payload import URL_LENGTH, Download
from fastapi_app.errors import AppError, BadField, BadRequest
from fastapi_app.jobs.download_row import STATUS
from fastapi_app.jobs.states import State
from fastapi_app.models import INTEGER_MAX, Job
from fastapi_app.responses import iso
from fastapi_app.videos.rules import ARTIST_LENGTH, TITLE_LENGTH

NOT_FOUND = "Download not found"
NOT_RETRYABLE = "Download not found or not retryable"
_STOPPED = "Download stopped by user"
_REQUIRED = ("artist", "title", "url")
_QUALITY_LENGTH = 50
_LISTED = 50
_STUCK_MINUTES, _MOST_MINUTES = 10, 525_600


def payload(body: Any) -> Download:
    """A download of any address, into the folder of an artist. Raises BadRequest."""
    given = body if isinstance(body, dict) else {}
    for name in _REQUIRED:
        if name not in given:
            raise BadRequest(f"{name} is required")
    artist = _said(given["artist"], "artist", ARTIST_LENGTH)
    title = _said(given["title"], "title", TITLE_LENGTH)
    url = _said(given["url"], "url", URL_LENGTH)
    if not is_askable(url):
        raise BadField("url", "an address that begins with http:// or https://")
    return Download(
        artist=artist,
        title=title,
        url=url,
        quality=fields.text_or_none(given.get("quality"), "quality", _QUALITY_LENGTH) or "",
        subtitles=_flag(given.get("download_subtitles"), "download_subtitles"),
        video_id=_row(given.get("video_id"), "video_id"),
    )


def limit(query: Mapping[str, str]) -> int | None:
    """How many downloads a history shows, None for all: 0 and less mean that."""
    wanted = fields.lenient_integer(query.get("limit"), _LISTED)
    return min(wanted, INTEGER_MAX) if wanted > 0 else None


def stuck_minutes(body: Any) -> int:
    """After how many minutes a download without a byte is stuck. Raises BadRequest."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    minutes = (body or {}).get("minutes", _STUCK_MINUTES)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= _MOST_MINUTES:
        raise BadField("minutes", f"a whole number between 0 and {_MOST_MINUTES}")
    return minutes


def item(job: Job, library: str) -> dict[str, Any]:
    """A job as 0.9 showed a download. `library` is the stored path of the films."""
    told = job.payload if isinstance(job.payload, dict) else {}
    done = job.result if isinstance(job.result, dict) else {}
    state = State(job.state)
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
        "status": STATUS[state],
        "progress": 100 if state is State.COMPLETED else job.percent or 0,
        "output_dir": f"{library}/{names.folder(artist)}",
        "created_at": iso(job.created_at),
        "started_at": iso(job.started_at),
        "completed_at": iso(job.finished_at),
        "error_message": _STOPPED if state is State.CANCELLED else job.error_message,
        "file_path": done.get("path"),
        "file_size": done.get("bytes"),
    }


def dotted(version: str) -> str:
    """yt-dlp's version as it says it itself: packages leave the zeros out of its dates."""
    return ".".join(part.zfill(2) for part in version.split("."))


@contextmanager
def unsuccessful() -> Iterator[None]:
    """Refusals of these routes say `success: false` besides."""
    try:
        yield
    except AppError as error:
        error.more.setdefault("success", False)
        raise


def _said(value: Any, field: str, most: int) -> str:
    text = fields.text(value, field, most).strip()
    if not text:
        raise BadField(field, "text that says something")
    return text


def _flag(value: Any, field: str) -> bool | None:
    return None if value is None else fields.boolean(value, field, default=False)


def _row(value: Any, field: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= INTEGER_MAX:
        raise BadField(field, f"a whole number between 1 and {INTEGER_MAX}")
    return value
