"""Names, sizes and bodies of pictures."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fastapi_app.errors import BadRequest
from fastapi_app.thumbnails import rules
from fastapi_app.thumbnails.files import kind_of

MOMENT = datetime(2026, 11, 20, 20, 46, 15, 326409, UTC).replace(tzinfo=None)
SET = {"sizes": {"small": {"path": "s"}, "medium": {"path": "m"}, "original": {"path": "o"}}}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Björk Ågren", "björk_ågren"),
        ("宇宙バンド", "宇宙バンド"),
        ("Sigurð & Co.", "sigurð__co"),
        ("../../etc/passwd", "etcpasswd"),
        ("a\0b\nc", "abc"),
        ("🔥", ""),
        ("x" * 300, "x" * 50),
    ],
)
def test_files_are_named_as_0_9_named_them(name: str, kept: str) -> None:
    naming = rules.Naming("artists", name, MOMENT, "3cd7c1dc")
    assert naming.stored("small") == f"data/thumbnails/artists/small/{kept}_20261120_204615_3cd7c1dc_small.jpg"
    assert len(naming.file_name("original").encode()) < 250


def test_sizes_of_an_older_upload_do_not_stand_for_the_picture() -> None:
    assert rules.candidates("m", SET, "small") == ["s", "m"]
    assert rules.candidates("m", SET, "large") == ["m"]
    assert rules.candidates("fetched.jpg", SET, "small") == ["fetched.jpg"]
    assert rules.candidates(None, SET, "small") == []


@pytest.mark.parametrize("odd", [None, [], "x", 5, {"sizes": None}, {"sizes": {"small": "x", "large": {"path": 5}}}])
def test_odd_metadata_names_no_files(odd: Any) -> None:
    assert rules.files_of("p", odd) == rules.candidates("p", odd, "small") == ["p"]


def test_every_file_of_a_row_is_known_once() -> None:
    assert rules.files_of("m", SET) == ["m", "s", "o"]
    assert rules.files_of(None, SET) == ["s", "m", "o"]


@pytest.mark.parametrize("box", [[0, 0, 5], "abcd", [0, 0, "5", 5], [0, 0, True, 5], [0, 0, 1e999, 5], None, {}])
def test_a_box_of_another_shape_is_refused_by_name(box: Any) -> None:
    with pytest.raises(BadRequest, match="crop_box"):
        rules.crop_box({"crop_box": box})


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, 0, 11, 5), (0, 0, 5, 11), (5, 0, 5, 5), (0, 6, 5, 5)])
def test_a_box_that_leaves_the_picture_is_refused(box: rules.Box) -> None:
    with pytest.raises(BadRequest, match="10 by 10"):
        rules.check_box(box, (10, 10))


def test_fractions_of_pixels_are_rounded() -> None:
    assert rules.crop_box({"crop_box": [0.4, 0, 9.6, 10]}) == (0, 0, 10, 10)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\fakepath\\é.jpg", "é.jpg"), ("../a.png", "a.png"), ("a\nb\0.gif", "ab.gif"), ("x" * 300 + ".jpg", None)],
)
def test_a_sent_name_loses_what_can_not_be_shown(sent: str, kept: str | None) -> None:
    assert rules.plain_name(sent) == (kept or "x" * 251 + ".jpg")


@pytest.mark.parametrize(
    ("beginning", "name", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "a.png", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "a.jpg", "image/png"),
        (b"RIFF\x10\0\0\0WEBP", "a.jpg", "image/webp"),
        (b"GIF89a", "a", "image/gif"),
        (b"?", "a.webp", "image/webp"),
        (b"<svg", "a.svg", "application/octet-stream"),
        (b"<html", "a.html", "application/octet-stream"),
        (b"film", "a.mp4", "application/octet-stream"),
        (b"", "", "application/octet-stream"),
    ],
)
def test_a_picture_is_labelled_by_its_content_and_never_as_something_that_runs(
    beginning: bytes, name: str, kind: str
) -> None:
    assert kind_of(beginning, name) == kind
