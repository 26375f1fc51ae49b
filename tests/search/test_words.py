"""What was typed, as words. Whatever it is, SQLite takes the expression."""

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.search import cursor, words
from fastapi_app.search.cursor import Place
from fastapi_app.search.mariadb_tiers import rare_of


def test_signs_separate_words() -> None:
    assert words.read("  AC/DC: snake_case, don't\0 ").words == ("AC", "DC", "snake", "case", "don", "t")
    assert words.read("AC/DC").text == "AC/DC"


def test_the_last_word_may_have_just_begun() -> None:
    assert words.fts5(words.read("the wh"), ("title",), begun=True) == '{title} : "the" AND {title} : "wh" *'


def test_short_words_have_their_ending() -> None:
    assert [words.padded(word) for word in ("u2", "the", "love")] == ["u2zqx", "thezqx", "love"]


@given(st.text(max_size=60))
def test_no_text_is_a_wrong_expression(text: str) -> None:
    wanted = words.read(text)
    if not wanted.words:
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE found USING fts5(title, credit)")
        for begun in (False, True):
            connection.execute(
                "SELECT rowid FROM found WHERE found MATCH ?", (words.fts5(wanted, ("title",), begun=begun),)
            )


@given(
    st.integers(0, 4),
    st.integers(0, 2**31 - 1),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=500),
)
def test_a_place_can_be_handed_back(tier: int, row_id: int, title: str) -> None:
    place = Place(tier, row_id, title)
    assert cursor.read(cursor.write(place), 5) == place


def test_common_words_are_looked_for_row_by_row_only_where_a_page_is_soon_full() -> None:
    assert rare_of([0.5, 0.2], 20) == []
    assert rare_of([0.5, 0.01], 20) == [1]
    assert rare_of([0.03, 0.03, 0.03], 20) == [0, 1, 2]
    assert rare_of([0.0], 20) == [0]
