"""Bringing a backup back: checked first, saved before, and all of the database or nothing."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, Table, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from fastapi_app import schema
from fastapi_app.backup import archive, checking, folder, kinds, manifest, rows, turn
from fastapi_app.backup.archive import Progress
from fastapi_app.backup.manifest import Manifest
from fastapi_app.backup.refusals import BackupInvalid, BackupNewer, Incomplete, JobsRunning, TargetUnfit
from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import WRITES, Job, now
from fastapi_app.operations import tables as current_tables
from fastapi_app.schema import SchemaState
from fastapi_app.secret_key import FILE_NAME as KEY_FILE

_ALIVE = timedelta(minutes=2)
"""A job whose worker said nothing for so long doesn't hold a restore up."""

_PLAIN_MODE = "NO_AUTO_VALUE_ON_ZERO"


@dataclass(frozen=True)
class Restored:
    """What came back, what of the backup has no place here, and where the library as it was is kept."""

    manifest: Manifest
    rows: int
    pictures: int
    left_out: tuple[str, ...]
    safety: Path | None


def restore(
    config: Config,
    engine: Engine,
    path: Path,
    moment: datetime,
    progress: Progress,
    *,
    with_key: bool = False,
) -> Restored:
    """Replaces the library by what `path` holds. `with_key` brings the key that signs logins back, too.

    An empty database gets its tables first. Raises BackupRefused with nothing changed. Connections of other processes
    stay good: rows are replaced in one transaction, no file is exchanged under them.
    """
    with turn.alone(folder.of(config)):
        return _restore(config, engine, path, moment, progress, with_key=with_key)


def _restore(
    config: Config, engine: Engine, path: Path, moment: datetime, progress: Progress, *, with_key: bool
) -> Restored:
    told = checking.check(path)
    _prepare(engine, told)
    safety = _save(config, engine, moment, progress)
    staged = config.data_dir / f".thumbnails-{secrets.token_hex(4)}"
    try:
        with _one_transaction(engine) as connection:
            written, left_out = _replace(connection, told, path, staged, progress)
            _end_backups(connection)
        pictures = _exchange(staged, config.data_dir / manifest.THUMBNAILS) if told.pictures else 0
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    if with_key:
        _restore_key(config, path)
    return Restored(told, written, pictures, left_out, safety)


def _prepare(engine: Engine, told: Manifest) -> None:
    found = schema.examine(engine) if current_tables.missing_file(engine) is None else None
    if found is None or found.state is SchemaState.EMPTY:
        _refuse_newer(told, schema.upgrade(engine).after.wanted)
        return
    if found.state is not SchemaState.CURRENT:
        raise TargetUnfit(f"Nothing can be restored into this database. {found.state.value}")
    _refuse_newer(told, found.wanted)
    _refuse_running(engine)


def _refuse_newer(told: Manifest, ours: str) -> None:
    if not told.revision.isdecimal() or int(told.revision) > int(ours):
        raise BackupNewer(
            f"The backup is of a newer version of MVidarr ({told.version}, tables {told.revision}; these are {ours})."
        )


def _refuse_running(engine: Engine) -> None:
    query = select(func.count(Job.id)).where(Job.state == State.RUNNING, Job.heartbeat_at > now() - _ALIVE)
    with engine.connect() as connection:
        running = connection.scalar(query) or 0
    if running:
        raise JobsRunning(f"{running} jobs are running. Pause the queues, or cancel them, and restore then.")


def _save(config: Config, engine: Engine, moment: datetime, progress: Progress) -> Path | None:
    """The library as it is, unless there is nothing in it."""
    with engine.connect() as connection:
        if not any(rows.count(connection, table) for table in rows.tables(connection)):
            return None
    path = folder.free(folder.of(config), folder.name_at(moment, folder.BEFORE_RESTORE))
    archive.write(config, engine, path, moment, progress=lambda what, *numbers: progress(f"saving {what}", *numbers))
    return path


@contextmanager
def _one_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection that takes the rows as they are, with their references in any order."""
    try:
        with engine.execution_options(**{WRITES: True}).connect() as connection:
            if connection.dialect.name == "mysql":
                mode = connection.exec_driver_sql("SELECT @@SESSION.sql_mode").scalar_one()
                connection.exec_driver_sql(f"SET SESSION FOREIGN_KEY_CHECKS = 0, sql_mode = '{_PLAIN_MODE}'")
                try:
                    yield connection
                    connection.commit()
                finally:
                    connection.rollback()
                    connection.exec_driver_sql("SET SESSION FOREIGN_KEY_CHECKS = 1, sql_mode = %s", (mode,))
            else:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                yield connection
                connection.commit()
    except SQLAlchemyError as error:
        # Its text holds rows, passwords' hashes among them.
        raise Incomplete(f"The database refused what was to be restored ({type(error).__name__}).") from None


def _replace(
    connection: Connection, told: Manifest, path: Path, staged: Path, progress: Progress
) -> tuple[int, tuple[str, ...]]:
    """Rows and pictures, in one reading of the archive. How many rows, and which tables had no place."""
    here = {table.name: table for table in rows.tables(connection)}
    for table in reversed(here.values()):
        connection.execute(delete(table))
    left_out: list[str] = []
    total, done = told.rows + told.pictures, 0
    for name, content in checking.members(path):
        target = here.get(manifest.table_of(name))
        if target is not None:
            for batch in _batches(rows.read(target, iter(content))):
                connection.execute(target.insert(), batch)
                done += len(batch)
                progress(f"restoring {target.name}", min(done, total), total)
            _prove(connection, target, told)
        elif manifest.table_of(name):
            left_out.append(manifest.table_of(name))
        elif name.startswith(f"{manifest.THUMBNAILS}/"):
            _extract(staged, name, content)
            done += 1
            progress("restoring pictures", min(done, total), total)
    written = sum(member.rows or 0 for name, member in told.tables.items() if name in here)
    return written, tuple(left_out)


def _batches(found: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    try:
        while batch := list(islice(found, rows.BATCH_ROWS)):
            yield batch
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BackupInvalid("A table of the backup holds lines that are no rows.") from None


def _end_backups(connection: Connection) -> None:
    """The job that made the backup ran when its row was saved: it must not begin anew."""
    moment = now()
    ended = {"state": State.CANCELLED, "active_key": None, "claim": None, "finished_at": moment, "updated_at": moment}
    active = Job.kind == kinds.BACKUP.name, Job.active_key.is_not(None)
    connection.execute(update(Job).where(*active).values(**ended, sequence=Job.sequence + 1))


def _prove(connection: Connection, table: "Table[Any]", told: Manifest) -> None:
    """The rows read again are those that were saved: to the byte on the same database, by number on the other one."""
    member = told.tables[table.name]
    if told.dialect != connection.dialect.name or told.revision != archive.revision_of(connection):
        arrived = rows.count(connection, table)
        if arrived != member.rows:
            raise Incomplete(f"{arrived} of {member.rows} rows of {table.name} arrived. The library is as it was.")
    elif _digest(rows.lines(connection, table)) != member.sha256:
        raise Incomplete(f"The rows of {table.name} did not arrive as they were saved. The library is as it was.")


def _digest(lines: Iterable[bytes]) -> str:
    digest = sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


def _extract(staged: Path, name: str, content: IO[bytes]) -> None:
    """A picture, into a folder of its own. Names were checked; that it stays inside is checked once more."""
    target = staged / name.partition("/")[2]
    if not target.resolve().is_relative_to(staged.resolve()):
        raise BackupInvalid("A picture of the backup leads out of its folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(content, file)


def _exchange(staged: Path, home: Path) -> int:
    """Puts the new pictures where the old ones were; how many. The old ones go last."""
    home = home.resolve() if home.is_symlink() else home
    old = home.with_name(f".thumbnails-old-{secrets.token_hex(4)}")
    if home.exists():
        home.rename(old)
    staged.rename(home)
    shutil.rmtree(old, ignore_errors=True)
    return sum(len(files) for _, _, files in os.walk(home))


def _restore_key(config: Config, path: Path) -> None:
    for name, content in checking.members(path):
        if name == manifest.SECRET_KEY:
            draft = config.data_dir / f".{KEY_FILE}.{secrets.token_hex(4)}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content.read(4096))
            draft.replace(config.data_dir / KEY_FILE)
