"""The tiers of words on SQLite. FTS5 hands out rows in the order of their ids, as many as are asked for."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.search.kinds import TABLES, TITLES, Kind, index_of
from fastapi_app.search.tiers import COLUMNS, Tier, better, is_begun
from fastapi_app.search.words import Wanted, fts5

LAST_CHARACTER = "\ufffd"
"""Sorts behind every other, see `models/collation.py`."""


async def begins(
    session: AsyncSession, kind: Kind, wanted: Wanted, after: tuple[str, int] | None, limit: int
) -> list[tuple[str, int]]:
    """Titles and ids of rows whose title begins with the text, from the index of titles: `LIKE` could not use it."""
    title, table = TITLES[kind], TABLES[kind]
    continued = f"AND ({title}, id) > (:title, :id) " if after else ""
    query = text(
        f"SELECT {title}, id FROM {table} WHERE {title} >= :lowest AND {title} <= :highest {continued}"  # noqa: S608
        f"ORDER BY {title}, id LIMIT :limit"
    )
    values = {**_range(wanted), "limit": limit, **(dict(zip(("title", "id"), after, strict=True)) if after else {})}
    return [(row[0], row[1]) for row in await session.execute(query, values)]


async def ids(
    session: AsyncSession, kind: Kind, wanted: Wanted, tier: Tier, before: int | None, limit: int
) -> list[int]:
    """At most `limit` ids below `before`, the highest first, without those of better tiers."""
    index, table, title = index_of(kind), TABLES[kind], f"{TABLES[kind]}.{TITLES[kind]}"
    continued = f"AND {index}.rowid < :before " if before is not None else ""
    query = text(
        f"SELECT {index}.rowid FROM {index} JOIN {table} ON {table}.id = {index}.rowid "  # noqa: S608
        f"WHERE {index} MATCH :expression {continued}AND NOT ({title} >= :lowest AND {title} <= :highest) "
        f"ORDER BY {index}.rowid DESC LIMIT :limit"
    )
    values = {"expression": _expression(wanted, tier), "limit": limit, **_range(wanted)}
    if before is not None:
        values["before"] = before
    return list((await session.execute(query, values)).scalars())


def _range(wanted: Wanted) -> dict[str, object]:
    return {"lowest": wanted.text, "highest": wanted.text + LAST_CHARACTER * 3}


def _expression(wanted: Wanted, tier: Tier) -> str:
    asked = f"({fts5(wanted, COLUMNS[tier], begun=is_begun(tier))})"
    for other in better(tier):
        asked += f" NOT ({fts5(wanted, COLUMNS[other], begun=is_begun(other))})"
    return asked
