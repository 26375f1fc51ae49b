"""Renaming a video's file after its new title or artist, in step with its row."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi_app.models import Video
from legacy_flask.configuration import current_settings
from legacy_flask.file_names import destination
from legacy_flask.stored_paths import existing_file, locate

_LONGEST_PATH = 500


@dataclass(frozen=True)
class Move:
    """A file that has two names until the commit: whatever fails in between, the row names a file that exists."""

    old: Path
    new: Path

    def finish(self) -> None:
        _drop(self.old)

    def undo(self) -> None:
        _drop(self.new)


def begin_move(video: Video) -> Move | None:
    """Gives the file its new name and tells the row; None, silently, where it can't be moved or is in place."""
    settings = current_settings()
    stored = video.local_path
    old = existing_file(stored, settings) if stored else None
    if not stored or old is None:
        return None
    wanted = destination(stored, video.artist.name, video.title)
    target = locate(wanted, settings)
    if target is None or target.path == old:
        return None
    try:
        new = _link(old, target.path)
    except OSError:
        return None
    renamed = str(PurePosixPath(wanted).with_name(new.name))
    if len(renamed) > _LONGEST_PATH:
        new.unlink()
        return None
    video.local_path = renamed
    return Move(old, new)


def _link(file: Path, wanted: Path) -> Path:
    """A second name, never one that is used: ` (1)`, ` (2)` … follow the stem."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    target, number = wanted, 0
    while True:
        try:
            os.link(file, target)
        except FileExistsError:
            number += 1
            target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        else:
            return target


def _drop(file: Path) -> None:
    """Removes a file, and its folder where that leaves it empty."""
    with suppress(OSError):
        file.unlink()
        file.parent.rmdir()
