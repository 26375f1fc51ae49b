"""Changes to files that stored paths name. All of it blocks; call it in a thread."""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from fastapi_app.config import Config
from fastapi_app.media.paths import Roots, place, resolve

NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES})
"""How file systems say that a file can't have a second name."""

_CLOCK_GRAIN = 2 * 10**9
"""Nanoseconds: some file systems keep the even second only."""


def existing_file(config: Config, stored: str) -> Path | None:
    """The real file behind a stored path, None for outside and for missing."""
    roots = Roots.of(config)
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    return real if real is not None and real.is_file() else None


def is_film(file: Path, size: int | None, modified: int | None) -> bool:
    """Whether this is the film of that size (bytes) and time (nanoseconds)."""
    try:
        facts = file.stat()
    except OSError:
        return False
    return facts.st_size == size and abs(facts.st_mtime_ns - (modified or 0)) <= _CLOCK_GRAIN


def write_whole(target: Path, content: bytes) -> None:
    """Gives `target` its content, on the disk and whole, or not at all; a link there is replaced. Raises OSError."""
    draft = target.with_name(f".{token_hex(8)}.part")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:  # whatever ended it: nothing half written stays, and it is raised again
        _discard(draft)
        raise


def copy_whole(file: Path, copy: Path) -> None:
    """Makes `copy` a copy of `file` with its times, on the disk and whole, or nothing. Raises OSError."""
    try:
        with file.open("rb") as source, copy.open("wb") as made:
            shutil.copyfileobj(source, made, 2**20)
            made.flush()
            os.fsync(made.fileno())
        shutil.copystat(file, copy)
    except BaseException:  # whatever ended it: no half film stays, and it is raised again
        _discard(copy)
        raise


def remove_file(config: Config, stored: str) -> None:
    """Deletes the file behind a stored path, if it is inside and there."""
    real = existing_file(config, stored)
    if real is not None:
        _discard(real)


def name_anew(file: Path, folder: Path, name: str) -> Path:
    """Gives `file` a second name in `folder`; a file system without links lets it have only the new one.

    A name that is used is never taken: ` (1)`, ` (2)` … follow the stem. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / name
    target, number = wanted, 0
    while True:
        try:
            _link_or_rename(file, target)
        except FileExistsError:
            number += 1
            target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        else:
            return target


def drop(file: Path) -> None:
    """Removes a file, and its folder where that leaves it empty."""
    with suppress(OSError):
        file.unlink(missing_ok=True)
        file.parent.rmdir()


def take_back(old: Path, new: Path) -> None:
    """Undoes `name_anew`: the file has its old name, and only that."""
    if not old.exists():
        old.parent.mkdir(parents=True, exist_ok=True)
        new.rename(old)
    drop(new)


def _discard(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _link_or_rename(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        file.rename(target)
