"""A backup of a whole MariaDB database as SQL text, made before anything in it is changed.

`zcat FILE | mariadb NAME` brings it back, into an empty database of any name. The server's own tools may be missing
where MVidarr runs, so the text is written here.
"""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from pymysql.converters import escape_item
from sqlalchemy import Connection

BATCH_ROWS = 500
_HEADER = (
    "-- A backup of {name}, made by MVidarr before it changed anything. Restore: zcat THIS | mariadb NAME\n"
    "SET NAMES utf8mb4;\nSET FOREIGN_KEY_CHECKS = 0;\nSET UNIQUE_CHECKS = 0;\nSET TIME_ZONE = '+00:00';\n"
    "SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO';\nSTART TRANSACTION;\n"
)
_FOOTER = "COMMIT;\nSET UNIQUE_CHECKS = 1;\nSET FOREIGN_KEY_CHECKS = 1;\n-- End of the backup.\n"

Progress = Callable[[str, int], None]
"""Told after every batch: the table, and how many rows of it were written since the last time."""


class BackupFailed(Exception):
    """The backup could not be written, so nothing was changed."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The backup {path} could not be written ({reason}), so nothing was changed. "
            "Make room, or point MVIDARR_DATA_DIR at a folder with space."
        )


def dump(connection: Connection, path: Path, progress: Progress | None = None) -> None:
    """Writes every table and row to `path` (gzip), under another name until it is complete. Raises BackupFailed."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as raw,
            gzip.open(raw, "wt", compresslevel=1, encoding="utf-8", newline="\n") as text,
        ):
            _write(connection, text, progress)
            text.flush()
            os.fsync(raw.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise BackupFailed(path, error.strerror or type(error).__name__) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _write(connection: Connection, text: IO[str], progress: Progress | None) -> None:
    connection.exec_driver_sql("SET SESSION TIME_ZONE = '+00:00'")
    text.write(_HEADER.format(name=connection.engine.url.database))
    for table in _tables(connection):
        name = _quoted(table)
        created = connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").one()[1]
        text.write(f"{created};\n")
        for rows in _batches(connection, name):
            text.write(f"INSERT INTO {name} VALUES\n" + ",\n".join(map(_values, rows)) + ";\n")
            if progress is not None:
                progress(table, len(rows))
    text.write(_FOOTER)


def _tables(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
    return [str(row[0]) for row in found]


def _batches(connection: Connection, name: str) -> Iterator[list[tuple[Any, ...]]]:
    streamed = connection.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS)
    with streamed.exec_driver_sql(f"SELECT * FROM {name}") as rows:  # noqa: S608
        for batch in rows.partitions(BATCH_ROWS):
            yield [tuple(row) for row in batch]


def _values(row: tuple[Any, ...]) -> str:
    return "(" + ",".join(escape_item(value, "utf8mb4") for value in row) + ")"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
