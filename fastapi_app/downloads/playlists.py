"""Every film of a playlist as a download of its own. What the job of kind `playlist-download` runs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from fastapi_app.downloads import metadata, options
from fastapi_app.downloads.addresses import is_askable
from fastapi_app.downloads.failures import MESSAGES, ErrorClass, failure
from fastapi_app.downloads.information import open_fetcher
from fastapi_app.downloads.options import Pace
from fastapi_app.downloads.payload import Download, PlaylistDownload, subject
from fastapi_app.downloads.preferences import read
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.jobs.work import Done, Work

_TOPIC = " - Topic"
"""What YouTube puts behind the names of channels that it made for artists."""
_GONE = frozenset({"[private video]", "[deleted video]"})
_LISTS = ("tab", "playlist")
"""How yt-dlp names the extractors of what lists films: a channel's entries are its tabs."""
_TITLE_LENGTH = 500
_ARTIST_LENGTH = 255


def expand(work: Work) -> Done:
    """Lists the playlist, then hands its films in: all of them together with the end of this job, or none.

    The result has a line for each film: whether it was handed in, under which `subject`, or why not.
    """
    payload = PlaylistDownload.model_validate(work.task.payload)
    work.progress(stage="extracting")
    with work.session() as session:
        pause = read(session).request_pause
    fetcher = open_fetcher(work.config, Pace(request_pause=pause))
    found = fetcher.look(payload.url.strip(), options.for_look(fetcher.around, payload.limit))
    entries = [one for one in found.get("entries") or () if one] if "entries" in found else [found]
    if not entries:
        raise failure(ErrorClass.UNSUPPORTED_URL, "The playlist is empty", fetcher.transcript.text)
    lines = [line(one, payload) for one in entries[: payload.limit]]
    downloads = [download for _, download in lines if download is not None]

    def write(session: Session) -> None:
        for download in downloads:
            submit_download(session, download, user_id=work.task.user_id)

    return Done(_summary(metadata.entry(found)["title"], [result for result, _ in lines]), write)


def line(entry: Mapping[str, Any], payload: PlaylistDownload) -> tuple[dict[str, Any], Download | None]:
    """What the result says of one film, and the download to hand in, None where there is none. Pure."""
    facts = metadata.entry(entry)
    url, title = facts["url"] or "", facts["title"] or facts["id"] or "Unknown"
    shown = {"title": title, "url": url}
    if title.lower() in _GONE:
        return {**shown, "success": False, "error": MESSAGES[ErrorClass.NOT_FOUND]}, None
    if str(entry.get("ie_key") or "").lower().endswith(_LISTS):
        return {**shown, "success": False, "error": "This is a playlist of its own"}, None
    if not is_askable(url):
        return {**shown, "success": False, "error": MESSAGES[ErrorClass.UNSUPPORTED_URL]}, None
    artist = payload.artist or (facts["uploader"] or "").removesuffix(_TOPIC) or "Unknown"
    download = Download(
        url=url,
        artist=artist[:_ARTIST_LENGTH],
        title=title[:_TITLE_LENGTH],
        quality=payload.quality,
        subtitles=payload.subtitles,
    )
    return {**shown, "success": True, "subject": subject(download)}, download


def _summary(title: str | None, results: list[dict[str, Any]]) -> dict[str, Any]:
    handed_in = sum(1 for result in results if result["success"])
    return {
        "title": title,
        "total": len(results),
        "success_count": handed_in,
        "failed_count": len(results) - handed_in,
        "results": results,
    }
