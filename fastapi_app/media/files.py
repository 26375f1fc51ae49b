"""Changes to files that stored paths name. All of it blocks; call it in a thread."""

import os
from contextlib import suppress
from pathlib import Path

from fastapi_app.config import Config
from fastapi_app.media.paths import Roots, place, resolve


def existing_file(config: Config, stored: str) -> Path | None:
    """The real file behind a stored path, None for outside and for missing."""
    roots = Roots.of(config)
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    return real if real is not None and real.is_file() else None


def remove_file(config: Config, stored: str) -> None:
    """Deletes the file behind a stored path, if it is inside and there."""
    real = existing_file(config, stored)
    if real is not None:
        with suppress(OSError):
            real.unlink()


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


def _link_or_rename(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
            raise FileExistsError(target) from None
        file.rename(target)
