"""Making the tags' table and triggers, in the place of those that are there."""

import structlog
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from fastapi_app.caching import triggers
from fastapi_app.caching.tags import TABLE, Tag, effects
from fastapi_app.models import Base

_FORBIDDEN = (1142, 1227, 1419)
"""MariaDB's numbers for a right that lacks; the last where it keeps a binary log and the account is nobody special."""

log = structlog.get_logger(__name__)


def build(connection: Connection) -> bool:
    """Makes all anew; whether it could. Repeating an interrupted call is all there is to do.

    An account that may not make triggers gets nothing: answers are then made each time.
    """
    dialect = connection.dialect.name
    present = set(inspect(connection).get_table_names())
    try:
        remove(connection)
        connection.exec_driver_sql(triggers.table(dialect))
        for rule, tags in sorted(effects(Base.metadata).items()):
            if rule[0] in present:
                connection.exec_driver_sql(triggers.trigger(dialect, rule, tags))
    except DBAPIError as error:
        if getattr(error.orig, "args", (None,))[0] not in _FORBIDDEN:
            raise
        log.warning("nothing is kept in memory: this account may not make triggers; grant TRIGGER and upgrade again")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE}")
        return False
    connection.exec_driver_sql(triggers.rows(dialect, [tag for tag in Tag if tag.table in present]))
    return True


def remove(connection: Connection) -> None:
    """Drops what is there. Answers are then made each time."""
    present = connection.exec_driver_sql(triggers.PRESENT[connection.dialect.name]).scalars().all()
    for statement in triggers.drop(sorted(present)):
        connection.exec_driver_sql(statement)
