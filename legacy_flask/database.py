"""The engine, and the session of a request: one per thread, as in 0.9."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from fastapi_app.models import CONNECT_ARGUMENTS, WRITES, prepare_sqlite
from legacy_flask.configuration import LegacySettings

_EXTENSION = "mvidarr_database"
_RECYCLE_SECONDS = 3600


class Database:
    """A pool of connections, and one session per thread. Constructing connects to nothing."""

    def __init__(self, settings: LegacySettings) -> None:
        self.engine = _engine(settings)
        self._readers = scoped_session(sessionmaker(self.engine, autoflush=False))
        self._writers = scoped_session(sessionmaker(self.engine.execution_options(**{WRITES: True}), autoflush=False))

    def session(self, *, writes: bool) -> Session:
        """This thread's session. It connects when it is first used."""
        return self._writers() if writes else self._readers()

    def remove(self) -> None:
        """Returns this thread's connections, whatever became of their transactions."""
        self._readers.remove()
        self._writers.remove()

    def close(self) -> None:
        self.engine.dispose()


def of(app: Flask) -> Database:
    """The database of `app`."""
    found: Database = app.extensions[_EXTENSION]
    return found


def database() -> Database:
    """The database of the application that answers this request."""
    return of(current_app)


def keep(opened: Database, app: Flask) -> None:
    """Makes `opened` the database of `app`."""
    app.extensions[_EXTENSION] = opened


def session() -> Session:
    """The session of this request; on SQLite it begins as a writer where the method writes."""
    return database().session(writes=g.writes)


@contextmanager
def transaction() -> Iterator[Session]:
    """The request's session, committed at the end of the block, rolled back when the block raises."""
    with _committed(session()) as current:
        yield current


@contextmanager
def writing() -> Iterator[Session]:
    """A writing transaction inside a request that otherwise reads. What was read before is read anew."""
    database().session(writes=False).rollback()
    with _committed(database().session(writes=True)) as current:
        yield current


@contextmanager
def _committed(current: Session) -> Iterator[Session]:
    try:
        yield current
        current.commit()
    except BaseException:  # whatever ended the block: undone, and raised again
        current.rollback()
        raise


def _engine(settings: LegacySettings) -> Engine:
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address.set(drivername="sqlite+pysqlite"),
            connect_args=CONNECT_ARGUMENTS,
            pool_size=settings.pool_size,
            max_overflow=settings.pool_overflow,
            pool_timeout=settings.pool_timeout,
            hide_parameters=True,
        )
        prepare_sqlite(engine)
        return engine
    return create_engine(
        _in_utf8(address),
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_timeout=settings.pool_timeout,
        pool_recycle=_RECYCLE_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _in_utf8(address: URL) -> URL:
    return address.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"})
