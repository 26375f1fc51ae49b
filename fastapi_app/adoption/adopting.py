"""Takes over a database that MVidarr 0.9 made: recognised, backed up, completed. The first revision does the rest."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, MetaData, func, inspect, select, table

from fastapi_app.adoption import facts
from fastapi_app.adoption.completion import complete
from fastapi_app.adoption.dump import BackupFailed, dump
from fastapi_app.adoption.recognition import Recognition, recognise

Progress = Callable[[int, int], None]
"""Told while the backup is written: rows so far, rows in all."""


class RowsLost(Exception):
    """A table holds fewer rows than before. It never should; the message names the backup."""

    def __init__(self, name: str, before: int, after: int, backup: Path) -> None:
        super().__init__(f"{name} held {before} rows before the upgrade and {after} after it. The backup is {backup}.")


@dataclass(frozen=True)
class Backup:
    """Where the database was saved, and how many rows each table held."""

    path: Path
    rows: dict[str, int]


def look(connection: Connection, baseline: MetaData, ignored_prefix: str) -> Recognition:
    """Whether this is 0.9's database, and what it lacks."""
    return recognise(facts.read(connection, ignored_prefix), facts.expected(baseline))


def back_up(
    connection: Connection, folder: Path, at: datetime, ignored_prefix: str, progress: Progress | None = None
) -> Backup:
    """Saves the whole database under `folder`. Raises BackupFailed, with nothing changed."""
    rows = count(connection, ignored_prefix)
    name = f"mvidarr-0.9-{at:%Y%m%dT%H%M%S}"
    if connection.dialect.name == "sqlite":
        path = folder / f"{name}.db"
        _copy_file(connection, path)
    else:
        path = folder / f"{name}.sql.gz"
        dump(connection, path, _counting(sum(rows.values()), progress))
    return Backup(path, rows)


def fill_gaps(connection: Connection, lacking: Recognition, baseline: MetaData, ignored_prefix: str) -> None:
    """Adds the columns and the ENUM members that an older installation lacks."""
    if not lacking.is_complete:
        complete(connection, lacking, facts.read(connection, ignored_prefix), baseline)


def verify(connection: Connection, backup: Backup, ignored_prefix: str) -> None:
    """Raises RowsLost when a table has fewer rows than were saved."""
    after = count(connection, ignored_prefix)
    for name, before in backup.rows.items():
        if after.get(name, 0) < before:
            raise RowsLost(name, before, after.get(name, 0), backup.path)


def count(connection: Connection, ignored_prefix: str) -> dict[str, int]:
    """Rows by table."""
    names = [name for name in inspect(connection).get_table_names() if not name.startswith(ignored_prefix)]
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _counting(total: int, progress: Progress | None) -> Callable[[str, int], None] | None:
    if progress is None:
        return None
    done = 0

    def written(_table: str, rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, total)

    return written


def _copy_file(connection: Connection, path: Path) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(str(connection.engine.url.database))) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            source.backup(target)
        unfinished.chmod(0o600)
        unfinished.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(path, str(error)) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
