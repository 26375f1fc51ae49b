"""The folder in which the workers of one server keep what they counted, each in a file that is replaced whole."""

import fcntl
import json
import os
import platform
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fastapi_app.metrics.family import Family, from_text, lasting, merged, to_text
from fastapi_app.metrics.group import Process

FORGOTTEN_AFTER = 86_400.0
"""Seconds without a write until the folder of another machine, or container, may go: its processes can't be seen."""

_ENDED = "ended"
_SUFFIX = ".json"


class Folder:
    """``parent`` holds a folder for each machine, or container, and that one for each start of a server.

    Methods block, and raise OSError.
    """

    def __init__(self, parent: Path, group: Process, own: Process) -> None:
        self._parent = parent
        self._node = parent / (platform.node() or "unnamed")
        self._path = self._node / str(group)
        self._own = own

    def open(self) -> None:
        """Makes the folder, and removes those of servers that are gone."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in self._parent.glob("*/*"):
            group = Process.named(other.name)
            if group is not None and self._is_over(other, group):
                shutil.rmtree(other, ignore_errors=True)  # another worker may be at it, too
        for node in self._parent.iterdir():
            with suppress(OSError):  # it is not empty
                node.rmdir()

    def _is_over(self, folder: Path, group: Process) -> bool:
        if folder.parent == self._node:
            return not group.lives
        with suppress(FileNotFoundError):
            return time.time() - folder.stat().st_mtime > FORGOTTEN_AFTER
        return False

    def write(self, own: Iterable[Family]) -> None:
        """What this worker counted so far."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(self._path / f"{self._own}{_SUFFIX}", to_text(own))

    def others(self) -> list[list[Family]]:
        """What the other workers wrote last, and as one of them, what those counted that have ended."""
        with self._alone():
            names, ended = self._ended()
            found = []
            for path, process in self._files():
                if process == self._own or path.name in names:
                    continue
                told = _read(path)
                if process.lives:
                    found.append(told)
                else:
                    ended = merged([ended, lasting(told)])
                    names = [*names, path.name]
            self._bury(names, ended)
            return [ended, *found]

    def _bury(self, names: list[str], ended: list[Family]) -> None:
        """The sum names whose files it holds: whoever is killed between the two steps counts nothing twice."""
        if names:
            _replace(self._path / f"{_ENDED}{_SUFFIX}", json.dumps([names, to_text(ended)]))
            for name in names:
                (self._path / name).unlink(missing_ok=True)

    def _ended(self) -> tuple[list[str], list[Family]]:
        try:
            names, text = json.loads((self._path / f"{_ENDED}{_SUFFIX}").read_text("utf-8"))
        except FileNotFoundError:
            return [], []
        return [name for name in names if (self._path / name).exists()], from_text(text)

    def _files(self) -> Iterator[tuple[Path, Process]]:
        for path in sorted(self._path.glob(f"*{_SUFFIX}")):
            process = Process.named(path.stem)
            if process is not None:
                yield path, process

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._path / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _read(path: Path) -> list[Family]:
    with suppress(FileNotFoundError):
        return from_text(path.read_text("utf-8"))
    return []


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, "utf-8")
    draft.replace(path)
