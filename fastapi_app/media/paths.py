"""From a stored path to a file that may be served, or to nothing.

0.9 ran in `/app` and stored paths as it built them: `data/…` and `/app/data/…` both mean the data folder. Stored
paths are never rewritten; they are read anew each time, and what lies outside the configured folders does not exist.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi_app.config import Config

_DATA_PREFIXES = (("data",), ("/", "app", "data"))


@dataclass(frozen=True)
class Place:
    """Where a stored path points: `path` below `root`, the folder whose absence means that a drive is unmounted."""

    root: Path
    path: Path


@dataclass(frozen=True)
class Roots:
    """The folders whose files may be served."""

    data: Path
    media: tuple[Path, ...] = ()

    @classmethod
    def of(cls, config: Config) -> "Roots":
        return cls(config.data_dir.absolute(), tuple(root.absolute() for root in config.media_roots))


def place(stored: str, roots: Roots) -> Place | None:
    """Where `stored` points by its text alone, None for outside. Asks the disk nothing.

    Files directly in the data folder are the application's own (its key, its database), so they are outside too.
    """
    parts = PurePosixPath(stored).parts
    if not parts or ".." in parts or "\0" in stored:
        return None
    for prefix in _DATA_PREFIXES:
        rest = parts[len(prefix) :]
        if parts[: len(prefix)] == prefix:
            return Place(roots.data / rest[0], roots.data.joinpath(*rest)) if len(rest) > 1 else None
    path = Path(stored)
    if roots.data in path.parents:
        return place(str(PurePosixPath("data") / path.relative_to(roots.data)), roots)
    return next((Place(root, path) for root in roots.media if root in path.parents), None)


def resolve(found: Place, roots: Roots) -> Path | None:
    """The real file behind a place, None when symlinks lead out of every root or into a loop. Asks the disk.

    A link from one root into another is inside: libraries are spread over drives that way.
    """
    try:
        real = found.path.resolve()
        data = roots.data.resolve()
        media = [root.resolve() for root in roots.media]
    except (OSError, RuntimeError):
        return None
    below_data = data in real.parent.parents
    return real if below_data or any(root in real.parents for root in media) else None
