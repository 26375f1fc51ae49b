"""One download, from its row to its film. It runs in a thread of its own, and yt-dlp in a program of its own."""

import errno
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from legacy_flask import download_command as command
from legacy_flask import download_files as files
from legacy_flask import job_claims as claims
from legacy_flask.configuration import LegacySettings
from legacy_flask.cookie_file import cookie_path
from legacy_flask.download_files import DownloadFailed
from legacy_flask.download_names import is_address
from legacy_flask.download_program import Program, output_of
from legacy_flask.job_claims import Claim, Film, Progress

SEARCH_SECONDS = 30.0
STOPPED = ("interrupted", "The server was stopped during the download. Try it again")
_FULL = ("disk-full", "The disk of the library is full")
_UNWRITABLE = ("mount-missing", "The folder of the library refuses. Is its drive mounted?")
_TICK = 1.0
_BEAT_SECONDS = 5.0
_QUEUE_SECONDS = 2.0
_PATIENCE = 60.0
_LINES = 40
_SETTINGS = ("music_videos_path", "video_quality_preference", "download_subtitles", "subtitle_languages")
_YES = ("true", "1", "yes", "on")
Answer = TypeVar("Answer")


class DownloadEnded(Exception):
    """Somebody ended the download: `state` is what it becomes, None where it is somebody else's by now."""

    def __init__(self, state: str | None) -> None:
        super().__init__(state)
        self.state = state


class Wishes(NamedTuple):
    """What the settings say, where the job says nothing."""

    library: str
    quality: str
    subtitles: bool
    languages: list[str]


def download(engine: Engine, settings: LegacySettings, job_id: int, stopping: threading.Event) -> None:
    """Waits for the job's turn, fetches its film, and writes down what came of it. `stopping` ends it early."""
    paused = True
    while paused and (mine := _claimed(engine, job_id, stopping)) is not None:
        paused = _attempt(engine, settings, mine, stopping)


def _attempt(engine: Engine, settings: LegacySettings, mine: Claim, stopping: threading.Event) -> bool:
    """Whether it was paused: then it goes on later. Otherwise it has ended."""
    try:
        _fetch(engine, settings, mine, stopping)
    except DownloadEnded as ended:
        _stop(engine, mine, ended.state)
        return ended.state == "paused"
    except DownloadFailed as error:
        _fail(engine, mine, error)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _fail(engine, mine, DownloadFailed(*(_FULL if full else _UNWRITABLE)))
    except Exception:  # the edge of the attempt: it is told, and raised again
        _fail(engine, mine, DownloadFailed("internal", "The job broke; the log says more"))
        raise
    return False


def _stop(engine: Engine, mine: Claim, state: str | None) -> None:
    if state is not None:
        _patiently(lambda: claims.stop(engine, mine, state))


def _fail(engine: Engine, mine: Claim, why: DownloadFailed) -> None:
    _patiently(lambda: claims.fail(engine, mine, why.kind, why.message, why.log))


def _claimed(engine: Engine, job_id: int, stopping: threading.Event) -> Claim | None:
    """The job once its turn has come: its queue may be paused. None where somebody else has it, or it ended."""
    while not stopping.is_set():
        mine = _patiently(lambda: claims.claim(engine, job_id))
        if mine is not None or not _patiently(lambda: claims.still_waits(engine, job_id)):
            return mine
        stopping.wait(_QUEUE_SECONDS)
    return None


def _fetch(engine: Engine, settings: LegacySettings, mine: Claim, stopping: threading.Event) -> None:
    wishes = _wishes(engine)
    shelf = files.library(wishes.library, settings)
    ffmpeg = files.find_ffmpeg()
    if ffmpeg is None:
        raise DownloadFailed("program", "Downloads need ffmpeg, which is not installed on the server")
    folder = files.incoming(shelf, mine.job_id)
    try:
        around = command.Surroundings(ffmpeg, _cookies(settings, folder), settings.allow_private_addresses)
        url = _address(settings, folder, mine.payload)
        _run(engine, mine, url, around, folder, wishes, stopping)
        film, seconds = files.whole_film(folder, ffmpeg)
        _check_asked(_patiently(lambda: claims.look(engine, mine)), stopping)
        artist, title = mine.payload.get("artist") or "Unknown", mine.payload.get("title") or "Unknown"
        own = claims.stored_film(engine, mine.payload.get("video_id"))
        placed = files.place(film, shelf, artist, title, own, settings)
        done = Film(placed.stored, placed.size, seconds)
        if not _patiently(lambda: claims.complete(engine, mine, done)) and placed.is_new:
            placed.path.unlink(missing_ok=True)  # the job was taken away: nobody knows of this film
    finally:
        files.drop(folder)


def _address(settings: LegacySettings, folder: Path, told: Mapping[str, Any]) -> str:
    """Where the film is, searched for if need be. Raises DownloadFailed."""
    url = told.get("url") or search(settings, folder, told.get("artist") or "", told.get("title") or "")
    if url is None:
        raise DownloadFailed("no-url", "No URL available: the video has no address, and a search found none")
    if not is_address(url):
        raise DownloadFailed("unsupported-url", "No film can be fetched from this address")
    return str(url)


def _run(
    engine: Engine,
    mine: Claim,
    url: str,
    around: command.Surroundings,
    folder: Path,
    wishes: Wishes,
    stopping: threading.Event,
) -> None:
    """yt-dlp with the cookies that were uploaded; where that fails, without. Raises DownloadFailed."""
    told = mine.payload
    wanted = told.get("subtitles")
    languages = wishes.languages if (wishes.subtitles if wanted is None else wanted) else []
    lines: list[str] = []
    for one in [around, around._replace(cookies=None)] if around.cookies is not None else [around]:
        arguments = command.fetch(one, url, folder, told.get("quality") or wishes.quality, languages)
        code, lines = _watch(engine, mine, Program(arguments, folder), stopping)
        if code == 0:
            return
    why = command.reason("\n".join(lines[-5:]))
    raise DownloadFailed(why.kind, why.message, "\n".join(lines))


def search(settings: LegacySettings, folder: Path, artist: str, title: str) -> str | None:
    """The address of the first film that a search finds, None for none. Blocks for up to half a minute."""
    around = command.Surroundings(files.find_ffmpeg() or "ffmpeg", None, settings.allow_private_addresses)
    said = output_of(command.search(around, settings.search_address, artist, title), folder, SEARCH_SECONDS)
    return next((line for line in (said or "").splitlines() if is_address(line)), None)


def _watch(engine: Engine, mine: Claim, program: Program, stopping: threading.Event) -> tuple[int, list[str]]:
    """Tells the row how far the program is. Its exit code, and what it said last. Raises what `_check_asked` does."""
    said: deque[str] = deque(maxlen=_LINES)
    progress, told, next_look, next_beat = Progress(), Progress(), 0.0, 0.0
    try:
        while (lines := program.lines(_TICK)) is not None:
            for line in lines:
                found = command.read_progress(line)
                progress = found or progress
                if found is None and line:
                    said.append(command.redacted(line))
            moment = time.monotonic()
            if moment < next_look and not stopping.is_set():
                continue
            due = progress != told or moment >= next_beat
            try:
                asked = claims.beat(engine, mine, progress) if due else claims.look(engine, mine)
            except (OperationalError, InterfaceError):  # the database is away: the download goes on
                continue
            _check_asked(asked, stopping)
            next_look = moment + _TICK
            if due:
                told, next_beat = progress, moment + _BEAT_SECONDS
        return program.code(), list(said)
    finally:
        program.end()


def _check_asked(asked: claims.Asked | None, stopping: threading.Event) -> None:
    """Raises DownloadEnded for a job that somebody ended or took away, DownloadFailed where the server stops."""
    if asked is None:
        raise DownloadEnded(None)
    if asked.cancel:
        raise DownloadEnded("cancelled")
    if asked.pause:
        raise DownloadEnded("paused")
    if stopping.is_set():
        raise DownloadFailed(*STOPPED)


def _wishes(engine: Engine) -> Wishes:
    found = _patiently(lambda: claims.settings(engine, *_SETTINGS))
    library, quality, subtitles, languages = (found[name] for name in _SETTINGS)
    return Wishes(library, quality, subtitles.lower() in _YES, command.languages(languages))


def _cookies(settings: LegacySettings, folder: Path) -> Path | None:
    """A copy of the uploaded cookies for this download: yt-dlp writes them back."""
    source, copy = cookie_path(settings), folder / "cookies.txt"
    if not source.is_file():
        return None
    copy.touch(mode=0o600)
    shutil.copyfile(source, copy)
    return copy


def _patiently(call: Callable[[], Answer]) -> Answer:
    """Asks the database again for a minute while it is away. Raises what it says in the end."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
        time.sleep(_TICK)
