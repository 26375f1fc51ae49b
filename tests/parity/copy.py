"""A library that is changed, looked at, and put back. SQLite."""

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from router.comparison.settling import settle

DATABASE = "mvidarr.db"
LOGS = "logs"
"""What a process says, not what it keeps."""
UPLOAD = r"\d{8}_\d{6}_[0-9a-f]{8}"
"""The middle of an uploaded picture's name: the moment, and chance."""
_OTHERS = ("strangler", "alembic", "sqlite", "search", "cache")
_BY_CHANCE = (
    "session_token",
    "upload_id",
    "password_hash",
    "password_reset_token",
    "two_factor_secret",
    "two_factor_last_step",
    "backup_codes",
    "request_id",
    "key_hash",
    "prefix",
    "token_hash",
    "expires_at",
    "executor",
    "attempt_limit",
)

Row = tuple[Any, ...]


class Copy:
    """The rows and files below `data`, and how they were when `save` was called last."""

    def __init__(self, data: Path, saved: Path) -> None:
        self._data = data
        self._saved = saved
        self._watch = sqlite3.connect(data / DATABASE)
        self._version = -1
        self._files: Mapping[str, tuple[int, int]] = {}

    def close(self) -> None:
        self._watch.close()

    def save(self) -> None:
        shutil.rmtree(self._saved, ignore_errors=True)
        _copy_files(self._data, self._saved)
        copy_database(self._data / DATABASE, self._saved / DATABASE)
        self._files, self._version = self._signatures(), self._present_version()

    def restore(self) -> None:
        """Puts back what was changed. Connections that others keep open stay open, and see it."""
        if self._signatures() != self._files:
            for path in self._data.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
            _copy_files(self._saved, self._data)
        if self.has_other_rows:
            copy_database(self._saved / DATABASE, self._data / DATABASE)
            self._version = self._present_version()

    @property
    def has_other_rows(self) -> bool:
        """Whether anybody wrote since the library was saved or put back."""
        return self._present_version() != self._version

    def rows(self) -> dict[str, dict[Any, Row]]:
        """Every row by table and id, as it is stored; the flags of the migration are left out."""
        tables = self._watch.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {
            name: {row[0]: row for row in self._watch.execute(f'SELECT * FROM "{name}"')}
            for (name,) in tables
            if not name.startswith(_OTHERS)
        }

    def columns(self, table: str) -> list[str]:
        return [column[1] for column in self._watch.execute(f'PRAGMA table_info("{table}")')]

    def files(self) -> dict[str, str]:
        """Digests of the files that are other ones than when the library was saved; of those that are gone, nothing."""
        present = self._signatures()
        changed = {name: _digest(self._data / name) for name in present if present[name] != self._files.get(name)}
        return {re.sub(UPLOAD, "*", name): changed.get(name, "as before") for name in present}

    def _signatures(self) -> dict[str, tuple[int, int]]:
        """Size and time by name."""
        found = {}
        for path in sorted(self._data.rglob("*")):
            if (
                path.is_file()
                and not path.is_symlink()
                and path.parent.name != LOGS
                and not path.name.startswith(DATABASE)
            ):
                facts = path.stat()
                found[str(path.relative_to(self._data))] = (facts.st_size, facts.st_mtime_ns)
        return found

    def _present_version(self) -> int:
        version: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return version


def named(columns: list[str], row: Row | None, at: datetime) -> dict[str, Any]:
    """A row by column, in a form that can be compared: JSON as values, without what differs by chance."""
    if row is None:
        return {}
    values = {name: _unmarked(_parsed(value)) for name, value in zip(columns, row, strict=True)}
    settled: dict[str, Any] = settle(_unmarked(values), at, (UPLOAD,))
    return settled


def copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(target)) as to:
        to.execute("PRAGMA synchronous = OFF")
        from_.backup(to)


def _copy_files(source: Path, target: Path) -> None:
    leave = shutil.ignore_patterns(f"{DATABASE}*")
    shutil.copytree(source, target, symlinks=True, ignore=leave, dirs_exist_ok=True)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _unmarked(value: Any) -> Any:
    """Without the values that are made by chance."""
    if not isinstance(value, dict):
        return value
    return {name: "by chance" if name in _BY_CHANCE and one else one for name, one in value.items()}
