"""From a stored path to a file that may be served, or to nothing.

0.9 ran in `/app`: `data/…` and `/app/data/…` both mean the data folder, and so does its own path. Stored
paths are never rewritten.
"""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from legacy_flask.configuration import LegacySettings

_DATA_PREFIXES = (("data",), ("/", "app", "data"))


@dataclass(frozen=True)
class Location:
    """Where a stored path points: `path`, in the folder `root`, whose absence means that a drive is not mounted."""

    root: Path
    path: Path

    @property
    def is_gone(self) -> bool:
        """Whether there certainly is no such file."""
        return self.root.is_dir() and not self.path.exists()


def locate(stored: str, settings: LegacySettings) -> Location | None:
    """The real place of a stored path, None for outside of every configured folder. Looks at the disk.

    The check comes after symbolic links were followed: none leads out, but one folder may link into another.
    """
    found = by_text(stored, settings)
    if found is None:
        return None
    data = settings.data_dir.absolute()
    try:
        real = found.path.resolve()
        inside_data = data.resolve() in real.parent.parents
        inside_media = any(root.resolve() in real.parents for root in settings.media_roots)
    except (OSError, RuntimeError):
        return None
    return Location(found.root, real) if inside_data or inside_media else None


def existing_file(stored: str, settings: LegacySettings) -> Path | None:
    """The real file behind a stored path, None for outside and for missing."""
    found = locate(stored, settings)
    return found.path if found is not None and found.path.is_file() and os.access(found.path, os.R_OK) else None


def by_text(stored: str, settings: LegacySettings) -> Location | None:
    """Where a stored path points by its text alone, None for outside.

    Files directly in the data folder are the application's own (its key, its database), so they are outside too.
    """
    parts = PurePosixPath(stored).parts
    if not parts or ".." in parts or "\0" in stored:
        return None
    data = settings.data_dir.absolute()
    for prefix in (*_DATA_PREFIXES, data.parts):
        if parts[: len(prefix)] == prefix:
            rest = parts[len(prefix) :]
            return Location(data / rest[0], data.joinpath(*rest)) if len(rest) > 1 else None
    path = Path(stored)
    roots = (root.absolute() for root in settings.media_roots)
    return next((Location(root, path) for root in roots if root in path.parents), None)
