"""Where the pages begin and end."""

import pytest

from fastapi_app.pages.library import count_text
from fastapi_app.pages.paging import Paging


def test_an_empty_library_has_one_empty_page() -> None:
    paging = Paging.of(0, 5, 24)
    assert (paging.page, paging.pages, paging.first, paging.last, paging.previous, paging.next) == (
        1,
        1,
        0,
        0,
        None,
        None,
    )
    assert count_text(paging) == "No videos"


def test_a_page_beyond_the_end_is_the_last_one() -> None:
    paging = Paging.of(49, 999_999, 24)
    assert (paging.page, paging.offset, paging.first, paging.last, paging.next) == (3, 48, 49, 49, None)
    assert count_text(paging) == "49–49 of 49 videos"


@pytest.mark.parametrize(("matched", "pages"), [(1, 1), (24, 1), (25, 2), (48, 2)])
def test_a_full_page_does_not_start_another(matched: int, pages: int) -> None:
    assert Paging.of(matched, 1, 24).pages == pages


@pytest.mark.parametrize(
    ("page", "numbers"),
    [
        (1, [1, 2, None, 20]),
        (3, [1, 2, 3, 4, None, 20]),
        (4, [1, 2, 3, 4, 5, None, 20]),
        (10, [1, None, 9, 10, 11, None, 20]),
        (20, [1, None, 19, 20]),
    ],
)
def test_page_numbers_show_the_ends_and_the_neighbours(page: int, numbers: list[int | None]) -> None:
    assert Paging.of(480, page, 24).numbers == numbers


def test_large_counts_are_readable() -> None:
    assert count_text(Paging.of(100_000, 2, 24)) == "25–48 of 100,000 videos"
    assert count_text(Paging.of(1, 1, 24)) == "1–1 of 1 video"
