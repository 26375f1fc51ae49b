"""The versions of tags, and the triggers that change them. Text of SQL, and pure.

A version is a number that never comes twice, not in another history of the same database either: after an old copy was
put back, what was kept of a later state can't be found. Triggers see every writer, whoever it is and in which language:
both sides, 0.9 itself, a shell.

On MariaDB a tag has many rows, and a connection changes only its own: two transactions that write to one table wait for
each other's rows, not for a row of ours. On SQLite there is one writer at a time, and one row.
"""

from collections.abc import Iterable, Iterator

from fastapi_app.caching.tags import CACHE_PREFIX, TABLE, Rule, Tag

SLOTS = {"sqlite": 1, "mysql": 128}
"""Rows of a tag, by dialect. Connections whose numbers are the same modulo this share one."""

_CREATE = {
    "sqlite": f"CREATE TABLE {TABLE} (tag VARCHAR(64) NOT NULL, slot INTEGER NOT NULL, version BIGINT NOT NULL, "
    "PRIMARY KEY (tag, slot)) WITHOUT ROWID",
    "mysql": f"CREATE TABLE {TABLE} (tag VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "slot SMALLINT UNSIGNED NOT NULL, version BIGINT UNSIGNED NOT NULL, PRIMARY KEY (tag, slot)) ENGINE = InnoDB",
}
_NEW = {"sqlite": "random()", "mysql": "UUID_SHORT()"}
_CHANGED = {
    "sqlite": "CAST(NEW.{0} AS BLOB) IS NOT CAST(OLD.{0} AS BLOB)",
    "mysql": "NOT (CAST(NEW.{0} AS BINARY) <=> CAST(OLD.{0} AS BINARY))",
}
"""By bytes: to a column, capitals may be the same as small letters."""

_OWN = {"sqlite": "", "mysql": f" AND slot = MOD(CONNECTION_ID(), {SLOTS['mysql']})"}


def table(dialect: str) -> str:
    """The statement that makes the table, empty."""
    return _CREATE[dialect]


def rows(dialect: str, tags: Iterable[Tag]) -> str:
    """The statement that gives each tag its first version."""
    new = _NEW[dialect]
    return f"INSERT INTO {TABLE} (tag, slot, version) VALUES " + ", ".join(  # noqa: S608
        f"('{tag}', {slot}, {new})" for tag in sorted(tags) for slot in range(SLOTS[dialect])
    )


def name(rule: Rule) -> str:
    table_name, event = rule
    return f"{CACHE_PREFIX}{table_name}_{event}"


def trigger(dialect: str, rule: Rule, tags: Iterable[Tag]) -> str:
    """The statement that makes one. It names the tags in their order, so that all lock them in the same."""
    table_name, event = rule
    ordered = sorted(tags)
    columns = [tag for tag in ordered if tag.column and event == "update"]
    changes = [_change(dialect, [tag for tag in ordered if tag not in columns])]
    changes += [_change_where(dialect, tag) for tag in columns]
    return (
        f"CREATE TRIGGER {name(rule)} AFTER {event.upper()} ON {table_name} FOR EACH ROW BEGIN {' '.join(changes)} END"
    )


def _change(dialect: str, tags: Iterable[Tag], condition: str = "") -> str:
    named = ", ".join(f"'{tag}'" for tag in tags)
    rows = f"tag IN ({named}){_OWN[dialect]}{condition}"
    return f"UPDATE {TABLE} SET version = {_NEW[dialect]} WHERE {rows};"  # noqa: S608


def _change_where(dialect: str, tag: Tag) -> str:
    """Only where its column has another value. SQLite's triggers have no other way to ask."""
    changed = _CHANGED[dialect].format(tag.column)
    if dialect == "sqlite":
        return _change(dialect, [tag], f" AND {changed}")
    return f"IF {changed} THEN {_change(dialect, [tag])} END IF;"


def drop(names: Iterable[str]) -> Iterator[str]:
    """The statements that remove triggers, and the table."""
    for each in names:
        yield f"DROP TRIGGER IF EXISTS {each}"
    yield f"DROP TABLE IF EXISTS {TABLE}"


_OURS = f"SUBSTR({{}}, 1, {len(CACHE_PREFIX)}) = '{CACHE_PREFIX}'"
PRESENT = {
    "sqlite": f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND {_OURS.format('name')}",  # noqa: S608
    "mysql": "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS "  # noqa: S608
    f"WHERE TRIGGER_SCHEMA = DATABASE() AND {_OURS.format('TRIGGER_NAME')}",
}
"""The triggers there are, by dialect."""


def versions(dialect: str, tags: Iterable[Tag]) -> str:
    """The query for the versions of some tags: one row for each that has all its rows."""
    named = ", ".join(f"'{tag}'" for tag in sorted(tags))
    return (
        f"SELECT tag, MAX(version), SUM(version) FROM {TABLE} WHERE tag IN ({named}) "  # noqa: S608
        f"GROUP BY tag HAVING COUNT(*) = {SLOTS[dialect]} ORDER BY tag"
    )
