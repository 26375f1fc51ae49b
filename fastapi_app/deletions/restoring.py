"""Putting the rows of a snapshot back, all of them or none, under the ids that they had."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnClause, Table, and_, column, insert, select, table, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.deletions.collecting import any_of, portions
from fastapi_app.deletions.references import Reference, key_of, references, uniques
from fastapi_app.deletions.snapshot import Row, Snapshot
from fastapi_app.errors import Conflict
from fastapi_app.models import Base

_NOUNS = {"artists": "artist", "videos": "video", "downloads": "download"}


async def restore(session: AsyncSession, snapshot: Snapshot) -> Snapshot:
    """Inserts the rows; what was inserted. Raises Conflict with the reason where something took their place."""
    back: dict[str, list[Row]] = {}
    for name, rows in snapshot.tables.items():
        known = Base.metadata.tables[name]
        kept = await _with_parents(session, known, rows, back)
        await _check_free(session, known, key_of(known), kept)
        for names in uniques(known):
            await _check_free(session, known, names, kept)
        await _insert(session, name, kept)
        back[name] = kept
    for link in snapshot.links:
        if any(link.value in row.values() for row in _referred(link.table, link.column, back)):
            await _link(session, link.table, link.key, link.column, link.value)
    return Snapshot(back)


async def _with_parents(
    session: AsyncSession, known: "Table[Any]", rows: Sequence[Row], back: dict[str, list[Row]]
) -> list[Row]:
    """The rows whose parents are there. One that only followed a parent which is gone since stays away.

    Raises Conflict where a row can't do without.
    """
    kept = list(rows)
    for reference in references(known):
        there = await _present(session, reference, kept, back)
        some = []
        for row in kept:
            value = row.get(reference.column)
            if value is None or value in there:
                some.append(row)
            elif reference.forgets:
                some.append({**row, reference.column: None})
            elif not reference.follows:
                raise Conflict(
                    f"The {_noun(reference.parent)} of {_called(known.name, row)} is gone: restore that first"
                )
        kept = some
    return kept


async def _present(
    session: AsyncSession, reference: Reference, rows: Sequence[Row], back: dict[str, list[Row]]
) -> set[Any]:
    """Which of the values of a reference are those of a row, restored or there."""
    restored = {row[reference.parent_column] for row in back.get(reference.parent, ())}
    asked = sorted({value for row in rows if (value := row.get(reference.column)) is not None} - restored)
    held: ColumnClause[Any] = column(reference.parent_column)
    for some in portions(asked):
        query = select(held).select_from(table(reference.parent)).where(held.in_(some))
        restored |= set(await session.scalars(query.with_for_update(nowait=True)))
    return restored


async def _check_free(session: AsyncSession, known: "Table[Any]", names: Sequence[str], rows: Sequence[Row]) -> None:
    """Raises Conflict where somebody took an id or a unique value meanwhile."""
    owners = {values: row for row in rows if None not in (values := tuple(row.get(name) for name in names))}
    for some in portions(list(owners)):
        held: list[ColumnClause[Any]] = [column(name) for name in names]
        query = select(*held).select_from(table(known.name)).where(any_of(names, some))
        for taken in await session.execute(query):
            row = owners.get(tuple(taken)) or owners[some[0]]  # collations find what Python calls different
            told = ", ".join(f"{name} {value}" for name, value in zip(names, taken, strict=True))
            raise Conflict(f"Another {_noun(known.name)} has {told} now, which {_called(known.name, row)} had")


async def _insert(session: AsyncSession, name: str, rows: Sequence[Row]) -> None:
    """Columns that this database no longer has are left out; the rows of a table all have the same."""
    if not rows:
        return
    present = set((await session.execute(select(text("*")).select_from(table(name)).limit(0))).keys())
    columns = [each for each in rows[0] if each in present]
    place = table(name, *(column(each) for each in columns))
    connection = await session.connection()
    try:
        for some in portions(rows):
            await connection.execute(insert(place), [{each: row[each] for each in columns} for row in some])
    except IntegrityError:
        raise Conflict(f"Something has taken the place of a {_noun(name)} meanwhile") from None


def _referred(name: str, column_name: str, back: dict[str, list[Row]]) -> list[Row]:
    """The restored rows that a column may name."""
    found = [each for each in references(Base.metadata.tables[name]) if each.column == column_name]
    return [{"value": row[each.parent_column]} for each in found for row in back.get(each.parent, ())]


async def _link(session: AsyncSession, name: str, key: Row, column_name: str, value: Any) -> None:
    """Only while nobody wrote something else there."""
    place = table(name, column(column_name))
    whose = and_(*(column(part) == held for part, held in key.items()), column(column_name).is_(None))
    await session.execute(update(place).where(whose).values({column_name: value}))


def _noun(name: str) -> str:
    return _NOUNS.get(name, f"row of {name}")


def _called(name: str, row: Row) -> str:
    told = row.get("title") or row.get("name")
    return f"“{told}”" if told else f"{_noun(name)} {row.get('id', '')}".strip()
