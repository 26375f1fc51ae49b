"""Reading, under locks, every row that goes with some videos or artists, and deleting exactly those."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Table, and_, bindparam, column, or_, select, table, text
from sqlalchemy import delete as delete_from
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.deletions.references import key_of, parents_first, references
from fastapi_app.deletions.snapshot import Link, Row, Snapshot
from fastapi_app.models import Base

AT_ONCE = 500
"""Values that one statement names."""


async def collect(session: AsyncSession, root: str, ids: Sequence[int]) -> Snapshot:
    """The rows `ids` of the table `root` and all that goes with them, which nobody else changes until the end.

    Never waits for a lock: see `fastapi_app.artists.locking`. All columns of the tables, known or not.
    """
    found: dict[str, list[Row]] = {}
    for going in parents_first(Base.metadata, (root,)):
        found[going.name] = await _rows(session, going, found, ids if going.name == root else ())
    return Snapshot(found, [link async for link in _links(session, found)])


async def delete(session: AsyncSession, snapshot: Snapshot) -> None:
    """Deletes the rows of a snapshot, children first, each by its key: MariaDB locks no others for that."""
    connection = await session.connection()
    for name in reversed(list(snapshot.tables)):
        rows = snapshot.tables[name]
        key = key_of(Base.metadata.tables[name])
        one = delete_from(table(name)).where(and_(*(column(part) == bindparam(f"k_{part}") for part in key)))
        for some in portions(rows):
            await connection.execute(one, [{f"k_{part}": row[part] for part in key} for row in some])


async def stored_rows(session: AsyncSession, name: str, condition: ColumnElement[bool]) -> list[Row]:
    """Rows as the database stores them, locked."""
    query = select(text("*")).select_from(table(name)).where(condition).with_for_update(nowait=True)
    return [dict(row) for row in (await session.execute(query)).mappings()]


def portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """`values` in parts that one statement can name."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


async def _rows(
    session: AsyncSession, going: "Table[Any]", found: dict[str, list[Row]], ids: Sequence[int]
) -> list[Row]:
    """Rows of one table: those that are named, and those that refer to what goes already."""
    key = key_of(going)
    wanted: list[tuple[str, Collection[Any]]] = [(key[0], ids)] if ids else []
    wanted += [
        (reference.column, {row[reference.parent_column] for row in found[reference.parent]})
        for reference in references(going)
        if not reference.forgets and reference.parent in found
    ]
    rows: dict[tuple[Any, ...], Row] = {}
    for name, values in wanted:
        for some in portions(sorted(values)):
            for row in await stored_rows(session, going.name, column(name).in_(some)):
                rows[tuple(row[part] for part in key)] = row
    return [rows[each] for each in sorted(rows)]


async def _links(session: AsyncSession, found: dict[str, list[Row]]) -> Any:
    """The columns that the database is about to set to NULL in rows that stay."""
    for staying in Base.metadata.sorted_tables:
        for reference in references(staying):
            if not reference.forgets or not found.get(reference.parent):
                continue
            key = key_of(staying)
            going = {tuple(row[part] for part in key) for row in found.get(staying.name, ())}
            values = sorted(row[reference.parent_column] for row in found[reference.parent])
            for some in portions(values):
                columns: list[ColumnClause[Any]] = [column(part) for part in (*key, reference.column)]
                query = select(*columns).select_from(table(staying.name)).where(column(reference.column).in_(some))
                for row in (await session.execute(query.with_for_update(nowait=True))).mappings():
                    if tuple(row[part] for part in key) not in going:
                        kept = {part: row[part] for part in key}
                        yield Link(staying.name, kept, reference.column, row[reference.column])


def any_of(names: Sequence[str], combinations: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    """Rows whose columns hold one of some combinations."""
    if len(names) == 1:
        return column(names[0]).in_([values[0] for values in combinations])
    return or_(
        *(and_(*(column(name) == value for name, value in zip(names, values, strict=True))) for values in combinations)
    )
