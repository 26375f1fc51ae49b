"""The indexes on MariaDB: tables of their own with FULLTEXT, kept up to date by triggers.

Tables of their own, because such an index adds a hidden column to its table and would rebuild 0.9's. Short words are
stored with an ending, see `words.PAD`.
"""

from collections.abc import Iterator

from fastapi_app.search.kinds import TABLES, Kind, index_of
from fastapi_app.search.sqlite_index import BODY
from fastapi_app.search.words import PAD, SHORT

_COLUMNS = "id, artist_id, title, credit, body"
INDEXES = {"in_title": "title", "in_names": "title, credit", "in_all": "title, credit, body"}
"""FULLTEXT answers for exactly the columns that an index is of."""

_EVENTS = ("insert", "update", "delete")


def create() -> Iterator[str]:
    """Statements that make the tables, empty, and the triggers. `fill` comes next, `finish` in the end."""
    for kind in Kind:
        yield (
            f"CREATE TABLE {index_of(kind)} (id INTEGER NOT NULL PRIMARY KEY, artist_id INTEGER NOT NULL, "
            "title TEXT NOT NULL, credit TEXT NOT NULL, body TEXT NOT NULL, KEY by_artist (artist_id)) "
            "ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
        )
    for kind in Kind:
        yield from _triggers(kind)


def fill(kind: Kind, first: int, last: int) -> str:
    """Indexes the rows with these ids, both included, but for those that a trigger was first to."""
    table = TABLES[kind]
    return (
        f"INSERT IGNORE INTO {index_of(kind)} ({_COLUMNS}) SELECT {_values(kind, table)} FROM {table} "  # noqa: S608
        f"WHERE {table}.id BETWEEN {first} AND {last}"
    )


def finish() -> Iterator[str]:
    """The FULLTEXT indexes, made of what is there: much quicker than row by row. One at a time, as InnoDB demands."""
    yield "SET SESSION innodb_ft_enable_stopword = OFF"
    for kind in Kind:
        for name, columns in INDEXES.items():
            yield f"ALTER TABLE {index_of(kind)} ADD FULLTEXT INDEX {name} ({columns})"
    yield "SET SESSION innodb_ft_enable_stopword = DEFAULT"


def drop() -> Iterator[str]:
    for kind in Kind:
        for event in _EVENTS:
            yield f"DROP TRIGGER IF EXISTS {index_of(kind)}_{event}"
    for kind in Kind:
        yield f"DROP TABLE IF EXISTS {index_of(kind)}"


def _triggers(kind: Kind) -> Iterator[str]:
    index, table = index_of(kind), TABLES[kind]
    put_in = f"REPLACE INTO {index} ({_COLUMNS}) VALUES ({_values(kind, 'NEW')})"  # noqa: S608
    yield f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} FOR EACH ROW {put_in}"
    yield (
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} FOR EACH ROW DELETE FROM {index} WHERE id = OLD.id"  # noqa: S608
    )
    renamed = f"UPDATE {index_of(Kind.VIDEOS)} SET credit = {_stored('NEW.name')} WHERE artist_id = NEW.id;"  # noqa: S608
    changed = " OR ".join(f"NOT (CAST(NEW.{name} AS BINARY) <=> CAST(OLD.{name} AS BINARY))" for name in _WATCHED[kind])
    yield (
        f"CREATE TRIGGER {index}_update AFTER UPDATE ON {table} FOR EACH ROW "
        f"IF {changed} THEN {put_in}; {renamed if kind is Kind.ARTISTS else ''} END IF"
    )


_WATCHED = {
    Kind.ARTISTS: ("name",),
    Kind.VIDEOS: ("title", "artist_id", "description"),
    Kind.PLAYLISTS: ("name", "channel_title"),
}


def _values(kind: Kind, row: str) -> str:
    """The values of `_COLUMNS`. `row` is a table, or `NEW`."""
    if kind is Kind.VIDEOS:
        name = f"(SELECT artists.name FROM artists WHERE artists.id = {row}.artist_id)"  # noqa: S608
        return (
            f"{row}.id, {row}.artist_id, {_stored(f'{row}.title')}, {_stored(name)}, "
            f"{_stored(f'LEFT({row}.description, {BODY})')}"
        )
    credit = _stored(f"{row}.channel_title") if kind is Kind.PLAYLISTS else "''"
    return f"{row}.id, 0, {_stored(f'{row}.name')}, {credit}, ''"


def _stored(text: str) -> str:
    """An expression of the text as it is indexed: words between single spaces, the short ones with their ending.

    So that `LIKE '% word %'` says of a row what FULLTEXT says of all.
    """
    words = f"REGEXP_REPLACE(COALESCE({text}, ''), '(*UCP)[^[:alnum:]]+', ' ')"
    short = f"(*UCP)(?<![[:alnum:]])([[:alnum:]]{{1,{SHORT}}})(?![[:alnum:]])"
    return f"CONCAT(' ', TRIM(REGEXP_REPLACE({words}, '{short}', CONCAT(CHAR(92), '1{PAD}'))), ' ')"
