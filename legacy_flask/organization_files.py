"""Moving films, and the folders that they are moved to. Whatever fails, a row names a file that exists."""

import errno
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from legacy_flask.configuration import LegacySettings
from legacy_flask.indexing_files import films_directly_in, real_folder, shown
from legacy_flask.stored_paths import locate


@dataclass(frozen=True)
class Move:
    """A film that has its new name and still its old one; its row will name the new one as `stored`."""

    old: Path
    new: Path
    stored: str

    def finish(self) -> None:
        """The old name goes; its folder stays, until `cleanup`."""
        with suppress(OSError):
            self.old.unlink(missing_ok=True)

    def undo(self) -> None:
        """The new name goes, and its folder where that leaves it empty."""
        with suppress(OSError):
            if not self.old.exists():
                self.new.rename(self.old)
            self.new.unlink(missing_ok=True)
            self.new.parent.rmdir()


def begin_move(stored: str, folder: str, name: str, settings: LegacySettings) -> Move:
    """Gives a film a second name in a stored folder, which is made; on another drive it is a whole copy.

    Raises OSError, and changes nothing then.
    """
    place, target = locate(stored, settings), real_folder(folder, settings)
    if place is None or target is None:
        raise PermissionError(errno.EACCES, "outside the library")
    target.mkdir(parents=True, exist_ok=True)
    try:
        new = _name(place.path, target / name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = target / f".{token_hex(8)}.part"
        try:
            shutil.copy2(place.path, copy)
            new = _name(copy, target / name)
        finally:
            copy.unlink(missing_ok=True)
    return Move(place.path, new, f"{folder}/{new.name}")


def artist_folders(library: str, settings: LegacySettings) -> list[dict[str, Any]]:
    """Each first folder of the library with the number of its films, by name."""
    found = []
    for folder in _folders(library, settings):
        with suppress(OSError):
            changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC).replace(tzinfo=None)
            found.append(
                {
                    "name": shown(folder.name),
                    "path": shown(f"{library}/{folder.name}"),
                    "video_count": films_directly_in(folder, f"{library}/{folder.name}", settings),
                    "last_modified": changed.isoformat(),
                }
            )
    return sorted(found, key=lambda one: (str(one["name"]).lower(), str(one["name"])))


def remove_empty(library: str, downloads: str, settings: LegacySettings) -> int:
    """Removes the first folders of the library that hold nothing; how many."""
    kept, removed = real_folder(downloads, settings), 0
    for folder in _folders(library, settings):
        if not folder.is_symlink() and folder.resolve() != kept:
            with suppress(OSError):
                folder.rmdir()
                removed += 1
    return removed


def _folders(library: str, settings: LegacySettings) -> list[Path]:
    """Links count when they stay inside the configured folders."""
    start = real_folder(library, settings)
    try:
        inside = sorted(start.iterdir()) if start is not None else []
    except OSError:
        return []
    return [path for path in inside if not path.name.startswith(".") and _is_folder(path, library, settings)]


def _is_folder(path: Path, library: str, settings: LegacySettings) -> bool:
    try:
        is_inside = not path.is_symlink() or real_folder(f"{library}/{path.name}", settings) is not None
        return is_inside and path.is_dir()
    except OSError:
        return False


def _name(film: Path, wanted: Path) -> Path:
    """A name that nobody has: ` (1)`, ` (2)` … follow the stem. Where there are no links, the film has only this."""
    target, number = wanted, 0
    while True:
        try:
            _link(film, target)
        except FileExistsError:
            number += 1
            target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        else:
            return target


def _link(film: Path, target: Path) -> None:
    try:
        os.link(film, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        film.rename(target)
