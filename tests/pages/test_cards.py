"""What a row looks like on the shelf, whatever an old database holds."""

import pytest

from fastapi_app.models import VideoStatus
from fastapi_app.pages.cards import LABELS, TONES, VideoRow, card, length


def row(**changes: object) -> VideoRow:
    """A downloaded video with a file and a picture."""
    values = {
        "id": 1,
        "title": "Song",
        "artist_id": 1,
        "artist": "Band",
        "year": 1999,
        "duration": 61,
        "status": VideoStatus.DOWNLOADED,
        "thumbnail_path": "a.jpg",
        "local_path": "a.mp4",
    }
    return VideoRow(**{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0, ""), (-5, ""), (5, "0:05"), (225, "3:45"), (3600, "1:00:00"), (2**31 - 1, "596523:14:07")],
)
def test_lengths_read_as_people_write_them(seconds: int | None, text: str) -> None:
    assert length(seconds) == text


def test_a_downloaded_video_carries_no_badge() -> None:
    shown = card(row())
    assert (shown.badge, shown.is_playable, shown.has_picture, shown.year) == ("", True, True, "1999")


@pytest.mark.parametrize(
    ("status", "path", "badge"),
    [
        (VideoStatus.DOWNLOADED, None, "No file"),
        (VideoStatus.WANTED, None, "Wanted"),
        (VideoStatus.FAILED, "", "Failed"),
        (None, None, "Unknown"),
    ],
)
def test_what_is_not_there_says_why(status: VideoStatus | None, path: str | None, badge: str) -> None:
    shown = card(row(status=status, local_path=path))
    assert (shown.badge, shown.is_playable) == (badge, False)


def test_every_status_has_a_word() -> None:
    assert set(LABELS) == set(VideoStatus)


@pytest.mark.parametrize("artist", ["", "Björk", "\ud800", "🪩" * 80])
def test_any_name_has_a_colour(artist: str) -> None:
    assert 0 <= card(row(artist=artist)).tone < TONES


@pytest.mark.parametrize("year", [None, 0, -5])
def test_a_year_that_is_none_is_not_shown(year: int | None) -> None:
    assert card(row(year=year)).year == ""
