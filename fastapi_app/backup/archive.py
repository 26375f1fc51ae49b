"""Writing a backup: one compressed archive, readable by any tar, that only its owner may read."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from gzip import GzipFile
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, text

from fastapi_app.backup import manifest, rows, secrets
from fastapi_app.backup.manifest import Manifest, Member
from fastapi_app.backup.refusals import NoSpace
from fastapi_app.config import Config
from fastapi_app.schema import VERSION_TABLE
from fastapi_app.secret_key import FILE_NAME as KEY_FILE

Progress = Callable[[str, int, int], None]
"""Told often: what is being saved, steps so far, steps in all (rows and pictures). It may raise, to stop."""

SPARE_BYTES = 64 * 2**20
_MODE = 0o600


def write(
    config: Config, engine: Engine, path: Path, moment: datetime, *, with_secrets: bool = True, progress: Progress
) -> Manifest:
    """Saves everything to `path`, under another name until it is complete. `moment` is UTC.

    The database is read in one transaction: all tables as they were at one moment. Raises NoSpace, OSError, and what
    `progress` raises; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with engine.connect() as connection, _file(unfinished) as raw:
            snapshot(connection)
            pictures = list(_pictures(config.data_dir / manifest.THUMBNAILS))
            _refuse_small_disk(connection, path.parent, sum(picture.stat().st_size for picture in pictures))
            with GzipFile(fileobj=raw, mode="wb", compresslevel=3, mtime=0) as packed:
                made = _Writer(config, connection, packed, path.parent, moment, progress).write(pictures, with_secrets)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return made


def snapshot(connection: Connection) -> None:
    """From here on the connection sees all tables as they are now. SQLite's transactions are that by nature."""
    if connection.dialect.name == "mysql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.commit()
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")


def revision_of(connection: Connection) -> str:
    found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    return str(found or "")


class _Readable(Protocol):
    """What tar reads a member from."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Writer:
    """One archive while it is written."""

    def __init__(
        self,
        config: Config,
        connection: Connection,
        packed: GzipFile,
        folder: Path,
        moment: datetime,
        progress: Progress,
    ) -> None:
        self._config = config
        self._folder = folder
        self._connection = connection
        self._tar = tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._moment = moment
        self._progress = progress
        self._members: list[Member] = []
        self._done = 0
        self._total = 0

    def write(self, pictures: list[Path], with_secrets: bool) -> Manifest:
        tables = rows.tables(self._connection)
        saved = [table for table in tables if with_secrets or table.name not in secrets.LEFT_OUT]
        self._total = len(pictures) + sum(rows.count(self._connection, table) for table in saved)
        with self._tar:
            for table in saved:
                found = rows.lines(self._connection, table)
                self._add_lines(table.name, found if with_secrets else secrets.without(table.name, found))
            self._add_configuration(with_secrets)
            for picture in pictures:
                self._add_picture(picture)
            made = Manifest(
                version=own_version(),
                made_at=self._moment.isoformat(timespec="seconds"),
                dialect=self._connection.dialect.name,
                revision=revision_of(self._connection),
                with_secrets=with_secrets,
                members=tuple(self._members),
            )
            raw = manifest.write(made)
            self._add(manifest.NAME, BytesIO(raw), len(raw))
        return made

    def _add_lines(self, table: str, lines: Iterable[bytes]) -> None:
        """A table. Its length has to be known first, so it is written to a nameless file before."""
        digest, size, count = sha256(), 0, -1
        with tempfile.TemporaryFile(dir=self._folder) as staged:
            with GzipFile(fileobj=staged, mode="wb", compresslevel=1) as packed:
                for line in lines:
                    packed.write(line)
                    digest.update(line)
                    size, count = size + len(line), count + 1
                    if count > 0:
                        self._step(table)
            staged.seek(0)
            with GzipFile(fileobj=staged, mode="rb") as unpacked:
                self._add(manifest.member_of(table), unpacked, size)
        self._members.append(Member(manifest.member_of(table), size, digest.hexdigest(), count))

    def _add_configuration(self, with_secrets: bool) -> None:
        """What was configured, for a person to read; the key that signs cookies only with the secrets."""
        told = json.dumps(_told(self._config), indent=1).encode()
        self._add_bytes(manifest.CONFIGURATION, told)
        key = self._config.data_dir / KEY_FILE
        if with_secrets and key.is_file():
            self._add_bytes(manifest.SECRET_KEY, key.read_bytes())

    def _add_picture(self, picture: Path) -> None:
        name = f"{manifest.THUMBNAILS}/{picture.relative_to(self._config.data_dir / manifest.THUMBNAILS).as_posix()}"
        if manifest.is_fit(name):
            with suppress(FileNotFoundError):  # replaced meanwhile
                self._add_bytes(name, picture.read_bytes())
        self._step("pictures")

    def _add_bytes(self, name: str, raw: bytes) -> None:
        self._add(name, BytesIO(raw), len(raw))
        self._members.append(Member(name, len(raw), sha256(raw).hexdigest()))

    def _add(self, name: str, content: "_Readable", size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, _MODE, int(self._moment.timestamp())
        self._tar.addfile(entry, content)

    def _step(self, what: str) -> None:
        self._done += 1
        if self._done % 100 == 0 or self._done >= self._total:
            self._progress(what, self._done, max(self._done, self._total))


def own_version() -> str:
    try:
        return version("mvidarr")
    except PackageNotFoundError:
        return "unknown"


def _told(config: Config) -> dict[str, object]:
    """The configuration without secrets, and without addresses that carry passwords."""
    hidden = {"database_url", "redis_url"}
    told = config.model_dump(mode="json")
    return {
        name: value
        for name, value in told.items()
        if name not in hidden and not any(word in name for word in ("secret", "password", "key", "token"))
    }


@contextmanager
def _file(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
    with os.fdopen(descriptor, "wb") as raw:
        yield raw


def _pictures(folder: Path) -> Iterator[Path]:
    """The files below, links left out: they may lead anywhere."""
    if folder.is_symlink():
        folder = folder.resolve()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _refuse_small_disk(connection: Connection, folder: Path, pictures: int) -> None:
    needed = pictures + _database_bytes(connection) + SPARE_BYTES
    left = shutil.disk_usage(folder).free
    if left < needed:
        raise NoSpace(f"The backup may need {needed // 2**20} MiB, and {left // 2**20} MiB are free in {folder}.")


def _database_bytes(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        return Path(str(connection.engine.url.database)).stat().st_size
    query = text("SELECT SUM(data_length) FROM information_schema.tables WHERE table_schema = DATABASE()")
    return int(connection.scalar(query) or 0)
