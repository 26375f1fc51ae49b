"""The state of the database's tables, and the way to the current one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from fastapi_app.adoption import adopting
from fastapi_app.adoption.adopting import Backup, Progress, RowsLost
from fastapi_app.adoption.dump import BackupFailed
from fastapi_app.alembic.baseline import metadata as baseline
from fastapi_app.caching.tags import CACHE_PREFIX
from fastapi_app.models import WRITES, Base, now
from fastapi_app.search.kinds import INDEX_PREFIX

VERSION_TABLE = "alembic_version"
FOREIGN_PREFIX = "strangler_"
"""Tables with this prefix belong to the flag store and are upgraded by it."""

_LOCK_NAME = "mvidarr_schema"
_LOCK_SECONDS = 60


class SchemaState(Enum):
    """What was found, in words a person can read."""

    EMPTY = "The database is empty."
    INTERRUPTED = "An earlier upgrade was interrupted; running it again completes it."
    BEHIND = "The tables are older than this version of MVidarr."
    CURRENT = "The tables are up to date."
    NEWER = "The tables were made by a newer version of MVidarr."
    ADOPTABLE = "The database is one of MVidarr 0.9; an upgrade backs it up and adopts it."
    UNKNOWN = "The database holds tables that are neither ours nor those of MVidarr 0.9."


@dataclass(frozen=True)
class SchemaReport:
    """The state, with the revision found (None where there is none) and the one that this version wants."""

    state: SchemaState
    found: str | None
    wanted: str
    obstacles: tuple[str, ...] = ()
    """Why an unknown database is not one of 0.9."""


@dataclass(frozen=True)
class Upgrade:
    """What was found, what there is now, and the backup, where an adoption made one."""

    before: SchemaReport
    after: SchemaReport
    backup: Path | None = None


class SchemaError(Exception):
    """The database can't be used as it is. The message says what to do."""


class DatabaseUnreachable(SchemaError):
    """No connection, or the file is no database."""


class SchemaNewer(SchemaError):
    """A newer version has been here."""

    def __init__(self, found: str | None) -> None:
        super().__init__(
            f"The database was upgraded by a newer version of MVidarr (revision {found}). "
            "Install that version again, or restore the backup that was made before it."
        )


class SchemaUnknown(SchemaError):
    """Tables without a revision that 0.9 did not make either."""

    def __init__(self, obstacles: tuple[str, ...]) -> None:
        super().__init__(
            f"The database is neither ours nor one of MVidarr 0.9: {'; '.join(obstacles)}. "
            "Nothing was changed. Point MVIDARR_DATABASE_URL at an empty database, or at the right one."
        )
        self.obstacles = obstacles


class UpgradeStopped(SchemaError):
    """The database refused a change, or went away in the middle. Nothing is lost, and running it again goes on."""


class AdoptionFailed(SchemaError):
    """The 0.9 database could not be taken over; it is as usable as before."""


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether alembic should look at a thing of this name and kind. Indexes and versions are made of other tables."""
    return not (kind == "table" and (name or "").startswith((FOREIGN_PREFIX, INDEX_PREFIX, CACHE_PREFIX)))


def examine(engine: Engine) -> SchemaReport:
    """Looks, and changes nothing. Raises DatabaseUnreachable when it can't even look."""
    with _reachable(engine), engine.connect() as connection:
        return _report(connection)


def upgrade(engine: Engine, backups: Path | None = None, progress: Progress | None = None) -> Upgrade:
    """Brings the tables to this version. Safe to repeat, and safe when two processes start at once.

    A database of 0.9 is saved under `backups` first, and refused without such a folder; `progress` is told meanwhile.
    Raises SchemaNewer or SchemaUnknown before anything is changed, AdoptionFailed, and DatabaseUnreachable when there
    is no connection.
    """
    writer = engine.execution_options(**{WRITES: True})
    with _reachable(engine):
        opened = writer.connect()
    with opened as connection, _stopping(engine), _only_one(connection):
        with _reachable(engine):
            before = _report(connection)
        _refuse(before)
        backup = _back_up(connection, backups, progress) if before.state is SchemaState.ADOPTABLE else None
        if before.state in (SchemaState.ADOPTABLE, SchemaState.INTERRUPTED):
            lacking = adopting.look(connection, baseline, FOREIGN_PREFIX)
            adopting.fill_gaps(connection, lacking, baseline, FOREIGN_PREFIX)
        if before.state is not SchemaState.CURRENT:
            command.upgrade(_alembic(connection, progress), "head")
        if backup is not None:
            _verify(connection, backup)
        connection.commit()
        return Upgrade(before, _report(connection), backup.path if backup else None)


def _refuse(report: SchemaReport) -> None:
    if report.state is SchemaState.NEWER:
        raise SchemaNewer(report.found)
    if report.state is SchemaState.UNKNOWN:
        raise SchemaUnknown(report.obstacles)


def _back_up(connection: Connection, backups: Path | None, progress: Progress | None) -> Backup:
    if backups is None:
        raise AdoptionFailed("A database of MVidarr 0.9 is adopted by: mvidarr db upgrade")
    try:
        return adopting.back_up(connection, backups, now(), FOREIGN_PREFIX, progress)
    except BackupFailed as error:
        raise AdoptionFailed(str(error)) from error


def _verify(connection: Connection, backup: Backup) -> None:
    try:
        adopting.verify(connection, backup, FOREIGN_PREFIX)
    except RowsLost as error:
        raise AdoptionFailed(str(error)) from error


def _report(connection: Connection) -> SchemaReport:
    scripts = ScriptDirectory.from_config(_alembic(connection))
    wanted = scripts.get_current_head() or ""
    tables = {name for name in inspect(connection).get_table_names() if is_ours(name, "table")}
    found = MigrationContext.configure(connection).get_current_revision() if VERSION_TABLE in tables else None
    known = {script.revision for script in scripts.walk_revisions()}
    state = _state(tables, found, wanted, known)
    if state is not SchemaState.UNKNOWN:
        return SchemaReport(state, found, wanted)
    recognition = adopting.look(connection, baseline, FOREIGN_PREFIX)
    if recognition.is_recognised:
        return SchemaReport(SchemaState.ADOPTABLE, found, wanted)
    return SchemaReport(state, found, wanted, recognition.obstacles)


def _state(tables: set[str], found: str | None, wanted: str, known: set[str]) -> SchemaState:
    """The state by revision and table names. UNKNOWN where the tables themselves have to be looked at."""
    if found is not None:
        if found not in known:
            return SchemaState.NEWER
        return SchemaState.CURRENT if found == wanted else SchemaState.BEHIND
    if not tables - {VERSION_TABLE}:
        return SchemaState.EMPTY
    interrupted = VERSION_TABLE in tables and tables - {VERSION_TABLE} <= set(Base.metadata.tables)
    return SchemaState.INTERRUPTED if interrupted else SchemaState.UNKNOWN


def _alembic(connection: Connection, progress: Progress | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
    config.attributes["connection"] = connection
    config.attributes["progress"] = progress
    return config


@contextmanager
def _only_one(connection: Connection) -> Iterator[None]:
    """SQLite's immediate transaction already keeps others out; MariaDB's DDL commits, so there a named lock does."""
    if connection.dialect.name == "sqlite":
        yield
        return
    if connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), {"name": _LOCK_NAME, "seconds": _LOCK_SECONDS}) != 1:
        raise DatabaseUnreachable("Another process has been upgrading the database for a minute; try again later.")
    try:
        yield
    finally:
        if not connection.invalidated:  # a connection that was lost has let go of its lock
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": _LOCK_NAME})


@contextmanager
def _stopping(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise UpgradeStopped(
            f"The upgrade of {_name(engine)} stopped: {_reason(error)}. What was there is still there; mend that and "
            "run it again: mvidarr db upgrade"
        ) from error


@contextmanager
def _reachable(engine: Engine) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise DatabaseUnreachable(f"Can't open the database {_name(engine)}: {_reason(error)}.") from error
    except DatabaseError as error:
        raise DatabaseUnreachable(
            f"The database {_name(engine)} can't be read: {_reason(error)}. Restore it from a backup."
        ) from error


def _name(engine: Engine) -> str:
    return engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=True)


def _reason(error: DatabaseError) -> str:
    return str(error.orig.args[-1]) if error.orig and error.orig.args else type(error.orig).__name__
