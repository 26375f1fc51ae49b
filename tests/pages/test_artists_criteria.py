"""What is asked of the page of artists, and what it says about it: no server, no database."""

import pytest

from fastapi_app.artists.merging.copies import Copy
from fastapi_app.models import VideoStatus
from fastapi_app.pages.artists.cards import missing_of, picture_mark, words
from fastapi_app.pages.artists.criteria import PAGE_SIZES, Criteria, Sort, Watched
from fastapi_app.pages.artists.preview import MOST, chosen_ids, preview, stays
from fastapi_app.pages.artists.rules import count_text, paging_of, watched_choices
from fastapi_app.pages.criteria import View

NONSENSE = {"q": "\0 ", "letter": "ab", "monitored": "maybe", "sort": "x", "view": "y", "page": "-1", "per_page": "7"}


def test_nonsense_counts_as_absent() -> None:
    assert Criteria.read(NONSENSE) == Criteria()
    assert not Criteria().is_narrowed


def test_what_is_written_is_read_again() -> None:
    criteria = Criteria("a & b", "B", Watched.NO, "Trip hop", Sort.VIDEOS, View.TABLE, 3, PAGE_SIZES[1])
    query = {
        "q": "a & b", "letter": "b", "monitored": "no", "genre": "Trip hop", "sort": "videos", "view": "table",
        "page": "3", "per_page": "96",
    }  # fmt: skip
    assert Criteria.read(query) == criteria
    written = "?q=a+%26+b&letter=B&monitored=no&genre=Trip+hop&sort=videos&view=table&per_page=96&page=3"
    assert criteria.query(page=3) == written
    assert Criteria().query() == ""


def test_another_filter_begins_at_the_first_page_and_another_view_does_not() -> None:
    criteria = Criteria(page=3)
    assert criteria.query(letter="Z") == "?letter=Z"
    assert criteria.query(view="table") == "?view=table&page=3"
    assert Criteria(view=View.TABLE).query(view="grid") == ""


def test_a_filter_is_offered_where_it_would_part_something() -> None:
    alone = watched_choices(Criteria(), {Watched.YES: 3, Watched.NO: 0})
    both = watched_choices(Criteria(watched=Watched.NO), {Watched.YES: 3, Watched.NO: 0})
    assert [(choice.value, choice.count) for choice in alone] == [("", 3)]
    assert [(choice.value, choice.is_chosen) for choice in both] == [("", False), ("yes", False), ("no", True)]


def test_the_count_is_told_in_words() -> None:
    assert count_text(paging_of(Criteria(), {Watched.YES: 0, Watched.NO: 0})) == "No artists"
    assert count_text(paging_of(Criteria(), {Watched.YES: 1, Watched.NO: 0})) == "1–1 of 1 artist"
    assert count_text(paging_of(Criteria(page=9), {Watched.YES: 60, Watched.NO: 1_000})) == "385–432 of 1,060 artists"


@pytest.mark.parametrize(
    ("stored", "found"), [(None, []), ("rock", ["rock"]), (["a", 1, None, " ", "b"], ["a", "b"]), ({"a": 1}, [])]
)
def test_old_rows_may_hold_any_json_as_keywords(stored: object, found: list[str]) -> None:
    assert words(stored) == found


def test_what_is_ignored_is_not_missing() -> None:
    assert missing_of({VideoStatus.DOWNLOADED: 5, VideoStatus.IGNORED: 2, VideoStatus.FAILED: 1, None: 1}) == 2


def test_another_picture_has_another_mark() -> None:
    assert picture_mark("data/a.jpg") != picture_mark("data/b.jpg")
    assert picture_mark(None) == picture_mark("") == ""


def test_ids_are_read_leniently_and_not_without_end() -> None:
    assert chosen_ids(["2", "x", "2", "-1", "0", "99999999999", "٣", "3"]) == [2, 3]
    assert len(chosen_ids([str(number) for number in range(1, 200)])) == MOST


def test_who_has_most_videos_stays_unless_another_is_asked_for() -> None:
    assert stays([1, 2, 3], None, {1: 1, 2: 5, 3: 5}) == 2
    assert stays([1, 2, 3], 3, {2: 5}) == 3
    assert stays([1, 2], 9, {}) == 1


def artist(row_id: int, **columns: object) -> dict[str, object]:
    names = ("imvdb_id", "spotify_id", "lastfm_name", "thumbnail_url", "thumbnail_path", "thumbnail_source")
    empty = dict.fromkeys((*names, "thumbnail_metadata", "thumbnail_uploaded_at", "imvdb_metadata", "folder_path"))
    flags = {"monitored": True, "auto_download": False, "keywords": []}
    return {"id": row_id, "name": f"Artist {row_id}", **empty, **flags, **columns}


def test_the_preview_tells_what_moves_what_folds_what_is_gained_and_what_is_lost() -> None:
    primary = artist(1, imvdb_id="7", keywords=["a"])
    others = [
        artist(2, imvdb_id="8", auto_download=True, keywords=["b"]),
        artist(3, thumbnail_path="data/3.jpg", spotify_id="s"),
    ]
    copies = [
        Copy(10, 1, "youtube", None, "data/film.mp4", VideoStatus.DOWNLOADED),
        Copy(11, 2, "youtube", None, None, VideoStatus.WANTED),
    ]
    told = preview(primary, others, copies, {1: 4, 2: 2, 3: 1})
    assert (told.moved, told.folded) == (3, 1)
    assert told.gains == [
        "has these keywords: a, b",
        "downloads new videos by itself, as one of the others did",
        "takes over the Spotify id of Artist 3",
        "takes over the picture of Artist 3",
    ]
    assert told.losses == ["the IMVDb id of Artist 2"]
