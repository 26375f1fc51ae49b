"""The library's folder, as rows spell it and as the disk has it."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy.orm import Session

from fastapi_app.downloads.preferences import read as read_preferences
from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.paths import Roots, place, resolve
from fastapi_app.videos.films.folders import spellings_of


@dataclass(frozen=True)
class Shelf:
    """`homes` are the spellings of the library's folder; a row that names a film keeps the one that it has."""

    roots: Roots
    homes: tuple[str, ...]

    def home_of(self, stored: str) -> str | None:
        """The spelling that a stored path begins with; None for one that lies elsewhere, or steps up."""
        if ".." in PurePosixPath(stored).parts:
            return None
        return next((home for home in self.homes if stored.startswith(f"{home}/")), None)

    def real_home(self) -> Path | None:
        """The real folder of the library. Asks the disk."""
        return real_folder(self.roots, self.homes[0])

    def real(self, stored: str) -> Path | None:
        """Where a film of this stored path is, or would be; None for outside. Asks the disk."""
        folder = real_folder(self.roots, str(PurePosixPath(stored).parent))
        return folder / PurePosixPath(stored).name if folder is not None else None

    def is_link(self, stored: str) -> bool:
        found = place(stored, self.roots)
        return found is not None and (found.path.is_symlink() or resolve(found, self.roots) is None)


def shelf(roots: Roots, library: str) -> Shelf:
    """Pure. `library` is a stored path."""
    homes = [one.removesuffix("/any") for one in spellings_of(roots, f"{library}/any")]
    return Shelf(roots, tuple(homes))


def read_shelf(session: Session, roots: Roots) -> Shelf:
    """Of the library that the settings name."""
    return shelf(roots, read_preferences(session).library)
