"""What yt-dlp is told, and what it says. Pure."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from legacy_flask.job_claims import Progress

STEM = "film"
"""What the files in a job's own folder are called."""
_PROGRAM = Path(__file__).with_name("yt_dlp_program.py")
_MARK = "mvidarr "
_TOLD = ("downloaded_bytes", "total_bytes", "total_bytes_estimate", "speed", "eta")
_HEIGHTS = {"2160p": 2160, "4k": 2160, "1440p": 1440, "1080p": 1080, "720p": 720, "480p": 480, "360p": 360, "240p": 240}
_HIGHEST = 1080
"""`best` ends there, as in 0.9."""
_LOCAL_ONLY = "ffmpeg_i:-protocol_whitelist file,pipe"
"""A file that calls itself a film may be a playlist that names other addresses."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_REASONS = (
    ("leads into a private network", "private-address", "The address leads into a private network"),
    ("not a bot", "bot-check", "The site asks for proof that this is no robot. Upload fresh cookies, then try again"),
    ("429", "rate-limit", "The site says that it was asked too often"),
    ("403", "forbidden", "The site doesn't hand this film out"),
    ("sign in", "forbidden", "The site doesn't hand this film out without a login"),
    ("404", "not-found", "The film isn't there any more, or it is private"),
    ("unavailable", "not-found", "The film isn't there any more, or it is private"),
    ("unsupported url", "unsupported-url", "No film can be fetched from this address"),
    ("no space left", "disk-full", "The disk of the library is full"),
    ("timed out", "network", "The connection to the site broke off or never came about"),
    ("connection", "network", "The connection to the site broke off or never came about"),
    ("resolve", "network", "The connection to the site broke off or never came about"),
    ("http error 5", "network", "The site is in trouble"),
)
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*://)(?:[^\s/@\"'<>]*@)?([^\s?#\"'<>]*)([^\s\"'<>]*)", re.IGNORECASE)
_SECRET = re.compile(
    r"(cookie|authorization|token|password|secret|api[-_]?key|sig(?:nature)?)(\"?\s*[=:]\s*)\S+", re.IGNORECASE
)


class Surroundings(NamedTuple):
    """The ffmpeg to use, the cookies to send, and whether private networks may be asked."""

    ffmpeg: str
    cookies: Path | None
    allow_private: bool


class Reason(NamedTuple):
    """Why a download failed: the class, and a sentence for people."""

    kind: str
    message: str


def fetch(around: Surroundings, url: str, folder: Path, quality: str, languages: Sequence[str]) -> list[str]:
    """The arguments that fetch one film into a folder. Nothing comes from a configuration file or a plugin."""
    height = _HEIGHTS.get(quality.strip().lower(), _HIGHEST)
    film = ["--format", "bestvideo*+bestaudio/best", "--merge-output-format", "mp4/mkv", "--no-playlist"]
    sort = ["--format-sort", f"res:{height},vcodec:h264,acodec:aac,ext:mp4:m4a"]
    place = ["--output", str(folder / f"{STEM}.%(ext)s"), "--write-info-json", "--no-mtime"]
    subtitles = ["--write-subs", "--write-auto-subs", "--sub-langs", ",".join(languages)] if languages else []
    template = " ".join(f"%(progress.{name})s" for name in _TOLD)
    progress = [
        "--newline",
        "--progress",
        "--progress-delta",
        "0.5",
        "--progress-template",
        f"download:{_MARK}{template}",
    ]
    return [*_common(around), *film, *sort, *place, *subtitles, *progress, "--", url]


def search(around: Surroundings, address: str, artist: str, title: str) -> list[str]:
    """The arguments that print the address of the first film that is found. `address` is what finds, `ytsearch1:`."""
    words = " ".join(f"{artist} {title}".split())
    return [*_common(around), "--print", "webpage_url", "--playlist-items", "1", "--", f"{address}{words}"]


def version() -> list[str]:
    """The arguments that print yt-dlp's version."""
    return [*_python(allow_private=False), "--ignore-config", "--version"]


def read_progress(line: str) -> Progress | None:
    """What a line says of the progress, None for other lines."""
    if not line.startswith(_MARK):
        return None
    done, total, guessed, speed, eta = (_whole(word) for word in line[len(_MARK) :].split(" ")[: len(_TOLD)])
    whole = total or guessed
    percent = round(min(done / whole, 1.0) * 100, 1) if done is not None and whole else None
    return Progress(percent, speed, eta, done, whole)


def languages(text: str) -> list[str]:
    """The languages in a list like `en, pt-BR`."""
    return [part for part in re.split(r"[,;\s]+", text) if _LANGUAGE.fullmatch(part)] or ["en"]


def reason(said: str) -> Reason:
    """Why a download failed, from what yt-dlp said last."""
    text = said.lower()
    for sign, kind, message in _REASONS:
        if sign in text:
            return Reason(kind, message)
    return Reason("extraction", "The site's page could not be read. A newer yt-dlp may help")


def redacted(line: str) -> str:
    """A line without query strings, logins in addresses, cookies and keys."""
    shown = _ADDRESS.sub(lambda found: found[1] + found[2] + ("?…" if found[3] else ""), line)
    return _SECRET.sub(r"\1\2***", shown)[:500]


def _common(around: Surroundings) -> list[str]:
    cookies = ["--cookies", str(around.cookies)] if around.cookies is not None else []
    quiet = ["--ignore-config", "--no-exec", "--no-plugin-dirs", "--no-cache-dir", "--color", "no_color"]
    native = ["--downloader", "native", "--postprocessor-args", _LOCAL_ONLY, "--ffmpeg-location", around.ffmpeg]
    proxy = [] if around.allow_private else ["--proxy", ""]
    patience = ["--socket-timeout", "30", "--abort-on-error"]
    return [*_python(around.allow_private), *quiet, *native, *proxy, *patience, *cookies]


def _python(allow_private: bool) -> list[str]:
    """Python without the current folder in its path."""
    return [sys.executable, "-P", str(_PROGRAM), "any" if allow_private else "public"]


def _whole(word: str) -> int | None:
    try:
        number = int(float(word))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**62 else None
