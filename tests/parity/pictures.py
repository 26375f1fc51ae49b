"""Pictures of every kind that people upload, and files that only claim to be pictures."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def halves(width: int = 320, height: int = 240, mode: str = "RGB") -> Image.Image:
    """Red above blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image.convert(mode)


def jpeg(width: int = 320, height: int = 240) -> bytes:
    return encoded(halves(width, height), "JPEG")


def turned() -> bytes:
    """A JPEG that a camera held sideways took: stored 320 by 240, meant 240 by 320."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(halves(), "JPEG", exif=exif)


def transparent() -> bytes:
    """A PNG whose upper half is clear and whose lower half is blue."""
    image = halves(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 320, 120))
    return encoded(image, "PNG")


def deep() -> bytes:
    """A PNG of a middle grey in sixteen bits."""
    return encoded(Image.new("I;16", (320, 240), 0x8000), "PNG")


def animated() -> bytes:
    """A GIF that begins red."""
    frames = [Image.new("RGB", (320, 240), colour) for colour in (RED, GREEN, BLUE)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG that says it is very large, and is a few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"")) + _chunk(b"IEND", b"")


def readable() -> dict[str, bytes]:
    """By the name of its file."""
    return {
        "a.jpg": jpeg(),
        "turned.jpeg": turned(),
        "cmyk.jpg": encoded(halves(mode="CMYK"), "JPEG"),
        "grey.jpg": encoded(halves(mode="L"), "JPEG"),
        "clear.png": transparent(),
        "deep.png": deep(),
        "palette.png": encoded(halves(mode="P"), "PNG", transparency=0),
        "bits.png": encoded(halves(mode="1"), "PNG"),
        "both.png": encoded(halves(mode="LA"), "PNG"),
        "moving.gif": animated(),
        "a.webp": encoded(halves(), "WEBP"),
        "moving.webp": encoded(halves(), "WEBP", save_all=True, append_images=[halves()]),
        "A PNG in truth.JPG": transparent(),
        "long.png": encoded(Image.new("RGB", (2000, 1)), "PNG"),
        "dot.png": encoded(Image.new("RGB", (1, 1)), "PNG"),
    }


def unreadable() -> dict[str, bytes]:
    """By the name of its file."""
    whole = encoded(halves(), "PNG")
    return {
        "empty.jpg": b"",
        "text.jpg": b"not an image",
        "page.png": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "bmp.jpg": encoded(halves(), "BMP"),
        "tiff.png": encoded(halves(), "TIFF"),
        "half.jpg": jpeg()[:2000],
        "half.png": whole[: len(whole) // 2],
        "half.webp": encoded(halves(), "WEBP")[:40],
        "half.gif": animated()[:100],
        "damaged.png": whole[:60] + bytes(20) + whole[80:],
        "bomb.png": bomb(),
        "larger.png": bomb(7100, 7100),
        "nothing.png": bomb(0, 0),
    }


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
