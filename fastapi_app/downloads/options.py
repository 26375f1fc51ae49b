"""What yt-dlp is told. Nothing comes from a configuration file, a plugin or the environment. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fastapi_app.downloads.quality import Choice

STEM = "film"
"""What the files in a job's own folder are called."""
_DEMUXERS = "mov,mp4,matroska,webm,mpegts,mpeg,flv,avi,asf,ogg,aac,mp3,flac,wav,webvtt,srt,ass"
LOCAL_ONLY = ("-protocol_whitelist", "file,pipe", "-format_whitelist", _DEMUXERS)
"""For ffmpeg, before an input: a file that calls itself a film may be a playlist that names other addresses."""
JAVASCRIPT = ("deno", "node")
"""What may run YouTube's JavaScript, the first that is there. Deno comes with us; it keeps it from files and net."""


@dataclass(frozen=True)
class Pace:
    """How gently a site is asked, and how patiently. Seconds, and numbers of tries."""

    request_pause: float = 0.75
    subtitle_pause: float = 5.0
    socket_timeout: float = 30.0
    retries: int = 5
    longest_pause: float = 30.0

    def wait(self, attempt: int) -> float:
        """The pause after a try, counted from 0, that failed."""
        return float(min(2.0**attempt, self.longest_pause))


@dataclass(frozen=True)
class Surroundings:
    """What every use of yt-dlp has in common."""

    ffmpeg: str
    logger: Any
    pace: Pace
    cookies: IO[str] | None = None
    allow_private: bool = False


def common(around: Surroundings) -> dict[str, Any]:
    """For looking at an address."""
    pace = around.pace
    return {
        "quiet": True,
        "noprogress": True,
        "logger": around.logger,
        "color": "no_color",
        "ignoreerrors": False,
        "cachedir": False,
        "usenetrc": False,
        "enable_file_urls": False,
        "cookiefile": around.cookies,
        # A proxy of the environment would be asked in our stead, and no address could be checked.
        **({} if around.allow_private else {"proxy": ""}),
        "ffmpeg_location": around.ffmpeg,
        "postprocessor_args": {"ffmpeg_i": list(LOCAL_ONLY)},
        "js_runtimes": {name: {} for name in JAVASCRIPT},
        "socket_timeout": pace.socket_timeout,
        "sleep_interval_requests": pace.request_pause,
        "retries": pace.retries,
        "fragment_retries": pace.retries,
        "extractor_retries": min(pace.retries, 3),
        "file_access_retries": 1,
        "retry_sleep_functions": dict.fromkeys(("http", "fragment", "extractor"), _sleep(pace)),
    }


def for_film(
    around: Surroundings, choice: Choice, folder: Path, hook: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """For fetching one film into a folder of its own, where a part of it may lie already."""
    return {
        **common(around),
        "format": choice.format,
        "format_sort": list(choice.sort),
        "merge_output_format": choice.container,
        "noplaylist": True,
        "playlist_items": "1:2",
        "paths": {"home": str(folder)},
        "outtmpl": {"default": f"{STEM}.%(ext)s"},
        "progress_hooks": [hook],
        "continuedl": True,
        "overwrites": None,
        "updatetime": False,
        "skip_unavailable_fragments": False,
        # One stream of fragments, and never by a program: ffmpeg would open addresses that nobody checked.
        "concurrent_fragment_downloads": 1,
        "external_downloader": {"default": "native"},
        "hls_prefer_native": True,
    }


def for_extras(around: Surroundings, folder: Path, languages: tuple[str, ...]) -> dict[str, Any]:
    """For the picture and the subtitles of a film that is there. Their absence is no failure."""
    return {
        **common(around),
        "ignoreerrors": True,
        "skip_download": True,
        "noplaylist": True,
        "paths": {"home": str(folder)},
        "outtmpl": {"default": f"{STEM}.%(ext)s"},
        "writethumbnail": True,
        "writesubtitles": bool(languages),
        "writeautomaticsub": bool(languages),
        "subtitleslangs": list(languages),
        "subtitlesformat": "vtt/best",
        "sleep_interval_subtitles": around.pace.subtitle_pause,
        "postprocessors": [{"key": "FFmpegSubtitlesConvertor", "format": "vtt", "when": "before_dl"}],
        "external_downloader": {"default": "native"},
    }


def for_look(around: Surroundings, most: int) -> dict[str, Any]:
    """For what there is to know about an address: a playlist is listed, not followed."""
    return {**common(around), "extract_flat": "in_playlist", "playlist_items": f"1:{most}", "lazy_playlist": False}


def _sleep(pace: Pace) -> Callable[..., float]:
    def wait(n: int = 0) -> float:
        return pace.wait(n)

    return wait
