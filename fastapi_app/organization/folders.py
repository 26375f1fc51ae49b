"""The artists' folders of the library. All of it blocks; call it in a thread."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi_app.indexing.walk import films_in, real_folder, shown
from fastapi_app.media.paths import Roots


def artist_folders(roots: Roots, library: str) -> list[dict[str, Any]]:
    """Each first folder of the library with the number of its films, by name. Links count when they stay inside."""
    found = [
        {
            "name": shown(folder.name),
            "path": shown(f"{library}/{folder.name}"),
            "video_count": films_in(roots, folder, f"{library}/{folder.name}"),
            "last_modified": _moment(status.st_mtime),
        }
        for folder, status in _folders(roots, library)
    ]
    return sorted(found, key=_name)


def remove_empty(roots: Roots, library: str, downloads: str) -> int:
    """Removes the first folders of the library that hold nothing at all; how many. The downloads' folder stays."""
    kept = real_folder(roots, downloads)
    removed = 0
    for folder, _ in list(_folders(roots, library)):
        if not folder.is_symlink() and folder.resolve() != kept:
            with suppress(OSError):  # not empty, or not ours to remove
                folder.rmdir()
                removed += 1
    return removed


def exists(roots: Roots, stored: str) -> bool:
    found = real_folder(roots, stored)
    return found is not None and found.is_dir()


def _folders(roots: Roots, library: str) -> Iterator[tuple[Path, os.stat_result]]:
    start = real_folder(roots, library)
    if start is None:
        return
    try:
        folders = sorted(entry for entry in start.iterdir() if not entry.name.startswith("."))
    except OSError:
        return
    for folder in folders:
        with suppress(OSError):
            is_inside = not folder.is_symlink() or real_folder(roots, f"{library}/{folder.name}") is not None
            if is_inside and folder.is_dir():
                yield folder, folder.stat()


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def _name(folder: dict[str, Any]) -> tuple[str, str]:
    return folder["name"].lower(), folder["name"]
