"""Moving one film, so that its row names a file that exists whatever fails. All of it blocks; call it in a thread."""

import errno
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.files import copy_whole, name_anew, take_back
from fastapi_app.media.paths import Roots, place, resolve


@dataclass(frozen=True)
class Move:
    """A film that has its new name and still its old one; its row will name the new one as `stored`."""

    old: Path
    new: Path
    stored: str


def begin(roots: Roots, stored: str, folder: str, name: str) -> Move:
    """Gives a film a second name in a stored folder, which is made; a name that is used is never taken.

    On another drive it is a copy, complete before it has that name. Raises OSError, and changes nothing then.
    """
    found, target = place(stored, roots), real_folder(roots, folder)
    old = resolve(found, roots) if found else None
    if old is None or target is None:
        raise PermissionError(errno.EACCES, "outside the library")
    try:
        new = name_anew(old, target, name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = target / f".{token_hex(8)}.part"  # hidden, so that nobody takes it for a film
        copy_whole(old, copy)
        try:
            new = name_anew(copy, target, name)
        finally:
            copy.unlink(missing_ok=True)
    return Move(old, new, f"{folder}/{new.name}")


def finish(move: Move) -> None:
    """The row names the new name: the old one goes. Folders stay; `cleanup` removes empty ones."""
    with suppress(OSError):
        move.old.unlink(missing_ok=True)


def undo(move: Move) -> None:
    """The row keeps the old name: the new one goes."""
    take_back(move.old, move.new)
