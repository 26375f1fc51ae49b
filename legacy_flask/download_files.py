"""Where a download lies until it is whole, whether it is a film, and its way into the library."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg

from legacy_flask.configuration import LegacySettings
from legacy_flask.download_command import STEM
from legacy_flask.download_names import file_name
from legacy_flask.download_program import output_of
from legacy_flask.indexing_files import real_folder
from legacy_flask.stored_paths import locate
from legacy_flask.video_film_rules import SUFFIXES

_INCOMING = ".incoming"
_LIBRARY = "data/musicvideos"
_CLOCK = r"(\d+):(\d\d):(\d\d(?:\.\d+)?)"
_DURATION = re.compile(rf"Duration: {_CLOCK}")
_TIME = re.compile(rf"time={_CLOCK}")
_BROKEN = re.compile(r"partial file|corrupt|Invalid data found|moov atom not found")
_READING_SECONDS = 1800.0
_LONGEST_PATH = 500


class DownloadFailed(Exception):
    """A download can't be done; `kind` is the error class, `log` the last lines of whoever knows more."""

    def __init__(self, kind: str, message: str, log: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.log = log


class Library(NamedTuple):
    """The folder of the films: its stored path, and where that is."""

    stored: str
    real: Path


class Placed(NamedTuple):
    """A film under its name: its stored path, where that is, its bytes; `is_new`: it took no other film's place."""

    stored: str
    path: Path
    size: int
    is_new: bool


def library(setting: str, settings: LegacySettings) -> Library:
    """The library that a setting names. Raises DownloadFailed where it is missing: its drive may not be mounted."""
    stored = stored_library(setting)
    real = real_folder(stored, settings)
    if real is None:
        raise DownloadFailed("mount-missing", "The setting music_videos_path names a folder outside the library")
    with suppress(OSError):
        if settings.data_dir.resolve() in real.parents:
            real.mkdir(parents=True, exist_ok=True)
    if not real.is_dir():
        raise DownloadFailed("mount-missing", "The folder of the library is missing. Is its drive mounted?")
    return Library(stored, real)


def stored_library(setting: str) -> str:
    """The stored path of the library."""
    return setting.rstrip("/") or _LIBRARY


def incoming(shelf: Library, job_id: int) -> Path:
    """The empty folder of one job. Raises OSError."""
    folder = shelf.real / _INCOMING / str(job_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    if folder.parent.is_symlink():
        raise NotADirectoryError(f"{_INCOMING} is a link")
    return folder


def drop(folder: Path) -> None:
    """Removes the folder of a job, and the common one once it is empty."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def find_ffmpeg() -> str | None:
    found = shutil.which("ffmpeg")
    if found is None:
        with suppress(RuntimeError):
            found = str(imageio_ffmpeg.get_ffmpeg_exe())
    return found


def whole_film(folder: Path, ffmpeg: str) -> tuple[Path, float]:
    """The film in a job's folder and its seconds, once ffmpeg has read it. Raises DownloadFailed."""
    films = [path for path in folder.glob(f"{STEM}.*") if path.suffix.lower() in (*SUFFIXES, ".m4a", ".wmv")]
    film = max(films, key=lambda path: path.stat().st_size, default=None)
    if film is None:
        raise DownloadFailed("bad-file", "What came is not a film")
    streams = ["-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy", "-f", "null", "-"]
    read = [ffmpeg, "-hide_banner", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", f"file:{film}", *streams]
    seconds = seconds_read(output_of(read, folder, _READING_SECONDS) or "")
    if not seconds:
        raise DownloadFailed("bad-file", "What came is not a whole film")
    return film, seconds


def seconds_read(said: str) -> float:
    """The length of a film that ffmpeg has read to its end; 0 for one that is broken or shorter than it says. Pure."""
    stated, reached = _DURATION.search(said), _TIME.findall(said)
    if stated is None or not reached or _BROKEN.search(said):
        return 0.0
    whole, read = _clock(*stated.groups()), _clock(*reached[-1])
    return read if read >= whole - max(2.0, whole * 0.03) else 0.0


def place(film: Path, shelf: Library, artist: str, title: str, own: str | None, settings: LegacySettings) -> Placed:
    """Puts a film and what lies beside it into the artist's folder. Raises DownloadFailed, OSError.

    Only the film that the video has already, at stored path `own`, is replaced; beside others it gets a number.
    """
    size, folder, stem = film.stat().st_size, file_name(artist), file_name(title)
    target_folder = shelf.real / folder
    if target_folder.is_symlink():
        raise DownloadFailed("mount-missing", "The artist's folder is a link")
    target_folder.mkdir(exist_ok=True)
    found = locate(own, settings) if own else None
    replaced = found.path if found is not None else None
    for name in _names(stem):
        target = target_folder / f"{name}{film.suffix.lower()}"
        stored = f"{shelf.stored}/{folder}/{target.name}"
        if len(stored) > _LONGEST_PATH:
            raise DownloadFailed("bad-file", "The path of the film is too long")
        if _put(film, target, replaced):
            _put_beside(film.parent, target_folder / name)
            return Placed(stored, target, size, is_new=target != replaced)
    raise AssertionError("names never end")


def _put(film: Path, target: Path, replaced: Path | None) -> bool:
    """Gives the film its name, unless somebody else's film has it."""
    if replaced is not None and target.resolve() == replaced:
        film.replace(target)
        return True
    try:
        os.link(film, target)
    except FileExistsError:
        return False
    except OSError:  # a disk without links
        if target.exists():
            return False
        film.rename(target)
    film.unlink(missing_ok=True)
    return True


def _put_beside(folder: Path, named: Path) -> None:
    """Subtitles and what yt-dlp knows of the film, under the film's name."""
    for path in folder.glob(f"{STEM}.*"):
        if path.suffix in (".json", ".vtt", ".srt"):
            path.replace(named.with_name(named.name + path.name.removeprefix(STEM)))


def _names(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem} ({number})" for number in count(1))


def _clock(hours: str, minutes: str, seconds: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
