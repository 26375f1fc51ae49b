"""Films below a folder of the library, however deep. It blocks; call it in a thread, with the `walks` limiter.

Hidden files and folders are left out, links to folders are not followed, and a link to a file counts when it stays
inside the configured folders.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from stat import S_ISREG

import structlog
from anyio import CapacityLimiter

from fastapi_app.media.paths import Roots, place, resolve
from fastapi_app.videos.films.folders import SUFFIXES
from fastapi_app.videos.rules import PATH_LENGTH

FILMS = SUFFIXES | {".wmv"}
_WALKS = 2

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    """A film: its stored path, its size in bytes, when it came (seconds since 1970), whether it is a symbolic link."""

    stored: str
    size: int
    changed: float
    is_link: bool = False

    @property
    def name(self) -> str:
        return self.stored.rpartition("/")[2]

    @property
    def is_nameable(self) -> bool:
        """Whether a row can hold the path: it is text, and not too long."""
        return is_text(self.stored) and len(self.stored) <= PATH_LENGTH


def walk_limiter() -> CapacityLimiter:
    """How many walks one process is on at the same time: each may read a whole disk."""
    return CapacityLimiter(_WALKS)


def real_folder(roots: Roots, stored: str) -> Path | None:
    """The real folder behind a stored path, None for outside. It need not exist."""
    inside = place(f"{stored}/any", roots)  # the folder itself may be a root, which `place` takes for too high up
    if inside is None:
        return None
    try:
        real = inside.path.parent.resolve()
        media = [root.resolve() for root in roots.media]
        is_inside = roots.data.resolve() in real.parents or any(root in (real, *real.parents) for root in media)
    except (OSError, RuntimeError):
        return None
    return real if is_inside else None


def films_below(roots: Roots, stored: str) -> list[Found]:
    """Every film below a stored folder, by path; nothing for a folder that is outside or missing."""
    start = real_folder(roots, stored)
    waiting = [(start, str(PurePosixPath(stored)))] if start is not None and start.is_dir() else []
    found: list[Found] = []
    while waiting:
        folder, name = waiting.pop()
        for entry in _entries(folder):
            below = f"{name}/{entry.name}"
            if _is_folder(entry):
                waiting.append((Path(entry.path), below))
            elif (film := _film(entry, below, roots)) is not None:
                found.append(film)
    return sorted(found, key=_stored)


def film_at(roots: Roots, stored: str) -> Found | None:
    """One film by its stored path, None for whatever is no film, outside or missing."""
    path = PurePosixPath(stored)
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    if found is None or real is None or path.suffix.lower() not in FILMS:
        return None
    try:
        status = real.stat()
        is_link = found.path.is_symlink()
    except OSError:
        return None
    return Found(str(path), status.st_size, status.st_ctime, is_link) if S_ISREG(status.st_mode) else None


def films_in(roots: Roots, folder: Path, stored: str) -> int:
    """How many films lie directly in a real folder, whose stored path is `stored`."""
    return sum(1 for entry in _entries(folder) if _film(entry, f"{stored}/{entry.name}", roots) is not None)


def is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown(name: str) -> str:
    """`name` as an answer may say it: bytes that are no text are escaped."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            listed = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        log.warning("a folder can't be read", folder=shown(str(folder)), reason=error.strerror)
        return
    yield from listed


def _film(entry: os.DirEntry[str], stored: str, roots: Roots) -> Found | None:
    if not _is_named_as_film(entry.name):
        return None
    if _is_link(entry):
        return film_at(roots, stored)
    try:
        status = entry.stat()
    except OSError:  # it went while the folder was read
        return None
    return Found(stored, status.st_size, status.st_ctime) if S_ISREG(status.st_mode) else None


def _is_named_as_film(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in FILMS


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_link(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink()
    except OSError:
        return False


def _stored(film: Found) -> str:
    return film.stored
