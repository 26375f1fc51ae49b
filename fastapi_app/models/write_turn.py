"""Whose turn it is to write to one SQLite file: the threads of this process queue for it, first come, first served."""

import threading
from collections import deque


class WriteTurn:
    """One holder at a time, the others in the order of their asking.

    SQLite's own wait is a row of naps in no order: under load some writer sleeps through every gap until its busy
    timeout, and the file lies idle between naps. That wait remains for the writers of other processes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds; whether the turn came."""
        with self._lock:
            if not self._held:
                self._held = True
                return True
            come = threading.Event()
            self._waiting.append(come)
        come.wait(timeout)
        with self._lock:
            if not come.is_set():
                self._waiting.remove(come)
            return come.is_set()

    def give(self) -> None:
        """Hands the turn to whoever waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


_turns: dict[str, WriteTurn] = {}
_opening = threading.Lock()


def turn_of(path: str) -> WriteTurn:
    """The turn of one database file, known by its resolved path."""
    with _opening:
        return _turns.setdefault(path, WriteTurn())
