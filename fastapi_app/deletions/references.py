"""Which rows go with which: foreign keys as the tables declare them. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Table, UniqueConstraint

_SET_NULL = "SET NULL"
_CASCADE = "CASCADE"


@dataclass(frozen=True)
class Reference:
    """A column whose values are those of `parent_column` in `parent`. `forgets`: it is set to NULL when they go."""

    table: str
    column: str
    parent: str
    parent_column: str
    forgets: bool
    follows: bool
    """The row goes by itself when what it refers to goes: it means nothing alone."""


def references(table: "Table[Any]") -> Iterator[Reference]:
    """The foreign keys of a table, those to itself left out."""
    for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
        rule = (key.ondelete or "").upper()
        column: Column[Any] = key.parent
        if key.column.table is not table:
            yield Reference(
                table.name,
                column.name,
                key.column.table.name,
                key.column.name,
                forgets=rule == _SET_NULL,
                follows=rule == _CASCADE,
            )


def key_of(table: "Table[Any]") -> tuple[str, ...]:
    """The names of the columns of the primary key."""
    return tuple(column.name for column in table.primary_key)


def uniques(table: "Table[Any]") -> list[tuple[str, ...]]:
    """Columns that may hold a combination only once, beside the primary key."""
    single = [(column.name,) for column in table.columns if column.unique]
    declared = [
        tuple(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    indexed = [tuple(column.name for column in index.columns) for index in table.indexes if index.unique]
    return sorted({*single, *declared, *indexed})


def parents_first(metadata: MetaData, roots: Sequence[str]) -> list["Table[Any]"]:
    """The roots and every table whose rows go with theirs, each after those that it refers to."""
    going = set(roots)
    ordered = []
    for table in metadata.sorted_tables:
        if table.name in going or any(each.parent in going and not each.forgets for each in references(table)):
            going.add(table.name)
            ordered.append(table)
    return ordered
