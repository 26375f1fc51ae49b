"""What there is to know about an address. What the job of kind `info` runs."""

import time
from typing import Any

from fastapi_app.config import Config
from fastapi_app.downloads import cookies, metadata, options
from fastapi_app.downloads.fetching import Fetcher
from fastapi_app.downloads.options import Pace, Surroundings
from fastapi_app.downloads.payload import Information
from fastapi_app.downloads.preferences import read
from fastapi_app.downloads.transcript import Transcript
from fastapi_app.jobs.work import Done, Work
from fastapi_app.operations.ffmpeg import executable

_MOST_ENTRIES = 100


def look(work: Work) -> Done:
    """Answers facts about a film, or the first entries of a playlist; never addresses of files, nor cookies."""
    payload = Information.model_validate(work.task.payload)
    work.progress(stage="extracting")
    with work.session() as session:
        pause = read(session).request_pause
    fetcher = open_fetcher(work.config, Pace(request_pause=pause))
    found = fetcher.look(payload.url.strip(), options.for_look(fetcher.around, _MOST_ENTRIES))
    return Done(_told(found))


def open_fetcher(config: Config, pace: Pace) -> Fetcher:
    """yt-dlp as a job uses it, with the user's cookies."""
    transcript = Transcript()
    around = Surroundings(executable(), transcript, pace, cookies.load(config), config.allow_private_addresses)
    return Fetcher(around, transcript, time.time)


def _told(found: dict[str, Any]) -> dict[str, Any]:
    if found.get("_type") not in {"playlist", "multi_video"}:
        return {"type": "video", **metadata.shown(found)}
    entries = [entry for entry in found.get("entries") or () if entry]
    return {
        "type": "playlist",
        **{name: metadata.shown(found)[name] for name in ("id", "url", "title", "uploader")},
        "count": found.get("playlist_count") or len(entries),
        "entries": [metadata.entry(one) for one in entries[:_MOST_ENTRIES]],
    }
