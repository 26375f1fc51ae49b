"""Creates the store's tables. Safe to run again, and safe when several workers start at once."""

from contextlib import suppress

from sqlalchemy import Connection, Engine, insert, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from migration_flags.audit import GENESIS
from migration_flags.errors import SchemaTooNew
from migration_flags.stores.engine import IMMEDIATE
from migration_flags.stores.tables import SCHEMA_VERSION, audit, epochs, flags


def ensure_schema(engine: Engine) -> None:
    """Makes the tables where they are missing. Raises `SchemaTooNew`.

    A database that is complete is only read, so that a user without the right to create tables can serve.
    """
    with engine.connect() as connection:
        found = _version(connection) if inspect(connection).has_table(epochs.name) else None
    if found is None:
        found = _create(engine)
    if found > SCHEMA_VERSION:
        raise SchemaTooNew(found, SCHEMA_VERSION)


def _create(engine: Engine) -> int:
    with engine.connect() as plain:
        connection = plain.execution_options(**IMMEDIATE)
        with connection.begin():
            for table in (flags, audit, epochs):
                connection.execute(CreateTable(table, if_not_exists=True))
    first = {"id": 1, "epoch": 0, "schema_version": SCHEMA_VERSION, "audit_sequence": 0, "audit_hash": GENESIS}
    # This row, written last, says that all is there. Whoever comes second finds it, which is what it wanted.
    with suppress(IntegrityError), engine.begin() as connection:
        connection.execute(insert(epochs).values(first))
    with engine.connect() as connection:
        return _version(connection) or SCHEMA_VERSION


def _version(connection: Connection) -> int | None:
    return connection.scalar(select(epochs.c.schema_version))
