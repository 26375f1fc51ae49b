"""Files beside a film. All of it blocks. What somebody else wrote is replaced only with consent."""

import os
from collections.abc import Callable
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from fastapi_app.errors import BadRequest
from fastapi_app.media.files import write_whole
from fastapi_app.nfo import marks
from fastapi_app.nfo.marks import Owner
from fastapi_app.thumbnails.pictures import QUALITY, read

_MOST_BYTES = 20 * 2**20


class Outcome(StrEnum):
    """What became of one file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    NOTHING = "nothing"
    """There was nothing to write."""


def write_nfo(film: Path, content: bytes, *, replace: bool) -> Outcome:
    """The NFO of a film. Raises OSError."""
    return _write(film.with_name(film.stem + ".nfo"), marks.marked_nfo(content), marks.owner_of_nfo, replace=replace)


def write_picture(film: Path, picture: Path | None, suffix: str, *, replace: bool) -> Outcome:
    """A copy of `picture`, as a JPEG. Raises OSError."""
    target = film.with_name(f"{film.stem}{suffix}.jpg")
    if picture is None:
        return Outcome.NOTHING
    if target.exists() and target.samefile(picture):
        return Outcome.UNCHANGED
    content = _jpeg(picture)
    if content is None:
        return Outcome.NOTHING
    return _write(target, marks.marked_picture(content), marks.owner_of_picture, replace=replace)


def _write(target: Path, content: bytes, owner: Callable[[bytes], Owner], *, replace: bool) -> Outcome:
    if os.path.lexists(target):
        there = target.read_bytes() if target.is_file() and not target.is_symlink() else b""
        if there == content:
            return Outcome.UNCHANGED
        if not target.is_file() or (owner(there) is Owner.THEIRS and not replace):
            return Outcome.KEPT
    write_whole(target, content)
    return Outcome.WRITTEN


def _jpeg(picture: Path) -> bytes | None:
    """None for a file that is no picture, or an enormous one."""
    if picture.stat().st_size > _MOST_BYTES:
        return None
    content = picture.read_bytes()
    if marks.is_jpeg(content):
        return content
    try:
        image = read(BytesIO(content))
    except BadRequest:
        return None
    made = BytesIO()
    image.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue()
