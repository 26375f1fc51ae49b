"""What strangers send is read with suspicion, and whatever is readable becomes an upright picture on white."""

import warnings
from io import BytesIO

import pytest
from PIL import Image

from fastapi_app.errors import BadRequest
from fastapi_app.thumbnails import pictures
from tests.parity import pictures as samples

Pixel = tuple[int, ...]


def near(image: Image.Image, place: tuple[int, int], colour: Pixel) -> bool:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("name", samples.readable())
def test_every_kind_of_picture_becomes_rgb(name: str) -> None:
    image = pictures.read(BytesIO(samples.readable()[name]))
    assert (image.mode, min(image.size) > 0) == ("RGB", True)


@pytest.mark.parametrize("name", samples.unreadable())
def test_what_is_no_whole_picture_is_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        pictures.read(BytesIO(samples.unreadable()[name]))


def test_a_bomb_is_refused_even_where_warnings_are_silent() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for side in (7100, 10_000, 60_000):
            with pytest.raises(BadRequest, match=r"pixels|readable"):
                pictures.read(BytesIO(samples.bomb(side, side)))


def test_a_turned_camera_does_not_turn_the_picture() -> None:
    image = pictures.read(BytesIO(samples.turned()))
    assert image.size == (240, 320)
    assert near(image, (230, 160), samples.RED)
    assert near(image, (10, 160), samples.BLUE)


def test_clear_parts_become_white_not_black() -> None:
    image = pictures.read(BytesIO(samples.transparent()))
    assert near(image, (10, 10), samples.WHITE)
    assert near(image, (10, 230), samples.BLUE)


def test_sixteen_bits_are_not_cut_to_white() -> None:
    assert near(pictures.read(BytesIO(samples.deep())), (5, 5), (128, 128, 128))


def test_of_an_animation_the_first_frame_counts() -> None:
    assert near(pictures.read(BytesIO(samples.animated())), (5, 5), samples.RED)


def test_colours_of_print_survive() -> None:
    content = samples.encoded(samples.halves(mode="CMYK"), "JPEG")
    assert near(pictures.read(BytesIO(content)), (5, 5), samples.RED)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), {"small": (150, 113), "medium": (300, 225), "large": (600, 450), "original": (640, 480)}),
        ((320, 240), {"small": (150, 113), "medium": (300, 225), "large": (320, 240), "original": (320, 240)}),
        ((2000, 1), {"small": (150, 1), "medium": (300, 1), "large": (600, 1), "original": (2000, 1)}),
    ],
)
def test_sizes_are_those_of_0_9_and_never_larger_than_the_picture(
    size: tuple[int, int], expected: dict[str, tuple[int, int]]
) -> None:
    made = pictures.renditions(Image.new("RGB", size))
    assert {name: (one.width, one.height) for name, one in made.items()} == expected
    for one in made.values():
        with Image.open(BytesIO(one.content)) as image:
            assert (image.format, image.size) == ("JPEG", (one.width, one.height))
            assert not image.getexif()
