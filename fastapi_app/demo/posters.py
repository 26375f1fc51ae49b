"""The demo's pictures: gradients and shapes in an artist's colours, with a title in the font that Pillow carries."""

import math
import random
import unicodedata
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Palette = tuple[Colour, Colour, Colour]

WIDE = (640, 360)
SQUARE = (600, 600)
_SCALE = 2
"""Drawn larger and shrunk, for smooth edges."""
_COARSE = 8
"""Gradients are made this much smaller and enlarged: they have no edges to lose."""
_PAPER: Colour = (255, 255, 255)
_PLAIN = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ð": "d", "þ": "th", "ß": "ss", "ł": "l", "œ": "oe"})
"""Letters that do not come apart into a plain one and a mark."""


@dataclass(frozen=True)
class Caption:
    """A large line and a small one. `latin` forms stand in for letters that the font lacks; empty means none."""

    title: str
    title_latin: str = ""
    line: str = ""
    line_latin: str = ""


def poster(size: tuple[int, int], palette: Palette, caption: Caption, seed: int) -> Image.Image:
    """One picture; the same arguments give the same picture."""
    chance = random.Random(seed)  # noqa: S311  decoration
    width, height = size[0] * _SCALE, size[1] * _SCALE
    canvas = _gradient((width, height), palette, chance.uniform(-0.5, 0.5))
    shapes = _SHAPES[seed % len(_SHAPES)]
    canvas.alpha_composite(shapes((width, height), palette, chance))
    canvas.alpha_composite(_scrim((width, height)))
    _write(canvas, caption)
    return canvas.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def drawable(text: str, font: ImageFont.FreeTypeFont) -> bool:
    """Whether the font has a picture of its own for every letter of `text`."""
    missing = bytes(font.getmask("\ufffe"))
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in text)


def spelled(text: str, latin: str, font: ImageFont.FreeTypeFont) -> str:
    """`text` where the font can show it, else `latin`, else plain letters: as much as the font can show."""
    if drawable(text, font):
        return text
    plain = unicodedata.normalize("NFKD", (latin or text).translate(_PLAIN))
    return "".join(letter for letter in plain if drawable(letter, font))


def _gradient(size: tuple[int, int], palette: Palette, tilt: float) -> Image.Image:
    dark, middle, light = palette
    ramp = Image.new("RGB", (1, 256))
    for row in range(256):
        share = row / 255
        low, high, part = (dark, middle, share * 2) if share < 0.5 else (middle, light, share * 2 - 1)
        ramp.putpixel((0, 255 - row), _mix(low, high, part))
    width, height = size[0] // _COARSE, size[1] // _COARSE
    long_side = math.ceil(math.hypot(width, height))
    square = ramp.resize((long_side, long_side)).rotate(math.degrees(tilt), Image.Resampling.BICUBIC)
    left, top = (long_side - width) // 2, (long_side - height) // 2
    return square.crop((left, top, left + width, top + height)).resize(size, Image.Resampling.BICUBIC).convert("RGBA")


def _sun(size: tuple[int, int], palette: Palette, chance: random.Random) -> Image.Image:
    """A sun cut into stripes over a horizon."""
    layer, pen = _layer(size)
    radius = int(size[1] * chance.uniform(0.26, 0.34))
    x, y = int(size[0] * chance.uniform(0.58, 0.8)), int(size[1] * 0.42)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*palette[2], 235))
    for stripe in range(6):
        top = y + int(radius * (stripe - 1) / 6)
        pen.rectangle((x - radius, top, x + radius, top + 2 + stripe * _SCALE * 2), fill=(0, 0, 0, 0))
    return layer


def _rings(size: tuple[int, int], palette: Palette, chance: random.Random) -> Image.Image:
    """Circles around a point, like sound from a loudspeaker."""
    layer, pen = _layer(size)
    x, y = int(size[0] * chance.uniform(0.6, 0.85)), int(size[1] * chance.uniform(0.25, 0.45))
    for ring in range(9, 0, -1):
        radius = int(size[1] * 0.085 * ring)
        colour = palette[2] if ring % 2 else palette[0]
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*colour, 40 + 14 * (9 - ring)))
    return layer


def _hills(size: tuple[int, int], palette: Palette, chance: random.Random) -> Image.Image:
    """Waves one behind another, under a small moon."""
    layer, pen = _layer(size)
    moon, x = int(size[1] * 0.09), int(size[0] * chance.uniform(0.65, 0.85))
    pen.ellipse((x - moon, int(size[1] * 0.14), x + moon, int(size[1] * 0.14) + 2 * moon), fill=(*palette[2], 230))
    for depth in range(5):
        base, swing, phase = size[1] * (0.45 + depth * 0.12), size[1] * 0.07, chance.uniform(0, 6.3)
        outline = [
            (across, base + swing * math.sin(phase + across / size[0] * (4 + depth)))
            for across in range(0, size[0] + 8, 8)
        ]
        colour = _mix(palette[1], palette[0], depth / 4)
        pen.polygon([*outline, (size[0], size[1]), (0, size[1])], fill=(*colour, 190))
    return layer


def _shards(size: tuple[int, int], palette: Palette, chance: random.Random) -> Image.Image:
    """Translucent triangles thrown about."""
    layer = Image.new("RGBA", size)
    pen = ImageDraw.Draw(layer, "RGBA")
    for _ in range(11):
        x, y, reach = chance.uniform(0.3, 1) * size[0], chance.uniform(0, 0.7) * size[1], size[1] * 0.42
        corners = [(x + chance.uniform(-reach, reach), y + chance.uniform(-reach, reach)) for _ in range(3)]
        pen.polygon(corners, fill=(*chance.choice(palette), chance.randint(60, 130)))
    return layer


def _stars(size: tuple[int, int], palette: Palette, chance: random.Random) -> Image.Image:
    """A night sky with a comet."""
    layer, pen = _layer(size)
    for _ in range(130):
        x, y, radius = chance.random() * size[0], chance.random() * size[1] * 0.8, chance.uniform(1, 3.4)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*_PAPER, chance.randint(70, 230)))
    x, y = size[0] * chance.uniform(0.6, 0.8), size[1] * 0.3
    for step in range(60):
        radius = size[1] * 0.05 * (1 - step / 60)
        across, up = x + step * size[0] * 0.006, y - step * size[1] * 0.005
        box = (across - radius, up - radius, across + radius, up + radius)
        pen.ellipse(box, fill=(*palette[2], int(210 * (1 - step / 60))))
    return layer


_SHAPES = (_sun, _rings, _hills, _shards, _stars)


def _scrim(size: tuple[int, int]) -> Image.Image:
    """Darkness that rises from the lower edge, so that letters stand out on any colour."""
    column = Image.new("L", (1, 64))
    for row in range(64):
        column.putpixel((0, row), int(200 * max(0.0, row / 63 - 0.35) / 0.65))
    layer = Image.new("RGBA", size)
    layer.putalpha(column.resize(size, Image.Resampling.BICUBIC))
    return layer


def _write(canvas: Image.Image, caption: Caption) -> None:
    pen = ImageDraw.Draw(canvas)
    margin = int(canvas.height * 0.07)
    small = _font(int(canvas.height * 0.055))
    line = spelled(caption.line, caption.line_latin, small).upper()
    baseline = canvas.height - margin
    if line:
        pen.text((margin, baseline), line, font=small, fill=(*_PAPER, 205), anchor="ls")
        baseline -= int(canvas.height * 0.1)
    title, large = _fitting(caption, canvas.width - 2 * margin, int(canvas.height * 0.15))
    pen.text((margin, baseline), title, font=large, fill=(*_PAPER, 255), anchor="ls")


def _fitting(caption: Caption, width: int, largest: int) -> tuple[str, ImageFont.FreeTypeFont]:
    font = _font(largest)
    title = spelled(caption.title, caption.title_latin, font)
    needed = font.getlength(title) or 1.0
    return title, font if needed <= width else _font(int(largest * width / needed))


def _font(pixels: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(pixels)
    if not isinstance(font, ImageFont.FreeTypeFont):  # Pillow without FreeType has bitmaps only
        raise TypeError("this Pillow was built without FreeType")
    return font


def _layer(size: tuple[int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    layer = Image.new("RGBA", size)
    return layer, ImageDraw.Draw(layer)


def _mix(low: Colour, high: Colour, part: float) -> Colour:
    red, green, blue = (round(start + (end - start) * part) for start, end in zip(low, high, strict=True))
    return red, green, blue
