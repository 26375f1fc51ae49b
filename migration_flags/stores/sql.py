"""Flags in a SQL database: MariaDB or MySQL through PyMySQL, or SQLite beside the product's own connections."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, delete, insert, make_url, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from migration_flags.audit import AuditRow
from migration_flags.document import DocumentInvalid
from migration_flags.errors import StoreInvalid, StoreUnavailable
from migration_flags.evidence import KEPT, Evidence, EvidenceKind, check_piece
from migration_flags.snapshot import Snapshot
from migration_flags.stores.engine import IMMEDIATE, create_store_engine
from migration_flags.stores.ledger import Ledger, Work, utc_now
from migration_flags.stores.rows import (
    audit_row,
    audit_values,
    evidence_piece,
    evidence_values,
    flag_of,
    flag_values,
    worker_of,
    worker_values,
)
from migration_flags.stores.schema import ensure_schema
from migration_flags.stores.server_clock import server_now
from migration_flags.stores.tables import audit, epochs, evidence, flags, workers
from migration_flags.transition import Head, State, instant, state_after
from migration_flags.workers import Worker, check_worker, oldest_beat

PRUNE_EVERY = 100
"""Pieces of evidence between two looks for those that are too old."""
DEADLOCKS = 5
"""Times that a transaction is tried again which the database took back in favour of another one."""
_DEADLOCK = 1213

T = TypeVar("T")


class _TakenBack(StoreUnavailable):
    """The database chose this transaction as the victim of a deadlock; nothing of it is left."""


class SQLStore(Ledger):
    """A `FlagStore` over five ``strangler_*`` tables, which it creates on first use.

    ``database`` is a URL (a driver in it is honoured; without one MariaDB gets PyMySQL) or an `Engine`, which then
    stays the caller's to dispose of. ``clock`` dates the audit; beats are dated by the database.
    """

    def __init__(self, database: str | URL | Engine, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(clock)
        self._lock = threading.Lock()
        self._ready = False
        self._own: Engine | None = None
        self._given = database if isinstance(database, Engine) else None
        self._url = make_url(database) if not isinstance(database, Engine) else database.url

    def __repr__(self) -> str:
        return f"SQLStore({self.name!r})"

    @property
    def name(self) -> str:
        """The URL, without its password."""
        return self._url.render_as_string(hide_password=True)

    def epoch(self) -> int:
        with self._reading() as connection:
            return connection.scalar(select(epochs.c.epoch)) or 0

    def snapshot(self) -> Snapshot:
        with self._reading() as connection:
            return _read(connection).snapshot

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
        if key is not None:
            query = query.where(audit.c.route == key)
        with self._reading() as connection:
            return tuple(audit_row(row) for row in connection.execute(query))

    def beat(self, worker: Worker) -> None:
        check_worker(worker)
        self._written(lambda connection: _beat(connection, worker))

    def workers(self) -> tuple[Worker, ...]:
        with self._reading() as connection:
            found = connection.execute(select(workers).order_by(workers.c.id))
            return tuple(worker_of(row) for row in found)

    def now(self) -> datetime:
        with self._reading() as connection:
            return server_now(connection)

    def keep(self, evidence: Evidence) -> None:
        check_piece(evidence)
        self._written(lambda connection: _replace(connection, evidence))

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        query = select(evidence).where(evidence.c.route == key).order_by(evidence.c.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(evidence.c.kind == kind)
        with self._reading() as connection:
            return tuple(evidence_piece(row) for row in connection.execute(query))

    def close(self) -> None:
        with self._lock:
            engine, self._own = self._own, None
        if engine is not None:
            engine.dispose()

    def _commit(self, work: Work) -> tuple[AuditRow, ...]:
        return self._written(lambda connection: _change(connection, work))

    def _written(self, write: Callable[[Connection], T]) -> T:
        for _ in range(DEADLOCKS):
            with suppress(_TakenBack):
                return self._once(write)
        return self._once(write)

    def _once(self, write: Callable[[Connection], T]) -> T:
        with self._translated(), self._prepared().connect() as plain:
            connection = plain.execution_options(**IMMEDIATE)
            result = write(connection)
            connection.commit()
            return result

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._translated(), self._prepared().connect() as connection:
            yield connection

    def _prepared(self) -> Engine:
        with self._lock:
            engine = self._given or self._own
            if engine is None:
                engine = self._own = create_store_engine(self._url)
            if not self._ready:
                ensure_schema(engine)
                self._ready = True
            return engine

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Foreign errors end here. Their text may carry SQL and values, so only their kind goes on."""
        try:
            yield
        except DocumentInvalid as error:
            raise StoreInvalid(self.name, str(error)) from error
        except DBAPIError as error:
            code = next((part for part in getattr(error.orig, "args", ()) if isinstance(part, int)), None)
            what = StoreUnavailable if code != _DEADLOCK else _TakenBack
            raise what(self.name, f"{type(error.orig).__name__} {code or ''}".strip()) from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(self.name, type(error).__name__) from error


def _read(connection: Connection, written: int = 0) -> State:
    """``written`` is what this transaction has already added to the epoch."""
    row = connection.execute(
        select(epochs.c.epoch, epochs.c.killed, epochs.c.audit_sequence, epochs.c.audit_hash)
    ).one()
    found = [flag_of(row) for row in connection.execute(select(flags))]
    return State(Snapshot(found, row.epoch - written, bool(row.killed)), Head(row.audit_sequence, row.audit_hash))


def _change(connection: Connection, work: Work) -> tuple[AuditRow, ...]:
    # The first statement is a write: it takes the lock that puts all writers in one queue.
    connection.execute(update(epochs).values(epoch=epochs.c.epoch + 1))
    state = _read(connection, written=1)
    rows = work(state)
    if rows:
        _record(connection, rows, state_after(state, rows))
    else:
        connection.rollback()
    return rows


def _beat(connection: Connection, worker: Worker) -> None:
    now = server_now(connection)
    values = worker_values(worker, instant(now))
    if connection.execute(update(workers).where(workers.c.id == worker.id).values(values)).rowcount:
        return
    connection.execute(delete(workers).where(workers.c.seen_at < instant(oldest_beat(now))))
    # The same worker, from another thread, may have come in between; it said the same.
    with suppress(IntegrityError):
        connection.execute(insert(workers).values(values))


def _record(connection: Connection, rows: tuple[AuditRow, ...], after: State) -> None:
    written = [flag for flag in map(after.snapshot.get, dict.fromkeys(row.key for row in rows)) if flag is not None]
    if written:
        connection.execute(delete(flags).where(flags.c.route.in_([flag.key for flag in written])))
        connection.execute(insert(flags), [flag_values(flag) for flag in written])
    connection.execute(insert(audit), [audit_values(row) for row in rows])
    head = {"audit_sequence": after.head.sequence, "audit_hash": after.head.hash}
    connection.execute(update(epochs).values(epoch=after.snapshot.epoch, killed=after.snapshot.killed, **head))


def _replace(connection: Connection, piece: Evidence) -> None:
    """Rows are taken away by their number: a range would be locked against the other workers' pieces."""
    here = (evidence.c.route == piece.key) & (evidence.c.kind == piece.kind)
    if piece.source:
        same = connection.scalars(select(evidence.c.id).where(here & (evidence.c.source == piece.source))).all()
        for number in same:
            connection.execute(delete(evidence).where(evidence.c.id == number))
    added = connection.execute(insert(evidence).values(evidence_values(piece))).inserted_primary_key
    if added is not None and added[0] % PRUNE_EVERY == 0:
        too_old = select(evidence.c.id).where(here).order_by(evidence.c.id.desc()).offset(KEPT).limit(PRUNE_EVERY * 10)
        for number in connection.scalars(too_old).all():
            connection.execute(delete(evidence).where(evidence.c.id == number))
