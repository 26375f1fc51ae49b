"""SQLite must find, sort and refuse what MariaDB does; the pairs were read off MariaDB 10.11."""

import sqlite3
from contextlib import closing

import pytest

from fastapi_app.models.collation import compare, install, like, ordered_by


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Björk Ågren", "BJORK agren"),
        ("Bjo\u0308rk", "björk"),
        ("resume", "Résumé"),
        ("Straße 9", "strasse 9"),
        ("Nova Kestrel ", "nova kestrel"),
        ("", "   "),
        ("🔥", "🎤"),
        ("カセット", "かせっと"),
        ("ＦＵＬＬ", "full"),
    ],
)
def test_equal_for_mariadb_is_equal_for_sqlite(left: str, right: str) -> None:
    assert compare(left, right) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("_final", "(live)"),
        ("'quoted", '"quoted'),
        ("{}", "*"),
        ("$", "0"),
        ("9", "a"),
        ("adz", "Ænigma"),
        ("Ænigma", "Back"),
        ("dz", "Đorđe"),
        ("Łódź", "Made"),
        ("zz", "宇宙"),
        ("宇宙", "🔥"),
    ],
)
def test_the_order_of_a_listing_is_mariadbs(before: str, after: str) -> None:
    assert compare(before, after) == -1
    assert compare(after, before) == 1


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("%bjork%", "Björk Ågren", True),
        ("%bjork%", "Bjo\u0308rk", False),
        ("%ss%", "Straße", False),
        ("%ß%", "STRAẞE", False),
        ("100\\%", "100%", True),
        ("100\\%", "1000", False),
        ("1_0", "100", True),
        ("%か%", "カセット", True),
        ("%①%", "Track 1", True),
        ("%🔥%", "🎤", False),
        ("", "   ", False),
        ("a%z", "a\nz", True),
        ("[a]", "a", False),
    ],
)
def test_like_sees_single_characters(pattern: str, text: str, found: bool) -> None:
    assert like(pattern, text) is found


def test_like_of_null_is_null() -> None:
    assert like(None, "a") is None
    assert like("a", None) is None


def test_a_status_is_sorted_as_mariadb_sorts_its_enum() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        install(connection)
        connection.create_collation("status", ordered_by(("WANTED", "DOWNLOADED", "FAILED")))
        rows = connection.execute(
            "SELECT s FROM (SELECT 'FAILED' AS s UNION ALL SELECT 'odd' UNION ALL SELECT 'WANTED' UNION ALL "
            "SELECT NULL UNION ALL SELECT 'DOWNLOADED') ORDER BY s COLLATE status"
        ).fetchall()
    assert [status for (status,) in rows] == [None, "odd", "WANTED", "DOWNLOADED", "FAILED"]
