"""Which rows a request changes, seen from SQLAlchemy's own events, whichever way the statements are written.

The rows that an UPDATE or DELETE is about to touch are read before it, under the locks that it takes itself, and read
again at the end: what counts is where a row began and where it is. Statements that are text are not understood.
"""

import hashlib
import re
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Delete, Engine, Insert, Select, Table, TextClause, Update, event, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from fastapi_app.models import Base
from router.dry_run.writes import GENERATED, RowChange, WriteSet

MOST = 1000
"""Rows of one request; beyond that its writes are not told row by row."""

Key = tuple[str, tuple[Any, ...]]
State = Mapping[str, Any] | None

_SECRET = re.compile(r"password|secret|token|hash|code")
_KEY = secrets.token_bytes(32)
"""Both sides' rows are blinded in one process, and what is stored must not tell a password to who tries many."""
_ENDED = {(1020,), (1205,), (1213,), (2006,), (2013,)}
"""MariaDB: a row that changed, a lock that did not come, a deadlock, and two ways to lose the server."""
_READS = ("select", "with", "pragma", "set", "show")


class RowChanges:
    """Where each touched row began, and where it is. Used by one thread, or one connection, at a time."""

    def __init__(self) -> None:
        self.effects: list[str] = []
        self._open: defaultdict[Connection, dict[Key, State]] = defaultdict(dict)
        self._done: dict[Key, tuple[State, State]] = {}
        self._whole = True

    def before(self, connection: Connection, statement: Any, parameters: list[Mapping[str, Any]]) -> None:
        """Reads what the statement is about to touch. Raises what the database says, as the statement would."""
        if isinstance(statement, TextClause):
            self._whole = self._whole and statement.text.lstrip().lower().startswith(_READS)
            return
        if not isinstance(statement, Update | Delete):
            return
        table = _table(statement)
        if table is None:
            self._whole = False
            return
        found = select(table)
        if statement.whereclause is not None:
            found = found.where(statement.whereclause)
        with self._undisturbed():
            for values in parameters or [{}]:
                self._touch(table, connection, found, values)

    def inserted(self, connection: Connection, statement: Any, result: Any) -> None:
        """Notes the rows that an INSERT made."""
        if not isinstance(statement, Insert):
            return
        table = _table(statement)
        try:
            keys = result.inserted_primary_key_rows if table is not None else []
        except (SQLAlchemyError, AttributeError):
            keys = []
        if table is None or not keys or any(None in tuple(key) for key in keys):
            self._whole = False
            return
        for key in keys:
            self._open[connection].setdefault((table.name, tuple(key)), None)

    def commit(self, connection: Connection) -> None:
        """What is open now counts: it is about to be committed, or has nothing more to come."""
        with self._undisturbed():
            for key, first in self._open.pop(connection, {}).items():
                began = self._done[key][0] if key in self._done else first
                self._done[key] = (began, _now(connection, key))

    def rollback(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    def writes(self) -> WriteSet:
        """What counts so far."""
        new = {key for key, (began, ended) in self._done.items() if began is None and ended is not None}
        changes = (_change(key, began, ended, new) for key, (began, ended) in self._done.items())
        ids = frozenset(str(part) for _, parts in new for part in parts if isinstance(part, int))
        return WriteSet(tuple(one for one in changes if one is not None), ids, tuple(self.effects), self._whole)

    def _touch(self, table: Table, connection: Connection, found: Select[Any], values: Mapping[str, Any]) -> None:
        rows = connection.execute(found.limit(MOST + 1).with_for_update(), dict(values)).mappings().all()
        if len(rows) + len(self._open[connection]) > MOST:
            self._whole = False
            return
        for row in rows:
            state = _state(row)
            self._open[connection].setdefault((table.name, tuple(row[column] for column in table.primary_key)), state)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """What was asked besides fails alone, unless it ended the transaction: then the statement must not go on."""
        try:
            yield
        except SQLAlchemyError as error:
            if _ended_the_transaction(error):
                raise
            self._whole = False


current: ContextVar[RowChanges | None] = ContextVar("row_changes", default=None)
"""Whose changes this request's are, on the legacy side."""


def watch(engine: Engine) -> None:
    """Lets `recorded` see what is written through an engine. Costs one look at a variable per statement otherwise."""
    _listen(engine, lambda _connection: current.get())


def watch_one(connection: Connection, changes: RowChanges) -> None:
    """Notes what is written through one connection. Its outer transaction ends with what the caller does."""
    _listen(connection, lambda _connection: changes)


@contextmanager
def recorded() -> Iterator[RowChanges]:
    """Notes what this context writes, and the threads that get a copy of it."""
    changes = RowChanges()
    token = current.set(changes)
    try:
        yield changes
    finally:
        current.reset(token)


def _listen(target: Engine | Connection, changes_of: Any) -> None:
    def before_execute(connection: Connection, statement: Any, many: Any, one: Any, options: Mapping[str, Any]) -> None:
        del options
        changes = changes_of(connection)
        if changes is not None and not isinstance(statement, Select):
            changes.before(connection, statement, list(many) if many else [one] if one else [])

    def after_execute(
        connection: Connection, statement: Any, many: Any, one: Any, options: Mapping[str, Any], result: Any
    ) -> None:
        del many, one, options
        changes = changes_of(connection)
        if changes is not None:
            changes.inserted(connection, statement, result)

    def commit(connection: Connection) -> None:
        changes = changes_of(connection)
        if changes is not None:
            changes.commit(connection)

    def rollback(connection: Connection) -> None:
        changes = changes_of(connection)
        if changes is not None:
            changes.rollback(connection)

    event.listen(target, "before_execute", before_execute)
    event.listen(target, "after_execute", after_execute)
    event.listen(target, "commit", commit)
    event.listen(target, "rollback", rollback)


def _ended_the_transaction(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    return error.connection_invalidated or "locked" in str(error.orig) or error.orig.args[:1] in _ENDED


def _table(statement: Any) -> Table | None:
    """The table as the models know it."""
    found: Table | None = Base.metadata.tables.get(getattr(statement.table, "name", ""))
    return found


def _now(connection: Connection, key: Key) -> State:
    table = Base.metadata.tables[key[0]]
    found = select(table)
    for column, value in zip(table.primary_key, key[1], strict=True):
        found = found.where(column == value)
    row = connection.execute(found).mappings().first()
    return None if row is None else _state(row)


def _change(key: Key, began: State, ended: State, new: set[Key]) -> RowChange | None:
    table, parts = key
    row = "/".join(map(str, parts))
    if ended is None:
        return None if began is None else RowChange(table, "delete", row)
    told = _told(Base.metadata.tables[table], ended, new)
    if began is None:
        made_up = {column.name for column in Base.metadata.tables[table].primary_key if column.type.python_type is int}
        return RowChange(
            table,
            "insert",
            GENERATED if made_up else row,
            {name: GENERATED if name in made_up else value for name, value in told.items()},
        )
    changed = {name: told[name] for name, value in ended.items() if began.get(name) != value}
    return RowChange(table, "update", row, changed) if changed else None


def _told(table: Table, state: Mapping[str, Any], new: set[Key]) -> dict[str, Any]:
    """With the ids of new rows masked where another row refers to them."""
    told = {name: _blind(value) if _is_secret(table.name, name) else value for name, value in state.items()}
    for column in table.columns:
        for reference in column.foreign_keys:
            if (reference.column.table.name, (state[column.name],)) in new:
                told[column.name] = GENERATED
    return told


def _is_secret(table: str, column: str) -> bool:
    return (table, column) == ("settings", "value") or _SECRET.search(column) is not None


def _blind(value: Any) -> Any:
    """Equal values stay equal within this process; nothing else can be told of them."""
    if value is None:
        return None
    return f"(secret {hashlib.blake2b(repr(value).encode(), key=_KEY, digest_size=6).hexdigest()})"


def _state(row: Any) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """A JSON value. Bytes are told by their digest."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value
