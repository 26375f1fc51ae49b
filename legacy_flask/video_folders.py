"""The folders that hold films, `<folder>/<artist>/<film>`, read in the request.

Nothing outside the configured folders is looked at, wherever a symbolic link leads.
"""

from dataclasses import dataclass
from pathlib import Path

from legacy_flask.configuration import LegacySettings
from legacy_flask.stored_paths import by_text, locate
from legacy_flask.video_film_rules import SUFFIXES, composed, folder_names

LIBRARY = "data/musicvideos"
_LONGEST_PATH = 500


@dataclass(frozen=True)
class Film:
    """A file: its stored path, its name on the disk, its size in bytes."""

    stored: str
    name: str
    size: int

    @property
    def is_nameable(self) -> bool:
        """Whether a row can hold the path."""
        try:
            self.stored.encode()
        except UnicodeEncodeError:
            return False
        return len(self.stored) <= _LONGEST_PATH


def artist_folders(folder: str, settings: LegacySettings) -> dict[str, list[str]] | None:
    """The stored paths in a stored folder by composed name; None where it is outside, missing or can't be read."""
    inside = by_text(f"{folder}/any", settings)
    if inside is None:
        return None
    found: dict[str, list[str]] = {}
    try:
        for path in sorted(inside.path.parent.iterdir()):
            found.setdefault(composed(path.name), []).append(f"{folder.rstrip('/')}/{path.name}")
    except OSError:
        return None
    return found


def folders_of(artist: str, folders: dict[str, list[str]]) -> list[str]:
    """Those of an artist: by the first of its spellings that exists."""
    return next((folders[name] for name in folder_names(artist) if name in folders), [])


def films_in(folder: str, settings: LegacySettings) -> list[Film]:
    """The films directly in a stored folder, by name. Raises OSError when it can't be read."""
    place = locate(folder, settings)
    if place is None or not place.path.is_dir():
        return []
    films = (_film(path, f"{folder}/{path.name}", settings) for path in sorted(place.path.iterdir()))
    return [film for film in films if film is not None]


def is_gone(stored: str, settings: LegacySettings) -> bool:
    """Whether there certainly is no such file. Of paths outside, and of drives not mounted, nothing is known."""
    place = locate(stored, settings)
    try:
        return place is not None and place.is_gone
    except OSError:
        return False


def same_file(stored: str, settings: LegacySettings) -> str:
    """One text for every spelling of a stored path."""
    place = by_text(stored, settings)
    return composed(str(place.path)) if place is not None else stored


def spellings(stored: str, settings: LegacySettings) -> list[str]:
    """How rows may spell it."""
    place = by_text(stored, settings)
    data = settings.data_dir.absolute()
    if place is None:
        return [stored]
    if data not in place.path.parents:
        return [stored, str(place.path)]
    below = place.path.relative_to(data)
    return [stored, str(place.path), f"data/{below}", f"/app/data/{below}"]


def _film(path: Path, stored: str, settings: LegacySettings) -> Film | None:
    if path.suffix.lower() not in SUFFIXES:
        return None
    place = locate(stored, settings) if path.is_symlink() else None
    real = path if not path.is_symlink() else place.path if place is not None else None
    if real is None or not real.is_file():
        return None
    return Film(stored, path.name, real.stat().st_size)
