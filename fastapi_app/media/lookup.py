"""Finding the file of a row, without blocking the event loop."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from anyio import to_thread

from fastapi_app.config import Config
from fastapi_app.media.file_response import OpenFile, open_file
from fastapi_app.media.paths import Roots, place, resolve


@dataclass(frozen=True)
class Found:
    """What a stored path led to: an open file named `name`; or nothing, and then whether it is certainly gone.

    A path outside the configured folders, and one in a folder that is not mounted, are not gone: nothing is known.
    """

    file: OpenFile | None
    name: str
    is_gone: bool = False


async def look_up(config: Config, stored: str) -> Found:
    """Opens the file behind `stored`. The caller closes it, for instance by sending it."""
    return await to_thread.run_sync(_look_up, Roots.of(config), stored)


def _look_up(roots: Roots, stored: str) -> Found:
    name = PurePosixPath(stored).name
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    if found is None or real is None:
        return Found(None, name)
    file = open_file(real)
    if file is not None:
        return Found(file, name)
    return Found(None, name, is_gone=found.root.is_dir() and not real.exists())
