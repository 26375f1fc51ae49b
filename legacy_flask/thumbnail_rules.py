"""What a client wants of pictures, what files of pictures are called, and which of them belong to a row. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import PurePosixPath
from typing import Any

from legacy_flask import fields
from legacy_flask.errors import BadField, BadRequest

SIZES: Mapping[str, int | None] = {"small": 150, "medium": 300, "large": 600, "original": None}
"""The longest side in pixels; None leaves the picture as it is."""
PRIMARY = "medium"
"""Which of them `thumbnail_path` names."""
_SUFFIXES = [".jpg", ".jpeg", ".png", ".webp", ".gif"]
_URL = 500
_LONGEST_NAME = 50
_LONGEST_FILE_NAME = 255
_BOX = "[left, top, right, bottom]"


@dataclass(frozen=True)
class Upload:
    """One upload: whose it is (`artists` or `videos`), their name, when, and eight hexadecimal digits."""

    kind: str
    name: str
    moment: datetime
    token: str

    def file_name(self, size: str) -> str:
        letters = [letter for letter in self.name if letter.isalnum() or letter in (" ", "-", "_")]
        name = "".join(letters).strip().replace(" ", "_").lower()[:_LONGEST_NAME]
        return f"{name}_{self.moment.strftime('%Y%m%d_%H%M%S')}_{self.token}_{size}.jpg"

    def stored(self, size: str) -> str:
        """The stored path of a size."""
        return f"data/thumbnails/{self.kind}/{size}/{self.file_name(size)}"


def stored_files(path: str | None, metadata: Any) -> list[str]:
    """Every stored path that a row names, its main picture first."""
    named = [path] if path else []
    return named + [other for other in _size_paths(metadata).values() if other != path]


def served_as(path: str | None, metadata: Any, size: str) -> list[str]:
    """The stored paths that may stand for a size, the best first.

    The column keeps the sizes of an upload after another picture took its place; then they don't count.
    """
    paths = _size_paths(metadata)
    if not path:
        return []
    if path not in paths.values() or paths.get(size, path) == path:
        return [path]
    return [paths[size], path]


def check_size(size: str) -> None:
    """Raises BadRequest."""
    if size not in SIZES:
        raise BadRequest(f"Invalid size. Valid sizes: {list(SIZES)}")


def check_file_name(name: str) -> None:
    """Raises BadRequest for a file that is not even called a picture."""
    if PurePosixPath(name).suffix.lower() not in _SUFFIXES:
        raise BadRequest(f"Invalid file type. Allowed: {_SUFFIXES}")


def shown_name(name: str) -> str:
    """A file's name as it may be stored and shown: without folders, and without what can't be printed."""
    last = name.replace("\\", "/").split("/")[-1]
    return "".join(filter(str.isprintable, last))[-_LONGEST_FILE_NAME:]


def read_box(body: Any) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels. Raises BadRequest."""
    if not isinstance(body, dict) or "crop_box" not in body:
        raise BadRequest("crop_box is required")
    box = body["crop_box"]
    if not isinstance(box, list) or len(box) != 4:
        raise BadField("crop_box", _BOX)
    for value in box:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise BadField("crop_box", f"{_BOX} in whole pixels")
    return round(box[0]), round(box[1]), round(box[2]), round(box[3])


def check_box(box: tuple[int, int, int, int], width: int, height: int) -> None:
    """Raises BadField for a box that holds nothing or leaves the picture."""
    left, top, right, bottom = box
    if left < 0 or top < 0 or right > width or bottom > height or left >= right or top >= bottom:
        raise BadField("crop_box", f"{_BOX} inside the picture, which is {width} by {height} pixels")


def is_removal(body: Any) -> bool:
    """Whether an artist's picture goes; else the body names an address. Raises BadRequest where it does neither."""
    if not isinstance(body, dict) or not body:
        raise BadRequest("Request data is required")
    if fields.truth(body.get("remove_thumbnail"), "remove_thumbnail", default=False):
        return True
    url = body.get("thumbnail_url")
    if url is None or url == "":
        raise BadRequest("Either thumbnail_url or remove_thumbnail must be provided")
    if not isinstance(url, str):
        raise BadField("thumbnail_url", "text")
    if not fields.text(url, "thumbnail_url", _URL).startswith(("http://", "https://")):
        raise BadRequest("Invalid thumbnail URL format")
    return False


def video_url(body: Any) -> str | None:
    """The address of a video's next picture, None to remove it. Raises BadRequest."""
    if not isinstance(body, dict):
        body = {}
    action = body.get("action", "update")
    if action == "remove":
        return None
    if action == "update" and body.get("thumbnail_url"):
        return fields.text(body["thumbnail_url"], "thumbnail_url", _URL)
    raise BadRequest("Invalid action or missing thumbnail_url")


def percentage(part: int, total: int) -> float:
    return round(part / total * 100, 2) if total > 0 else 0


def _size_paths(metadata: Any) -> dict[str, str]:
    """The stored path of each size; the column may hold any JSON."""
    found: dict[str, str] = {}
    sizes = metadata.get("sizes") if isinstance(metadata, dict) else None
    for size, facts in sizes.items() if isinstance(sizes, dict) else ():
        path = facts.get("path") if isinstance(facts, dict) else None
        if isinstance(path, str) and path:
            found[size] = path
    return found
