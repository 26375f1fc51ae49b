"""The file that a corpus is written to: nobody else's to read, whole lines only, never larger than allowed."""

import fcntl
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from router.recording.errors import FileFull, RecordingRefused
from router.recording.line import Line, form_of

_CHUNK = 1024 * 1024


class CorpusFile:
    """Several workers may append to one file; each sees what the others wrote. Everything here blocks."""

    def __init__(self, path: Path, size: int, alike: int) -> None:
        self.path = path
        self._size = size
        self._alike = alike
        self._forms: Counter[str] = Counter()
        self._read = 0
        self._descriptor = -1

    def open(self) -> None:
        """Makes it where there is none. A line that a crash cut off is removed. Raises `RecordingRefused`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            self._descriptor = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise RecordingRefused(f"{self.path} can't be opened: {error.strerror}.") from error
        try:
            found = os.fstat(self._descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                raise RecordingRefused(f"{self.path} is not a file of this user's own.")
            os.fchmod(self._descriptor, 0o600)
            with self._locked():
                self._catch_up()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def append(self, line: Line) -> bool:
        """Whether it was written: of its form there may be enough. Raises `FileFull` and OSError."""
        content = line.text.encode("ascii") + b"\n"
        with self._locked():
            self._catch_up()
            if self._forms[line.form] >= self._alike:
                return False
            if self._read + len(content) > self._size:
                raise FileFull(self.path, self._size)
            self._write(content)
        self._forms[line.form] += 1
        return True

    def _write(self, content: bytes) -> None:
        """The whole of it, or nothing: a disk that is full takes a part."""
        written = 0
        try:
            while written < len(content):
                written += os.write(self._descriptor, content[written:])
        except OSError:
            os.ftruncate(self._descriptor, self._read)
            raise
        self._read += len(content)

    def _catch_up(self) -> None:
        """Counts the lines that are new, and cuts off an end that is none: who wrote it is dead, the lock is ours."""
        rest = b""
        while chunk := os.pread(self._descriptor, _CHUNK, self._read + len(rest)):
            *lines, rest = (rest + chunk).split(b"\n")
            self._read += sum(len(one) + 1 for one in lines)
            self._forms.update(form for one in lines if (form := form_of(one.decode("utf-8", "replace"))) is not None)
        if rest:
            os.ftruncate(self._descriptor, self._read)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
