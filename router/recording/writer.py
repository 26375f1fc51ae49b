"""The thread that writes a corpus, so that no request waits for a disk."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, Full, Queue

from router.errors import RouterError
from router.recording.corpus_file import CorpusFile
from router.recording.errors import FileFull
from router.recording.line import Line
from router.recording.skip import Skip

logger = logging.getLogger(__name__)

_PATIENCE = 0.2
"""Seconds between two looks at whether to end."""


class Writer:
    """``told`` hears of every line: None where it was written, else why not. ``off`` says why nothing is written."""

    def __init__(self, file: CorpusFile, waiting: int, told: Callable[[Skip | None, Line], None]) -> None:
        self._file = file
        self._told = told
        self._lines: Queue[Line] = Queue(waiting)
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.off = "not started"

    def start(self) -> None:
        if self._thread is None:
            self.off = ""
            self._ending.clear()
            self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
            self._thread.start()

    def stop(self, within: float) -> None:
        """Writes what waits, and ends; gives up after ``within`` seconds."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(within)
        self._thread = None
        self.off = self.off or "stopped"

    def offer(self, line: Line) -> bool:
        """Whether there was room. Does not block."""
        try:
            self._lines.put_nowait(line)
        except Full:
            return False
        return True

    def _run(self) -> None:
        try:
            self._file.open()
        except RouterError as error:
            self._give_up(str(error))
            return
        except OSError as error:
            self._give_up(f"{self._file.path} can't be read: {error.strerror}.")
            return
        try:
            while not self.off or not self._lines.empty():
                line = self._next()
                if line is not None:
                    self._told(self._written(line), line)
                elif self._ending.is_set():
                    return
        finally:
            self._file.close()

    def _next(self) -> Line | None:
        try:
            return self._lines.get(timeout=_PATIENCE)
        except Empty:
            return None

    def _written(self, line: Line) -> Skip | None:
        if self.off:
            return Skip.FULL
        try:
            return None if self._file.append(line) else Skip.ALIKE
        except FileFull as error:
            self._give_up(str(error))
            return Skip.FULL
        except OSError as error:
            self._give_up(f"{self._file.path} can't be written: {error.strerror}.")
            return Skip.UNWRITTEN

    def _give_up(self, why: str) -> None:
        self.off = why
        logger.warning("Nothing is recorded any more. %s", why)
