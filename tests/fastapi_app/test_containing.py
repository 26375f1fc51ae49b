"""SQLite's short way must find what MariaDB's LIKE finds, and nothing else."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, select
from sqlalchemy.dialects import mysql, sqlite

from fastapi_app.containing import contains
from fastapi_app.models.base import short_text
from fastapi_app.models.collation import install, like

TITLES = Table("titles", MetaData(), Column("title", short_text(255)))
TEXTS = st.text(st.sampled_from("aAbB ß€åÅéžЖж%_\\'\"0\u0301\x00ﬁ🎸"), max_size=6)


def found(title: str, text: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        install(connection)
        query = select(contains(TITLES.c.title, text))
        compiled = query.compile(dialect=sqlite.dialect(paramstyle="named"))
        connection.execute("CREATE TABLE titles (title TEXT)")
        connection.execute("INSERT INTO titles VALUES (?)", (title,))
        return bool(connection.execute(str(compiled), compiled.params).fetchone()[0])


@given(TEXTS, TEXTS)
def test_the_short_way_agrees_with_like(title: str, text: str) -> None:
    assert found(title, text) == bool(like(f"%{text}%", title))


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("AGREN", "ågr", True),
        ("Ågren", "AGR", True),
        ("agren", "x", False),
        ("a%b", "%", True),
        ("straße", "ss", False),
    ],
)
def test_accents_and_capitals_do_not_matter(title: str, text: str, expected: bool) -> None:
    assert found(title, text) is expected


def test_mariadb_is_asked_with_like() -> None:
    query = str(select(contains(TITLES.c.title, "a")).compile(dialect=mysql.dialect()))
    assert "LIKE" in query
    assert "instr" not in query
