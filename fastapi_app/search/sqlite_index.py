"""The indexes on SQLite: FTS5 over what other tables hold, kept up to date by triggers.

They store words only; the texts stay where they are. What was indexed must be said again to be taken out, so every
trigger repeats the old values.
"""

from collections.abc import Iterator

from fastapi_app.search.kinds import TABLES, Kind, index_of

BODY = 500
"""How many characters of a description are indexed: what follows is mostly links and thanks."""

_OPTIONS = "tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'"
_COLUMNS = "title, credit, body"


def create() -> Iterator[str]:
    """Statements that make everything, empty. `fill` comes next."""
    yield from _views()
    for kind in Kind:
        index = index_of(kind)
        yield (
            f"CREATE VIRTUAL TABLE {index} USING fts5({_COLUMNS}, content = '{index}_texts', content_rowid = 'id', "
            f"{_OPTIONS})"
        )
    for kind in Kind:
        yield from _triggers(kind)
    yield _renaming()


def drop() -> Iterator[str]:
    for kind in Kind:
        index = index_of(kind)
        for event in ("insert", "update", "delete"):
            yield f"DROP TRIGGER IF EXISTS {index}_{event}"
        yield f"DROP TABLE IF EXISTS {index}"
        yield f"DROP VIEW IF EXISTS {index}_texts"
    yield "DROP TRIGGER IF EXISTS search_credits_update"


def fill(kind: Kind, first: int, last: int) -> str:
    """Indexes the rows with these ids, both included."""
    index = index_of(kind)
    return (
        f"INSERT INTO {index} (rowid, {_COLUMNS}) SELECT id, {_COLUMNS} FROM {index}_texts "  # noqa: S608
        f"WHERE id BETWEEN {first} AND {last}"
    )


def _views() -> Iterator[str]:
    yield "CREATE VIEW search_artists_texts AS SELECT id, name AS title, '' AS credit, '' AS body FROM artists"
    credited = "videos LEFT JOIN artists ON artists.id = videos.artist_id"
    texts = f"videos.id, videos.title, artists.name AS credit, substr(videos.description, 1, {BODY}) AS body"
    yield f"CREATE VIEW search_videos_texts AS SELECT {texts} FROM {credited}"  # noqa: S608
    yield (
        "CREATE VIEW search_playlists_texts AS SELECT id, name AS title, channel_title AS credit, '' AS body "
        "FROM playlist_monitors"
    )


_WATCHED = {
    Kind.ARTISTS: ("name",),
    Kind.VIDEOS: ("title", "artist_id", "description"),
    Kind.PLAYLISTS: ("name", "channel_title"),
}


def _values(kind: Kind, row: str) -> str:
    """What the view says of a row, from `old` or `new`: the table itself holds only one of them."""
    return {
        Kind.ARTISTS: f"{row}.name, '', ''",
        Kind.VIDEOS: f"{row}.title, (SELECT name FROM artists WHERE id = {row}.artist_id), "  # noqa: S608
        f"substr({row}.description, 1, {BODY})",
        Kind.PLAYLISTS: f"{row}.name, {row}.channel_title, ''",
    }[kind]


def _triggers(kind: Kind) -> Iterator[str]:
    index, table = index_of(kind), TABLES[kind]
    taken_out = f"INSERT INTO {index} ({index}, rowid, {_COLUMNS}) VALUES ('delete', old.id, {_values(kind, 'old')});"  # noqa: S608
    put_in = f"INSERT INTO {index} (rowid, {_COLUMNS}) VALUES (new.id, {_values(kind, 'new')});"  # noqa: S608
    changed = " OR ".join(f"old.{column} COLLATE BINARY IS NOT new.{column}" for column in ("id", *_WATCHED[kind]))
    yield f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {put_in} END"
    yield f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {taken_out} END"
    yield (
        f"CREATE TRIGGER {index}_update AFTER UPDATE OF id, {', '.join(_WATCHED[kind])} ON {table} "
        f"WHEN {changed} BEGIN {taken_out} {put_in} END"
    )


def _renaming() -> str:
    """An artist's name stands in the index of every video."""
    index = index_of(Kind.VIDEOS)
    texts = f"title, {{name}}, substr(description, 1, {BODY}) FROM videos WHERE artist_id = new.id;"
    return (
        "CREATE TRIGGER search_credits_update AFTER UPDATE OF name ON artists "
        "WHEN old.name COLLATE BINARY IS NOT new.name BEGIN "
        f"INSERT INTO {index} ({index}, rowid, {_COLUMNS}) SELECT 'delete', id, {texts.format(name='old.name')} "
        f"INSERT INTO {index} (rowid, {_COLUMNS}) SELECT id, {texts.format(name='new.name')} END"
    )
