"""A connection that is closed in the middle of its work must not keep the file from others."""

from contextlib import closing
from pathlib import Path

from fastapi_app.models.sqlite import LibraryConnection


def test_a_closed_connection_keeps_no_lock_for_a_cursor_that_lives_on(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    left = LibraryConnection(file, isolation_level=None)
    left.execute("CREATE TABLE rows (id INTEGER)")
    left.execute("BEGIN IMMEDIATE")
    left.execute("INSERT INTO rows VALUES (1)")
    cursor = left.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    assert cursor.fetchone() == (1,)
    left.close()
    with closing(LibraryConnection(file, isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout = 0")
        other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM rows").fetchone() == (0,)
        other.rollback()


def test_a_connection_may_be_closed_twice(tmp_path: Path) -> None:
    connection = LibraryConnection(tmp_path / "library.db", isolation_level=None)
    connection.close()
    connection.close()
