"""Pictures in memory: read with suspicion, and made into the sizes that are kept."""

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from PIL import Image

from legacy_flask.errors import BadRequest
from legacy_flask.thumbnail_rules import SIZES

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_ALSO_KNOWN = ("AVIF", "BMP")
_MOST_PIXELS = 50_000_000
_UNREADABLE = "The file is not a readable picture. Send a whole JPEG, PNG, WebP or GIF"
_ORIENTATION = 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow raises for bytes that it can't read."""


@dataclass(frozen=True)
class Jpeg:
    """One size of a picture."""

    width: int
    height: int
    content: bytes


def read(file: IO[bytes]) -> Image.Image:
    """The first frame, upright, in RGB, on white. What it is is decided by content. Raises BadRequest."""
    try:
        with Image.open(file, formats=_FORMATS) as image:
            _check_pixels(image)
            image.verify()
        file.seek(0)
        with Image.open(file, formats=_FORMATS) as image:
            _check_pixels(image)
            turn = _UPRIGHT.get(_orientation(image))
            image.load()
            _check_pixels(image)  # an animation's first frame may be larger than its file said
            flat = _flat(image)
    except _DAMAGE:
        raise BadRequest(_UNREADABLE) from None
    return flat if turn is None else flat.transpose(turn)


def sizes_of(picture: Image.Image) -> dict[str, Jpeg]:
    """The picture in every size; none is larger than it is."""
    made = {}
    for size, longest in SIZES.items():
        fitted = picture.copy()
        if longest is not None:
            fitted.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        fitted.save(buffer, "JPEG", quality=90 if longest is None else 85, optimize=True, progressive=True)
        made[size] = Jpeg(fitted.width, fitted.height, buffer.getvalue())
    return made


def facts(path: Path) -> dict[str, Any] | None:
    """Size, format and mode of a picture, None where it can't be read."""
    try:
        with path.open("rb") as file, Image.open(file, formats=(*_FORMATS, *_ALSO_KNOWN)) as image:
            return {"size": list(image.size), "format": image.format, "mode": image.mode}
    except _DAMAGE:
        return None


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise BadRequest(f"The picture has more than {_MOST_PIXELS} pixels")


def _orientation(image: Image.Image) -> Any:
    """How the camera was held. Nonsense does not make a picture unreadable."""
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except _DAMAGE:
        return 1


def _flat(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Sixteen bits of grey, of which the upper eight are kept. Pillow alone would cut them off at 255.
        return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    flat = Image.new("RGB", seen.size, (255, 255, 255))
    flat.paste(seen, mask=seen.getchannel("A"))
    return flat
