"""SQLite's short way must find what MariaDB's LIKE finds, and nothing else."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, select
from sqlalchemy.dialects import mysql, sqlite

from fastapi_app.containing import certain, contains, possible
from fastapi_app.models import like_key
from fastapi_app.models.base import short_text
from fastapi_app.models.collation import install, like

TITLES = Table("titles", MetaData(), Column("title", short_text(255)))
TEXTS = st.text(st.sampled_from("aAbBkK ß€åÅéžЖж%_\\'\"0²^]-[*?!\u0301\x00\x7f\x80ﬁ🎸カがﾊ漢ªµ\u212a´"), max_size=8)
PYTHON_IS_ASKED = "python was asked"


def found(title: str | None, text: str, *, is_python_refused: bool = False) -> bool | None:
    def refuse(*_: object) -> bool:
        raise AssertionError(PYTHON_IS_ASKED)

    with closing(sqlite3.connect(":memory:")) as connection:
        install(connection)
        if is_python_refused:
            connection.create_function("like", 2, refuse)
        query = select(contains(TITLES.c.title, text))
        compiled = query.compile(dialect=sqlite.dialect(paramstyle="named"))
        connection.execute("CREATE TABLE titles (title TEXT)")
        connection.execute("INSERT INTO titles VALUES (?)", (title,))
        (answer,) = connection.execute(str(compiled), compiled.params).fetchone()
        return None if answer is None else bool(answer)


@given(TEXTS, TEXTS)
def test_the_short_way_agrees_with_like(title: str, text: str) -> None:
    assert found(title, text) is like(f"%{text}%", title)


@given(TEXTS, TEXTS, TEXTS)
def test_it_agrees_where_the_text_is_there(before: str, text: str, after: str) -> None:
    title = f"{before}{text.swapcase()}{after}"
    assert found(title, text) is like(f"%{text}%", title)


@given(TEXTS.filter(lambda text: not {*"%_\\\0"} & {*text}), st.integers(0, 3))
def test_a_pattern_that_is_certain_is_possible(text: str, repeated: int) -> None:
    needle = like_key(text * repeated)
    with closing(sqlite3.connect(":memory:")) as connection:
        query = "SELECT :title GLOB :certain, :title GLOB :possible"
        given_ = {"title": needle.upper(), "certain": certain(needle), "possible": possible(needle)}
        is_certain, is_possible = connection.execute(query, given_).fetchone()
    assert is_possible or not is_certain


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("AGREN", "ågr", True),
        ("Ågren", "AGR", True),
        ("agren", "x", False),
        ("a%b", "%", True),
        ("straße", "ss", False),
        ("\u212aelvin", "kelvin", True),  # the sign of the unit, which is a K
        ("Å\0b", "b", True),
        (None, "a", None),
        ("é" * 5000, "e" * 5000, True),
        ("é" * 300, "E" * 301, False),
    ],
)
def test_accents_and_capitals_do_not_matter(title: str | None, text: str, expected: bool | None) -> None:
    assert found(title, text) is expected


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Nova", "river"),
        ("Nova", "nov"),
        ("Ágata", "agata"),
        ("Ágata", "river"),
        ("ガラス", "からす"),
        ("Ωδή", "river"),
    ],
)
def test_python_is_not_asked_about_usual_titles(title: str, text: str) -> None:
    assert found(title, text, is_python_refused=True) is like(f"%{text}%", title)


def test_python_is_asked_about_unusual_ones() -> None:
    with pytest.raises(sqlite3.OperationalError):
        found("Ω river", "ω", is_python_refused=True)


def test_mariadb_is_asked_with_like() -> None:
    query = str(select(contains(TITLES.c.title, "a")).compile(dialect=mysql.dialect()))
    assert "LIKE" in query
    assert "instr" not in query
