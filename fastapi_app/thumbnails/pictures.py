"""Reading pictures that strangers send, and making the sizes that are kept. All of it computes: call it in a thread."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from PIL import Image

from fastapi_app.errors import BadRequest
from fastapi_app.thumbnails.rules import SIZES

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""What is accepted, by content. Other decoders are not even asked."""
KNOWN = (*FORMATS, "AVIF", "BMP")
"""What a stored file may be besides; such pictures are only described."""
MOST_PIXELS = 50_000_000
QUALITY = 85
ORIGINAL_QUALITY = 90
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders raise for bytes that they can't read."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by the orientation that the camera noted."""


class NotAPicture(BadRequest):
    """The bytes are no picture that can be read."""

    def __init__(self) -> None:
        super().__init__("The file is not a readable picture. Send a whole JPEG, PNG, WebP or GIF")


class TooManyPixels(BadRequest):
    """The picture would need too much memory, however small its file is."""

    def __init__(self) -> None:
        super().__init__(f"The picture has more than {MOST_PIXELS} pixels")


@dataclass(frozen=True)
class Rendition:
    """One size of a picture, as the bytes of a JPEG."""

    width: int
    height: int
    content: bytes


def read(file: IO[bytes]) -> Image.Image:
    """The picture in `file`: its first frame, upright, in RGB, transparent parts white.

    Raises NotAPicture for anything else, a part of a picture included, and TooManyPixels before memory is taken.
    """
    try:
        with Image.open(file, formats=FORMATS) as probe:
            _refuse_large(probe)
            probe.verify()
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            _refuse_large(image)
            turn = _TURNS.get(_orientation(image))
            image.load()
            _refuse_large(image)  # the first frame of an animation may be larger than its file said
            plain = _plain(image)
    except BROKEN:
        raise NotAPicture from None
    return plain if turn is None else plain.transpose(turn)


def renditions(image: Image.Image) -> dict[str, Rendition]:
    """Every size of an RGB picture. Sizes larger than the picture are the picture itself."""
    return {size: _rendition(image, most) for size, most in SIZES.items()}


def _rendition(image: Image.Image, most: int | None) -> Rendition:
    fitted = image
    if most is not None:
        fitted = image.copy()
        fitted.thumbnail((most, most), Image.Resampling.LANCZOS)
    content = BytesIO()
    quality = ORIGINAL_QUALITY if most is None else QUALITY
    fitted.save(content, "JPEG", quality=quality, optimize=True, progressive=True)
    return Rendition(*fitted.size, content.getvalue())


def _refuse_large(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise TooManyPixels


def _orientation(image: Image.Image) -> Any:
    """As the camera noted it; 1 where it noted nonsense, which does not make a picture unreadable."""
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except BROKEN:
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """The picture in RGB, eight bits a channel, on white."""
    if image.mode.startswith("I"):
        # Grey in sixteen bits; Pillow's own conversion would cut everything above 255 off.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        white = Image.new("RGB", coloured.size, "white")
        white.paste(coloured, mask=coloured.getchannel("A"))
        return white
    return image.convert("RGB")
