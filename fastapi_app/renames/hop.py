"""One film, and what belongs to it, from one name to the next. All of it blocks, and all of it can be done again.

A film has both names while its row is told, so that whoever watches it meanwhile finds it. Where a file system knows no
second names it is renamed; on another drive the new one is a copy, whole before it has its name.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi_app.media.files import NO_LINKS, copy_whole, is_film


class Taken(Exception):
    """Something else has the new name."""


@dataclass(frozen=True)
class Hop:
    """The real paths of a film, before and after, and what follows its stem in the names of its companions."""

    old: Path
    new: Path
    beside: Sequence[str] = ()

    def companions(self) -> Iterator["tuple[Path, Path]"]:
        for rest in self.beside:
            yield self.old.with_name(self.old.stem + rest), self.new.with_name(self.new.stem + rest)


def stage(hop: Hop, part: str) -> None:
    """Where the film goes to another drive: a copy there, named `part`, which `begin` takes. Raises OSError."""
    hop.new.parent.mkdir(parents=True, exist_ok=True)
    if hop.old.stat().st_dev != hop.new.parent.stat().st_dev:
        copy_whole(hop.old, hop.new.with_name(part))


def unstage(hop: Hop, part: str) -> None:
    """A copy that was not taken goes."""
    with suppress(OSError):
        hop.new.with_name(part).unlink(missing_ok=True)


def begin(hop: Hop, part: str) -> None:
    """Gives the film its new name, and its companions theirs, as far as they are free.

    Raises Taken, and OSError; the film has only its old name then.
    """
    if is_used(hop):
        raise Taken
    hop.new.parent.mkdir(parents=True, exist_ok=True)
    staged = hop.new.with_name(part)
    try:
        if staged.exists():
            _name(staged, hop.new, part)
            staged.unlink(missing_ok=True)
        else:
            _name(hop.old, hop.new, part)
    except FileExistsError:
        raise Taken from None
    for old, new in hop.companions():
        with suppress(OSError):
            if not os.path.lexists(new) or _is_one_name(old, new):
                _name(old, new, part)


def finish(hop: Hop, home: Path) -> None:
    """The row names the new name: the old ones go, and with them folders below `home` that this leaves empty."""
    for old, new in ((hop.old, hop.new), *hop.companions()):
        with suppress(OSError):
            if _are_two_names(old, new) and _is_same(old, new):
                old.unlink()
    remove_empty(hop.old.parent, home)


def take_back(hop: Hop, home: Path) -> None:
    """The row keeps the old name: the new ones go."""
    for old, new in ((hop.old, hop.new), *hop.companions()):
        with suppress(OSError):
            if not _is_listed(old) and _is_listed(new):
                old.parent.mkdir(parents=True, exist_ok=True)
                new.rename(old)
            elif _are_two_names(old, new) and _is_same(old, new):
                new.unlink()
    remove_empty(hop.new.parent, home)


def remove_empty(folder: Path, home: Path) -> None:
    """Removes a folder and those above it, up to `home`, while they are empty."""
    while home in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def is_used(hop: Hop) -> bool:
    """Whether something else has the new name."""
    return os.path.lexists(hop.new) and not _is_one_name(hop.old, hop.new)


def _is_listed(path: Path) -> bool:
    """Whether a folder has this very name in it, and not only one that differs in case."""
    try:
        return any(file.name == path.name for file in path.parent.iterdir())
    except OSError:
        return False


def _is_one_name(old: Path, new: Path) -> bool:
    """Whether the file system takes both for one name, as one that is blind to case does."""
    try:
        return old.parent.samefile(new.parent) and old.samefile(new) and not _is_listed(new)
    except OSError:
        return False


def _are_two_names(old: Path, new: Path) -> bool:
    """Whether one of them can go and the other stays."""
    is_one_place = old.name == new.name and old.parent.samefile(new.parent)
    return _is_listed(old) and _is_listed(new) and not is_one_place


def _is_same(old: Path, new: Path) -> bool:
    """One file under two names, or a copy of it."""
    facts = new.stat()
    return old.samefile(new) or is_film(old, facts.st_size, facts.st_mtime_ns)


def _name(old: Path, new: Path, part: str) -> None:
    """Raises FileExistsError where somebody was quicker."""
    if _is_one_name(old, new):
        old.rename(new)
        return
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno == errno.EXDEV:
            copy = new.with_name(part)
            copy_whole(old, copy)
            _rename(copy, new)
        elif error.errno not in NO_LINKS:
            raise
        else:
            _rename(old, new)


def _rename(old: Path, new: Path) -> None:
    if os.path.lexists(new):
        raise FileExistsError(new)
    old.rename(new)
