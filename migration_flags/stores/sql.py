"""Flags in a SQL database: MariaDB or MySQL through PyMySQL, or SQLite beside the product's own connections."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import URL, Connection, Engine, delete, insert, make_url, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from migration_flags.audit import AuditRow
from migration_flags.change import Change, Head, Signature, check, flag_after, missing, plan
from migration_flags.errors import StoreUnavailable
from migration_flags.flag import Flag, Stage
from migration_flags.snapshot import Snapshot
from migration_flags.stores.engine import IMMEDIATE, create_store_engine
from migration_flags.stores.schema import ensure_schema
from migration_flags.stores.tables import audit, epochs, flags

_STAGES = frozenset(stage.value for stage in Stage)


class SQLStore:
    """A `FlagStore` over three ``strangler_*`` tables, which it creates on first use.

    ``database`` is a URL (a driver in it is honoured; without one MariaDB gets PyMySQL) or an `Engine`, which then
    stays the caller's to dispose of.
    """

    def __init__(self, database: str | URL | Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
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
            return self._read(connection)

    def apply(self, changes: Sequence[Change], *, actor: str, reason: str, gated: bool = False) -> tuple[AuditRow, ...]:
        check(changes, actor, reason)
        signature = Signature(actor, reason, self._clock(), gated)
        return self._write(lambda _: changes, signature)

    def seed(self, keys: Iterable[str], stage: Stage, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        wanted = tuple(dict.fromkeys(keys))
        check([Change(key, stage) for key in wanted], actor, reason)
        return self._write(lambda snapshot: missing(snapshot, wanted, stage), Signature(actor, reason, self._clock()))

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
        if key is not None:
            query = query.where(audit.c.route == key)
        with self._reading() as connection:
            return tuple(AuditRow(*row) for row in connection.execute(query))

    def close(self) -> None:
        with self._lock:
            engine, self._own = self._own, None
        if engine is not None:
            engine.dispose()

    def _write(self, choose: Callable[[Snapshot], Sequence[Change]], signature: Signature) -> tuple[AuditRow, ...]:
        with self._translated(), self._prepared().connect() as plain:
            connection = plain.execution_options(**IMMEDIATE)
            with connection.begin() as transaction:
                # The first statement is a write: it takes the lock that puts all writers in one queue.
                connection.execute(update(epochs).values(epoch=epochs.c.epoch + 1))
                snapshot = self._read(connection, written=1)
                rows = plan(snapshot, _head(connection), choose(snapshot), signature)
                if rows:
                    _record(connection, rows)
                else:
                    transaction.rollback()
        return rows

    def _read(self, connection: Connection, written: int = 0) -> Snapshot:
        """``written`` is what this transaction has already added to the epoch."""
        epoch = (connection.scalar(select(epochs.c.epoch)) or 0) - written
        return Snapshot([self._flag(*row) for row in connection.execute(select(flags))], epoch)

    def _flag(
        self, key: str, stage: str, percent: float | None, reason: str, updated_by: str, updated_at: str, epoch: int
    ) -> Flag:
        if stage not in _STAGES:
            raise StoreUnavailable(self.name, f"the flag of {key!r} has the unknown stage {stage!r}")
        return Flag(key, Stage(stage), percent, reason, updated_by, updated_at, epoch)

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
        except DBAPIError as error:
            code = next((str(part) for part in getattr(error.orig, "args", ()) if isinstance(part, int)), "")
            raise StoreUnavailable(self.name, " ".join(filter(None, (type(error.orig).__name__, code)))) from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(self.name, type(error).__name__) from error


def _head(connection: Connection) -> Head:
    return Head(*connection.execute(select(epochs.c.audit_sequence, epochs.c.audit_hash)).one())


def _record(connection: Connection, rows: Sequence[AuditRow]) -> None:
    written = [flag_after(row) for row in rows]
    connection.execute(delete(flags).where(flags.c.route.in_([flag.key for flag in written])))
    connection.execute(insert(flags), [_flag_values(flag) for flag in written])
    connection.execute(insert(audit), [_audit_values(row) for row in rows])
    connection.execute(update(epochs).values(audit_sequence=rows[-1].sequence, audit_hash=rows[-1].hash))


def _flag_values(flag: Flag) -> dict[str, object]:
    return {
        "route": flag.key,
        "stage": flag.stage.value,
        "percent": flag.percent,
        "reason": flag.reason,
        "updated_by": flag.updated_by,
        "updated_at": flag.updated_at,
        "epoch": flag.epoch,
    }


def _audit_values(row: AuditRow) -> dict[str, object]:
    return {column.name: getattr(row, "key" if column.name == "route" else column.name) for column in audit.columns}
