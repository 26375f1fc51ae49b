"""Putting a proven film under its name, so that at every moment one whole film is there and nothing is overwritten
that is not this video's own. All of it blocks.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from fastapi_app.config import Config
from fastapi_app.downloads import names
from fastapi_app.downloads.failures import ErrorClass, failure
from fastapi_app.downloads.plan import Plan
from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.files import NO_LINKS, copy_whole, existing_file, is_film
from fastapi_app.media.paths import Roots, place, resolve
from fastapi_app.videos.films.folders import open_shelf
from fastapi_app.videos.rules import PATH_LENGTH

_MOST_NAMES = 1000


@dataclass(frozen=True)
class Aim:
    """Where a film belongs: the stored library, artist and title, and the film that this video has already.

    `names` are its folders and its own name as a naming template has them; without any they are artist and title.
    `in_artist_folder` means that the first of them stands for the folder that the artist has already.
    """

    library: str
    artist: str
    title: str
    current: str | None = None
    names: tuple[str, ...] = ()
    in_artist_folder: bool = True


def targets(config: Config, aim: Aim, suffix: str, is_named: Callable[[str], bool]) -> Iterator[str]:
    """The stored paths that a film may get, the best first: the video's own, or one where nothing is.

    `is_named` tells whether the row of another video names a path. Raises Failed of class `outside-library`.
    """
    roots = Roots.of(config)
    folder = _folders(roots, aim)
    real = real_folder(roots, f"{aim.library}/{folder}".rstrip("/"))
    if real is None:
        raise failure(ErrorClass.OUTSIDE)
    current = existing_file(config, aim.current) if aim.current else None
    room = PATH_LENGTH - len(names.stored(aim.library, folder, suffix)) - len(" (999).pt-BR.info.json")
    stem = (aim.names[-1] if aim.names else names.stem(aim.title))[: max(room, 1)].rstrip(". ") or "_"
    for number, name in enumerate(names.candidates(stem, suffix)):
        if number == _MOST_NAMES:
            raise failure(ErrorClass.OUTSIDE, "There are too many films of this name")
        stored = names.stored(aim.library, folder, name)
        is_own = current is not None and real / name == current
        if is_own or (not os.path.lexists(real / name) and not is_named(stored)):
            yield stored


def is_placed(config: Config, plan: Plan) -> bool:
    """Whether the film of the plan has its name already."""
    found = existing_file(config, plan.target)
    return found is not None and is_film(found, plan.size, plan.modified)


def is_waiting(folder: Path, plan: Plan) -> bool:
    """Whether the film of the plan still lies in its job's folder, whole."""
    return is_film(folder / plan.film, plan.size, plan.modified)


def put(config: Config, folder: Path, plan: Plan) -> bool:
    """Gives the film its name, and what belongs to it; False when somebody took the name meanwhile.

    Done again it finishes what was begun. Raises OSError.
    """
    target = _real_target(config, plan.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    film = folder / plan.film
    if not is_placed(config, plan):
        current = existing_file(config, plan.replaces) if plan.replaces else None
        if not _take(film, target, may_replace=current == target):
            return False
    film.unlink(missing_ok=True)
    _put_extras(folder, target, plan)
    _sync(target.parent)
    return True


def remove_replaced(config: Config, plan: Plan) -> None:
    """The row names the new film: the one before goes. Raises nothing."""
    old = existing_file(config, plan.replaces) if plan.replaces else None
    new = existing_file(config, plan.target)
    if old is not None and new is not None and not old.samefile(new):
        with suppress(OSError):
            old.unlink()


def moved_to(plan: Plan, stored: str) -> Plan:
    return replace(plan, target=stored)


def _folders(roots: Roots, aim: Aim) -> str:
    """The folders below the library."""
    others = aim.names[1:-1] if aim.in_artist_folder else aim.names[:-1]
    return "/".join([*([_folder(roots, aim)] if aim.in_artist_folder else []), *others])


def _folder(roots: Roots, aim: Aim) -> str:
    """The folder that the artist has, in whatever spelling, or the one to be made."""
    wanted = names.folder(aim.artist)
    shelf = open_shelf(roots, aim.library)
    if shelf is None:
        return wanted
    spelled = shelf.folders.get(wanted)
    if spelled:
        return spelled[0]
    known = [PurePosixPath(stored).name for stored in shelf.folders_of(aim.artist)]
    return next((name for name in known if not name.startswith(".")), wanted)


def _real_target(config: Config, stored: str) -> Path:
    roots = Roots.of(config)
    found = place(stored, roots)
    folder = real_folder(roots, str(PurePosixPath(stored).parent))
    if found is None or folder is None or (not found.path.is_symlink() and resolve(found, roots) is None):
        raise failure(ErrorClass.OUTSIDE)
    return folder / PurePosixPath(stored).name


def _take(film: Path, target: Path, *, may_replace: bool) -> bool:
    """Gives `film` the name `target`; False where that is another file's and may not be replaced.

    The artist's folder may be on another drive: a whole copy there, under a hidden name, until it takes the name.
    """
    source = film
    try:
        if film.stat().st_dev != target.parent.stat().st_dev:
            source = target.with_name(f".{film.parent.name}.part")
            copy_whole(film, source)
        if may_replace:
            source.replace(target)
            return True
        return _link(source, target)
    finally:
        if source != film:
            source.unlink(missing_ok=True)


def _link(film: Path, target: Path) -> bool:
    """A second name, which is never somebody else's; where the file system has no links, a new one."""
    try:
        os.link(film, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(target):
            return False
        film.rename(target)
    return True


def _put_extras(folder: Path, target: Path, plan: Plan) -> None:
    """Picture, subtitles and description, beside the film. They are nice to have: what fails is left out.

    A file that is there is replaced only when it came with the film that is being replaced.
    """
    old_stem = PurePosixPath(plan.replaces or "").stem
    for name, suffix in plan.extras.items():
        beside = target.with_name(target.stem + suffix)
        if (folder / name).is_file() and (old_stem == target.stem or not os.path.lexists(beside)):
            with suppress(OSError):
                shutil.move(folder / name, beside)


def _sync(folder: Path) -> None:
    """So that the name survives a power cut, as the row does."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
