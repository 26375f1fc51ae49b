"""Makes the store's tables and brings old ones up to date. Safe to run again, and by several workers at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Column, Connection, Engine, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateColumn, CreateTable

from migration_flags.audit import GENESIS
from migration_flags.errors import SchemaTooNew
from migration_flags.stores.engine import IMMEDIATE
from migration_flags.stores.tables import ADDED, SCHEMA_VERSION, audit, epochs, evidence, flags, workers

LOCK_SECONDS = 4
"""How long an upgrade of MariaDB waits for another one; less than a read's timeout."""

_TABLES = (flags, audit, workers, evidence, epochs)


def ensure_schema(engine: Engine) -> None:
    """Makes the tables where they are missing, and adds what an older version lacks. Raises `SchemaTooNew`.

    A database that is complete is only read, so that a user without the right to create tables can serve.
    """
    with engine.connect() as connection:
        found = _version(connection) if inspect(connection).has_table(epochs.name) else None
    if found is None or found < SCHEMA_VERSION:
        found = _bring_up(engine)
    if found > SCHEMA_VERSION:
        raise SchemaTooNew(found, SCHEMA_VERSION)


def _bring_up(engine: Engine) -> int:
    """Only adds. The version comes last and says that all is there: who dies before it leaves work to be repeated."""
    with engine.connect() as plain:
        connection = plain.execution_options(**IMMEDIATE)
        with connection.begin(), _alone(connection):
            for table in _TABLES:
                connection.execute(CreateTable(table, if_not_exists=True))
            for column in ADDED:
                _add(connection, column)
            older = epochs.c.schema_version < SCHEMA_VERSION
            connection.execute(update(epochs).where(older).values(schema_version=SCHEMA_VERSION))
    first = {"id": 1, "epoch": 0, "schema_version": SCHEMA_VERSION, "audit_sequence": 0, "audit_hash": GENESIS}
    # Whoever comes second finds the row, which is what it wanted.
    with suppress(IntegrityError), engine.begin() as connection:
        connection.execute(insert(epochs).values(first))
    with engine.connect() as connection:
        return _version(connection) or SCHEMA_VERSION


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """SQLite's transaction holds its tables' shape, too. MariaDB's does not, so upgrades queue at a named lock.

    A lock that could not be had in time is no obstacle: the steps are repeatable, and fail loudly where they collide.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    name = {"name": f"strangler:{connection.engine.url.database}"[:64]}
    connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), {**name, "seconds": LOCK_SECONDS})
    try:
        yield
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), name)


def _add(connection: Connection, column: Column[object]) -> None:
    table = column.table.name
    if column.name not in {found["name"] for found in inspect(connection).get_columns(table)}:
        specification = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {specification}")


def _version(connection: Connection) -> int | None:
    return connection.scalar(select(epochs.c.schema_version))
