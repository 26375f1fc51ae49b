"""The folders that hold films: `<folder>/<artist>/<film>`. All of it blocks; call it in a thread.

Nothing outside the configured folders is looked at, wherever a symbolic link leads.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

from fastapi_app.media.paths import Roots, place, resolve
from fastapi_app.videos.films.titles import composed
from fastapi_app.videos.rules import PATH_LENGTH, clean, folder_name

LIBRARY = "data/musicvideos"
"""Where films are kept, as a stored path."""
SUFFIXES = frozenset({".mp4", ".mkv", ".avi", ".mov", ".flv", ".webm", ".m4v"})


@dataclass(frozen=True)
class Film:
    """A file with the suffix of a film: its stored path, its name on the disk, its size in bytes."""

    stored: str
    name: str
    size: int

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Shelf:
    """One folder of artists' folders, listed once: the names on the disk by their composed form."""

    stored: str
    roots: Roots
    folders: dict[str, list[str]] = field(default_factory=dict)

    def folders_of(self, artist: str) -> list[str]:
        """The stored paths of the folders that an artist may have, by the first spelling that exists."""
        found = next((self.folders[name] for name in spellings(artist) if name in self.folders), [])
        return [f"{self.stored}/{name}" for name in found]


def open_shelf(roots: Roots, stored: str) -> Shelf | None:
    """The folder `stored`, None when it is outside, missing or can't be read."""
    inside = place(f"{stored}/any", roots)  # a folder that may hold something; by itself it is too high up
    if inside is None:
        return None
    folders: dict[str, list[str]] = {}
    try:
        for name in sorted(entry.name for entry in inside.path.parent.iterdir()):
            folders.setdefault(composed(name), []).append(name)
    except OSError:
        return None
    return Shelf(stored.rstrip("/"), roots, folders)


def spellings(artist: str) -> Iterator[str]:
    """The names that an artist's folder may have: with other quotes, or without what file systems refuse."""
    name = composed(artist)
    plain = (name, name.replace('"', "'"), name.replace('"', ""), name.replace("'", '"'), name.replace("'", ""))
    yield from (one for one in plain if one not in ("", ".", "..") and "/" not in one and "\0" not in one)
    yield clean(name)
    yield folder_name(name)


def films_in(roots: Roots, stored: str) -> list[Film]:
    """The films directly in a stored folder, by name. Raises OSError when it can't be read."""
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    if real is None or not real.is_dir():
        return []
    with os.scandir(real) as entries:
        return [film for entry in sorted(entries, key=_name) if (film := _film(entry, stored, roots)) is not None]


def is_nameable(film: Film) -> bool:
    """Whether a row can hold the path: it must be text, and not too long."""
    try:
        film.stored.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return len(film.stored) <= PATH_LENGTH


def is_gone(roots: Roots, stored: str) -> bool:
    """Whether there certainly is no such file. Of a path outside, of a drive that is not mounted and of a folder
    that can't be read, nothing is known.
    """
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    if found is None or real is None:
        return False
    try:
        real.stat()
    except (FileNotFoundError, NotADirectoryError):
        return found.root.is_dir()
    except OSError:
        return False
    return False


def same_file(roots: Roots, stored: str) -> str | None:
    """One text for every spelling of a stored path, None for outside."""
    found = place(stored, roots)
    return composed(str(found.path)) if found else None


def spellings_of(roots: Roots, stored: str) -> list[str]:
    """How rows may spell a stored path. The database itself is blind to composed and decomposed."""
    found = place(stored, roots)
    if found is None:
        return [stored]
    spelled = [stored, str(found.path)]
    if roots.data in found.path.parents:
        below = found.path.relative_to(roots.data)
        spelled += [f"data/{below}", f"/app/data/{below}"]
    return list(dict.fromkeys(spelled))


def _film(entry: os.DirEntry[str], stored: str, roots: Roots) -> Film | None:
    if Path(entry.name).suffix.lower() not in SUFFIXES:
        return None
    film = f"{stored}/{entry.name}"
    found = place(film, roots)
    real = resolve(found, roots) if found and entry.is_symlink() else Path(entry.path)
    try:
        status = real.stat() if real is not None else None
    except FileNotFoundError:  # it went while the folder was read, or is a link to nothing
        return None
    return Film(film, entry.name, status.st_size) if status is not None and S_ISREG(status.st_mode) else None


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
