"""What a person may put into the address bar."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from fastapi_app.models import VideoStatus
from fastapi_app.pages.criteria import LONGEST_SEARCH, Criteria, Sort


def test_nothing_asked_is_the_first_page_by_title() -> None:
    assert Criteria.read({}) == Criteria("", None, Sort.TITLE, 1, 24)


def test_everything_asked_is_read() -> None:
    asked = {"q": " björk ", "status": "wanted", "sort": "year", "page": "3", "per_page": "96"}
    assert Criteria.read(asked) == Criteria("björk", VideoStatus.WANTED, Sort.YEAR, 3, 96)


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "٣", "", "9" * 400, "²", "1_0", "+2"])
def test_a_page_that_is_no_page_is_the_first(page: str) -> None:
    assert Criteria.read({"page": page}).page == 1


@pytest.mark.parametrize("size", ["0", "25", "-24", "all", "1000000000"])
def test_a_page_size_that_is_not_offered_is_the_usual_one(size: str) -> None:
    assert Criteria.read({"per_page": size}).page_size == 24


@pytest.mark.parametrize("name", ["status", "sort"])
@pytest.mark.parametrize("value", ["nonsense", "'; DROP TABLE videos", "\0", ""])
def test_unknown_choices_count_as_absent(name: str, value: str) -> None:
    assert Criteria.read({name: value}) == Criteria()


def test_a_search_is_bounded_and_without_nul() -> None:
    assert Criteria.read({"q": "a\0b"}).search == "ab"
    assert len(Criteria.read({"q": "x" * 10_000}).search) == LONGEST_SEARCH


@pytest.mark.parametrize(
    ("changes", "query"),
    [
        ({}, "?q=a%26b&status=FAILED"),
        ({"page": 2}, "?q=a%26b&status=FAILED&page=2"),
        ({"search": "", "status": None}, ""),
        ({"sort": Sort.NEWEST, "page_size": 48}, "?q=a%26b&status=FAILED&sort=newest&per_page=48"),
    ],
)
def test_addresses_name_only_what_differs_from_the_default(changes: dict[str, Any], query: str) -> None:
    criteria = Criteria("a&b", VideoStatus.FAILED, page=7)
    assert criteria.query(**changes) == query


def test_what_is_written_is_read_back() -> None:
    criteria = Criteria("<\"%_'>", VideoStatus.IGNORED, Sort.ARTIST, 4, 48)
    assert Criteria.read(dict(parse_qsl(criteria.query(page=4)[1:]))) == criteria
