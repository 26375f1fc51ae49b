"""What pictures are called, which files belong to a row, and what a client wants of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import PurePosixPath
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest

SIZES: Mapping[str, int | None] = {"small": 150, "medium": 300, "large": 600, "original": None}
"""The longest side of each size, in pixels; None keeps the picture as it is."""
PRIMARY = "medium"
"""The size that `thumbnail_path` names."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
ADDRESS_LENGTH = 500
_NAME_LENGTH = 50
_FILE_NAME_LENGTH = 255
_CORNERS = "[left, top, right, bottom]"

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels from the upper left corner."""


@dataclass(frozen=True)
class Naming:
    """What the files of one upload are called. `kind` is artists or videos, `token` eight hexadecimal digits."""

    kind: str
    name: str
    moment: datetime
    token: str

    def file_name(self, size: str) -> str:
        """As 0.9 built it: the name in lower case, the moment, the token and the size."""
        kept = "".join(letter for letter in self.name if letter.isalnum() or letter in " -_").strip()
        plain = kept.replace(" ", "_").lower()[:_NAME_LENGTH]
        return f"{plain}_{self.moment:%Y%m%d_%H%M%S}_{self.token}_{size}.jpg"

    def stored(self, size: str) -> str:
        """The stored path of one size."""
        return f"data/thumbnails/{self.kind}/{size}/{self.file_name(size)}"


def files_of(path: str | None, metadata: Any) -> list[str]:
    """The stored paths of every file that a row names: its picture, then the other sizes."""
    return list(dict.fromkeys([*([path] if path else []), *_paths(metadata).values()]))


def candidates(path: str | None, metadata: Any, size: str) -> list[str]:
    """The stored paths that may be served as `size`, the best first.

    Sizes of an older picture stay in the row when another one replaces it; they only count while the picture is
    one of them.
    """
    if not path:
        return []
    sizes = _paths(metadata)
    wanted = [sizes[size]] if size in sizes and path in sizes.values() else []
    return list(dict.fromkeys([*wanted, path]))


def check_size(size: str) -> None:
    """Raises BadRequest for a size that there is not."""
    if size not in SIZES:
        raise BadRequest(f"Invalid size. Valid sizes: {list(SIZES)}")


def check_suffix(file_name: str) -> None:
    """Raises BadRequest for files that don't even claim to be pictures. What they are is decided by their content."""
    if PurePosixPath(file_name).suffix.lower() not in SUFFIXES:
        raise BadRequest(f"Invalid file type. Allowed: {list(SUFFIXES)}")


def plain_name(file_name: str) -> str:
    """The last part of a name that a browser sent, without what a database or a page can't show."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable() and not "\ud800" <= letter <= "\udfff")
    return kept[-_FILE_NAME_LENGTH:]


def crop_box(body: Any) -> Box:
    """The box of a body like `{"crop_box": [0, 0, 10, 10]}`. Raises BadRequest; fractions are rounded."""
    if not isinstance(body, dict) or "crop_box" not in body:
        raise BadRequest("crop_box is required")
    box = body["crop_box"]
    if not isinstance(box, list) or len(box) != len(_CORNERS.split(",")):
        raise BadField("crop_box", _CORNERS)
    left, top, right, bottom = map(_pixels, box)
    return left, top, right, bottom


def check_box(box: Box, size: tuple[int, int]) -> None:
    """Raises BadField for a box that is empty or leaves a picture of `size`."""
    left, top, right, bottom = box
    if not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
        raise BadField("crop_box", f"{_CORNERS} inside the picture, which is {size[0]} by {size[1]} pixels")


def artist_removal(body: Any) -> bool:
    """Whether an artist's picture is to be removed; False means that the body names an address for it instead.

    Raises BadRequest for a body that says neither, and for an address that is none.
    """
    if not body or not isinstance(body, dict):
        raise BadRequest("Request data is required")
    if fields.boolean(body.get("remove_thumbnail"), "remove_thumbnail", default=False):
        return True
    address = body.get("thumbnail_url")
    if address is None or address == "":
        raise BadRequest("Either thumbnail_url or remove_thumbnail must be provided")
    if not isinstance(address, str):
        raise BadField("thumbnail_url", "text")
    if not fields.text(address, "thumbnail_url", ADDRESS_LENGTH).startswith(("http://", "https://")):
        raise BadRequest("Invalid thumbnail URL format")
    return False


def video_address(body: Any) -> str | None:
    """The address that a video's picture gets; None where the picture is to be removed. Raises BadRequest."""
    known = body if isinstance(body, dict) else {}
    action, address = known.get("action", "update"), known.get("thumbnail_url")
    if action == "remove":
        return None
    if action != "update" or not address:
        raise BadRequest("Invalid action or missing thumbnail_url")
    return fields.text(address, "thumbnail_url", ADDRESS_LENGTH)


def share(part: int, whole: int) -> float:
    """How much of `whole` is `part`, in percent."""
    return round(part / whole * 100, 2) if whole else 0


def _paths(metadata: Any) -> dict[str, str]:
    """The stored path of each size. The column holds whatever 0.9 and other hands left in it."""
    sizes = metadata.get("sizes") if isinstance(metadata, dict) else None
    named = sizes.items() if isinstance(sizes, dict) else ()
    paths = {size: facts.get("path") for size, facts in named if isinstance(facts, dict)}
    return {size: path for size, path in paths.items() if isinstance(path, str) and path}


def _pixels(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadField("crop_box", f"{_CORNERS} in whole pixels")
    return round(value)


def columns(naming: Naming, metadata: Mapping[str, Any], source: str, moment: datetime) -> dict[str, Any]:
    """What a row says of its new picture, besides the address."""
    return {
        "thumbnail_path": naming.stored(PRIMARY),
        "thumbnail_source": source,
        "thumbnail_metadata": dict(metadata),
        "thumbnail_uploaded_at": moment,
    }


def metadata_of(
    naming: Naming, original_name: str, file_size: int, size: tuple[int, int], made: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """The facts that the row and the answer tell. `made` is width, height and bytes of each size that was written."""
    return {
        "upload_id": naming.token,
        "original_filename": original_name,
        "upload_timestamp": naming.moment.isoformat(timespec="microseconds"),
        "original_size": list(size),
        "file_size": file_size,
        "format": "JPEG",
        "sizes": {
            name: {
                "path": naming.stored(name),
                "filename": naming.file_name(name),
                "size": [width, height],
                "file_size": length,
            }
            for name, (width, height, length) in made.items()
        },
    }
