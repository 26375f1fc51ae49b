"""Reading a backup, trusting nothing in it."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from fastapi_app.backup import manifest
from fastapi_app.backup.manifest import Manifest
from fastapi_app.backup.refusals import BackupInvalid

_BLOCK = 1 << 20
_LARGEST_MANIFEST = 256 * 2**20

Seen = Callable[[str, IO[bytes]], None]


def check(path: Path) -> Manifest:
    """Reads all of it: every file is there, whole, as it was written, and nothing else. Raises BackupInvalid."""
    found: dict[str, tuple[int, str]] = {}
    told: Manifest | None = None
    with _reading(path):
        for name, content in members(path):
            if told is not None or name in found:
                raise BackupInvalid("The backup holds more than it says.")
            if name == manifest.NAME:
                told = manifest.read(content.read(_LARGEST_MANIFEST))
            else:
                found[name] = _measured(content)
    if told is None:
        raise BackupInvalid("The backup has no manifest: it is not one, or a part of it is missing.")
    wanted = {member.name: (member.size, member.sha256) for member in told.members}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise BackupInvalid(f"{name} in the backup is not what was saved.")
    return told


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The files in the archive in their order, each to be read before the next. Raises BackupInvalid for others."""
    with _reading(path), gzip.open(path) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None or not (entry.name == manifest.NAME or manifest.is_fit(entry.name)):
                raise BackupInvalid("The backup holds something that no backup holds.")
            yield entry.name, content
        while packed.read(_BLOCK):
            """To the end, where gzip tells whether all of it was there."""


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise BackupInvalid(f"There is no backup {path.name}.") from None
        raise BackupInvalid("The file can't be read to its end: it is no backup, or it is damaged.") from None


def _measured(content: IO[bytes]) -> tuple[int, str]:
    digest, size = sha256(), 0
    while block := content.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()
