"""Films on the disk, read in the request; and whose turn it is to sort them.

Hidden files and folders are left out, links to folders are not followed, and nothing outside the configured folders
is looked at.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from fastapi_app.models import Setting
from legacy_flask.configuration import LegacySettings, current_settings
from legacy_flask.database import transaction
from legacy_flask.errors import Conflict, Unavailable
from legacy_flask.indexing_rules import SETTINGS, Folders, read_folders
from legacy_flask.stored_paths import by_text, locate
from legacy_flask.video_film_rules import SUFFIXES

_SUFFIXES = (*SUFFIXES, ".wmv")
_LONGEST_PATH = 500
_LOCK = "library.lock"
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Film:
    """A file: its stored path, its size in bytes, when it came, whether it is a symbolic link."""

    stored: str
    size: int
    changed: datetime
    is_link: bool = False

    @property
    def name(self) -> str:
        return self.stored.rpartition("/")[2]

    @property
    def is_nameable(self) -> bool:
        """Whether a row can hold the path."""
        return shown(self.stored) == self.stored and len(self.stored) <= _LONGEST_PATH


def library_folders() -> Folders:
    """The folders that the settings name. Raises Conflict for one outside the library."""
    with transaction() as session:
        rows = session.query(Setting).filter(Setting.key.in_(SETTINGS)).all()
        folders = read_folders({row.key.lower(): row.value for row in rows})
    for name, stored in zip(SETTINGS, folders[:2], strict=False):
        if real_folder(stored, current_settings()) is None:
            reason = "names a folder outside the library. Add it to MVIDARR_MEDIA_ROOTS, or change the setting"
            raise Conflict(f"The setting {name} {reason}")
    return folders


def real_folder(stored: str, settings: LegacySettings) -> Path | None:
    """The real folder behind a stored path, None for outside. It may be missing."""
    inside = by_text(f"{stored}/any", settings)
    if inside is None:
        return None
    try:
        real = inside.path.parent.resolve()
        if settings.data_dir.resolve() in real.parents:
            return real
        roots = [root.resolve() for root in settings.media_roots]
    except (OSError, RuntimeError):
        return None
    return real if any(root == real or root in real.parents for root in roots) else None


def films_below(stored: str, settings: LegacySettings) -> list[Film]:
    """Every film below a stored folder, by path."""
    start = real_folder(stored, settings)
    if start is None:
        return []
    above = str(PurePosixPath(stored))
    films: list[Film] = []
    for folder, below, names in os.walk(start):
        below[:] = [name for name in below if not name.startswith(".")]
        here = "/".join((above, *Path(folder).relative_to(start).parts))
        found = (film_at(f"{here}/{name}", settings) for name in names if not name.startswith("."))
        films += [film for film in found if film is not None]
    return sorted(films, key=lambda film: film.stored)


def film_at(stored: str, settings: LegacySettings) -> Film | None:
    """One film, None for whatever is no film, outside or missing."""
    path, place = PurePosixPath(stored), locate(stored, settings)
    if place is None or path.suffix.lower() not in _SUFFIXES:
        return None
    named = by_text(stored, settings)
    try:
        if named is None or not place.path.is_file():
            return None
        status = place.path.stat()
        moment = datetime.fromtimestamp(status.st_ctime, UTC).replace(tzinfo=None, microsecond=0)
        return Film(str(path), status.st_size, moment, named.path.is_symlink())
    except OSError:  # it went meanwhile, or its name is too long
        return None


def films_directly_in(folder: Path, stored: str, settings: LegacySettings) -> int:
    """How many films lie in a real folder, whose stored path is `stored`."""
    try:
        names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:
        return 0
    return sum(film_at(f"{stored}/{name}", settings) is not None for name in names)


def shown(name: str) -> str:
    """A name as an answer may say it: bytes that are no text are escaped."""
    return name.encode("utf-8", "backslashreplace").decode()


@contextmanager
def turn() -> Iterator[None]:
    """Holds the library while its films are moved or given rows: one request at a time, on whichever side.

    Raises Conflict when somebody else holds it for too long.
    """
    path = current_settings().data_dir / _LOCK
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        raise Unavailable("The data folder can't be written") from None
    try:
        _take(lock)
        yield
    finally:
        os.close(lock)


def _take(lock: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Conflict("The library is being sorted already, try again in a moment", success=False) from None
            time.sleep(0.05)
        except OSError:
            raise Unavailable("The data folder can't be locked") from None
        else:
            return
