"""Text can be read in both themes: WCAG AA, computed from the stylesheet."""

import re

import pytest

from fastapi_app.pages.static_files import STATIC

CSS = (STATIC / "mvidarr.css").read_text()
DOWNLOADS = (STATIC / "downloads.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", CSS + DOWNLOADS))
TAG = re.compile(r"background: light-dark\((#\w{6}, #\w{6})\); color: light-dark\((#\w{6}, #\w{6})\)")


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, between 0 and 1."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["canvas", "surface", "raised"])
@pytest.mark.parametrize("ink", ["ink", "muted", "accent-ink"])
def test_text_stands_out(ink: str, ground: str, theme: int) -> None:
    assert contrast(PAIRS[ink].split(", ")[theme], PAIRS[ground].split(", ")[theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_errors_and_edges_of_controls_stand_out(theme: int) -> None:
    danger, fill = PAIRS["danger"].split(", ")[theme], PAIRS["danger-fill"].split(", ")[theme]
    assert contrast(danger, fill) >= 4.5
    assert contrast(PAIRS["edge"].split(", ")[theme], PAIRS["surface"].split(", ")[theme]) >= 3


def test_the_accent_carries_its_text() -> None:
    accent, ink = (re.search(rf"--{name}: (#\w{{6}});", CSS) for name in ("accent", "on-accent"))
    assert accent
    assert ink
    assert contrast(accent[1], ink[1]) >= 7


def test_posters_without_a_picture_carry_white_text() -> None:
    tones = re.findall(r"\.tone-\d \{ background: [^#]+(#\w{6}), (#\w{6})", CSS)
    assert len(tones) == 8
    # Large bold text.
    assert min(contrast("#ffffff", colour) for pair in tones for colour in pair) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_downloads_can_be_told_apart(theme: int) -> None:
    surface = PAIRS["surface"].split(", ")[theme]
    assert contrast(PAIRS["bar"].split(", ")[theme], surface) >= 3
    assert contrast(PAIRS["danger"].split(", ")[theme], surface) >= 4.5
    tags = TAG.findall(DOWNLOADS)
    assert tags
    for ground, ink in tags:
        assert contrast(ink.split(", ")[theme], ground.split(", ")[theme]) >= 4.5
