"""A look at a folder that films go to: is it there, can it be written, how much room has it. All of it blocks."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.paths import Roots


@dataclass(frozen=True)
class Look:
    """What was found. `free` and `total` are bytes; `path` is empty for a folder outside of what may be served."""

    path: str = ""
    exists: bool = False
    writable: bool = False
    free: int = 0
    total: int = 0


def look(roots: Roots, stored: str) -> Look:
    """Makes a file without a name in the folder, or in the one that would hold it; it is gone at once."""
    real = real_folder(roots, stored)
    if real is None:
        return Look()
    there = next((place for place in (real, *real.parents) if place.is_dir()), None)
    if there is None:
        return Look(str(real))
    room = shutil.disk_usage(there)
    return Look(str(real), there == real, _takes_files(there), room.free, room.total)


def _takes_files(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".mvidarr-"):
            return True
    except OSError:
        return False
