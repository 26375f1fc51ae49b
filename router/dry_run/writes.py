"""What one request leaves behind in a database, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Operation = Literal["insert", "update", "delete"]
GENERATED = "(generated)"
"""Stands for an id that the database made up: it differs by nature."""


@dataclass(frozen=True)
class RowChange:
    """One row's way from before the request to after it. ``row`` is its primary key as text, `GENERATED` if it is new.

    ``columns`` has JSON values: all of a new row, those that changed of an old one, none of a deleted one.
    """

    table: str
    operation: Operation
    row: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WriteSet:
    """``generated`` are the ids of new rows, as text; answers may tell them.

    ``whole`` is False where something was written that could not be told row by row. ``effects`` names what was refused
    or recorded in place of being done.
    """

    changes: tuple[RowChange, ...] = ()
    generated: frozenset[str] = frozenset()
    effects: tuple[str, ...] = ()
    whole: bool = True
