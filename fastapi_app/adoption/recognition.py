"""Whether a database is one of MVidarr 0.9, and what it lacks. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi_app.adoption.facts import Facts, Family

KNOWN_BY = {
    "settings": ("id", "key", "value"),
    "artists": ("id", "name"),
    "videos": ("id", "artist_id", "title", "status"),
    "downloads": ("id", "artist_id", "title", "original_url"),
    "users": ("id", "username", "email", "password_hash", "role"),
    "task_queue": ("id", "task_type"),
}
"""The six tables without which 0.9 does not start, and the columns that every version of it had."""

OWN_SETTINGS = frozenset({"app_port", "downloads_path", "music_videos_path", "thumbnails_path", "metube_host"})
"""Keys that 0.9 writes at its first start. One of them is enough."""

OLD_COLUMNS = {("videos", "video_url"), ("users", "is_admin"), ("users", "force_password_change")}
"""Columns of versions before 0.9, kept as they are."""


@dataclass(frozen=True)
class Recognition:
    """What was found. `obstacles` are sentences; with none, the database is 0.9's and can be adopted."""

    obstacles: tuple[str, ...]
    missing_tables: tuple[str, ...] = ()
    missing_columns: tuple[tuple[str, str], ...] = ()
    missing_members: tuple[tuple[str, str], ...] = ()
    """ENUM columns that lack a name, as table and column."""

    other_tables: tuple[str, ...] = ()
    """Tables that are not 0.9's. They stay."""

    @property
    def is_recognised(self) -> bool:
        return not self.obstacles

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be added."""
        return not (self.missing_tables or self.missing_columns or self.missing_members)


def recognise(found: Facts, wanted: Facts) -> Recognition:
    """Compares what was found with 0.9's tables as `wanted`."""
    present = {name: columns for name, columns in found.tables.items() if name in wanted.tables}
    return Recognition(
        obstacles=tuple(_obstacles(found, wanted)),
        missing_tables=tuple(name for name in wanted.tables if name not in present),
        missing_columns=tuple(
            (table, column) for table in present for column in wanted.tables[table] if column not in present[table]
        ),
        missing_members=tuple(
            (table, column)
            for table, columns in present.items()
            for column, kind in columns.items()
            if kind.members and column in wanted.tables[table] and _lacks(kind.members, wanted, table, column)
        ),
        other_tables=tuple(sorted(name for name in found.tables if name not in wanted.tables)),
    )


def _obstacles(found: Facts, wanted: Facts) -> Iterator[str]:
    for table, columns in KNOWN_BY.items():
        if table not in found.tables:
            yield f"there is no table {table}"
            continue
        missing = [column for column in columns if column not in found.tables[table]]
        if missing:
            yield f"the table {table} has no column {', '.join(missing)}"
    yield from _wrong_kinds(found, wanted)
    if "settings" in found.tables and not found.setting_keys & OWN_SETTINGS:
        yield f"the settings hold none of {', '.join(sorted(OWN_SETTINGS))}"


def _wrong_kinds(found: Facts, wanted: Facts) -> Iterator[str]:
    for table, columns in wanted.tables.items():
        for column, kind in columns.items():
            other = found.tables.get(table, {}).get(column)
            if other is not None and other.family is not kind.family and other.family is not Family.OTHER:
                yield f"{table}.{column} keeps {other.family.value} instead of {kind.family.value}"


def _lacks(members: tuple[str, ...], wanted: Facts, table: str, column: str) -> bool:
    return not set(wanted.tables[table][column].members) <= set(members)
