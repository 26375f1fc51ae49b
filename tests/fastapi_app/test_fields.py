"""Values as their columns keep them; whatever a client sends, it is a value or a refusal that names the field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app import fields
from fastapi_app.artists import rules as artists
from fastapi_app.errors import AppError, BadField
from fastapi_app.models import INTEGER_MAX, INTEGER_MIN
from fastapi_app.settings import rules as settings
from fastapi_app.videos import rules as videos

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    (
        "name",
        "imvdb_id",
        "keywords",
        "monitored",
        "auto_download",
        "folder_path",
        "title",
        "year",
        "duration",
        "status",
        "genres",
        "video_url",
        "thumbnail_url",
        "artist_name",
        "value",
        "description",
        "settings",
    )
)


@pytest.mark.parametrize(
    ("value", "number"),
    [("1999", 1999), (12.7, 13), (12.2, 12), (-5, -5), (True, 1), ("1e3", 1000), (" 5 ", 5), (None, None), (2.5, 3)],
)
def test_numbers_are_read_as_mariadb_read_them(value: object, number: int | None) -> None:
    assert fields.integer_or_none(value, "year") == number


@pytest.mark.parametrize("value", ["abc", "", [], {}, 2**31, -(2**31) - 1, "1" * 70, "1e99999", "NaN", "inf", 1e300])
def test_numbers_that_no_column_keeps(value: object) -> None:
    with pytest.raises(BadField, match="year"):
        fields.integer_or_none(value, "year")


@given(JSON)
def test_any_value_is_a_number_or_refused(value: Any) -> None:
    try:
        number = fields.integer_or_none(value, "year")
    except BadField:
        return
    assert number is None or INTEGER_MIN <= number <= INTEGER_MAX


@given(JSON | st.dictionaries(NAMES, JSON))
def test_any_body_is_understood_or_refused(body: Any) -> None:
    for read in (artists.new_artist, artists.changes, videos.changes, settings.one_change, settings.many_changes):
        try:
            read(body)
        except AppError as refusal:
            assert refusal.status == 400  # noqa: PT017 - other outcomes are fine too


@given(st.text(), st.text())
def test_any_name_makes_a_file_name_of_one_part(artist: str, title: str) -> None:
    name = videos.file_name(artist, title, ".mp4")
    assert "/" not in name
    assert "\0" not in name
    assert len(name.encode("utf-8", "replace")) <= 255
    assert videos.folder_name(artist) not in {"", ".", ".."}


def test_genres_of_an_artist_are_those_of_a_tenth_of_the_videos() -> None:
    lists: list[Any] = [["Rock", "Pop"], ["Rock"], None, "Jazz", [], *[["Rock", "Folk"]] * 8, ["Rare", 5]]
    assert artists.mentioned(lists) == ["Rock", "Folk"]
    assert artists.mentioned([["b", "a"]]) == ["b", "a"]
    assert artists.mentioned([]) == []
