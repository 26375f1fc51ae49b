"""The picture that came with a film, as a JPEG. It blocks."""

from contextlib import suppress
from pathlib import Path

from fastapi_app.downloads.options import STEM
from fastapi_app.errors import BadRequest
from fastapi_app.thumbnails.pictures import QUALITY, read

NAME = "picture.jpg"
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_MOST_BYTES = 20 * 2**20
_LONGEST_SIDE = 1280


def make(folder: Path) -> str | None:
    """The name of a picture made from what yt-dlp left in `folder`; None where there is none that can be read."""
    for suffix in _SUFFIXES:
        source = folder / f"{STEM}{suffix}"
        with suppress(OSError, BadRequest):
            if source.stat().st_size <= _MOST_BYTES:
                with source.open("rb") as file:
                    image = read(file)
                image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
                image.save(folder / NAME, "JPEG", quality=QUALITY, optimize=True)
                return NAME
    return None
