"""Ending a job's own code from outside, wherever in it the main thread is."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType
from typing import Any

from fastapi_app.jobs.work import Interrupted

SIGNAL = signal.SIGUSR2
HAND_BACK = signal.SIGHUP
"""What a worker that stops sends to the processes of its pool."""
KILLED = signal.SIGTERM
"""What the kernel sends to them when the worker was killed."""


class Reason(IntEnum):
    """Why an attempt is to end. Of two the greater one counts."""

    STOPPING = 1
    """The worker shuts down: the job goes back to the queue."""
    OVERDUE = 2
    PAUSED = 3
    CANCELLED = 4
    LOST = 5
    """The row is somebody else's now: nothing may be written."""


class Interruption:
    """Raises `Interrupted` in the main thread once it was asked to, except while that is shielded.

    A signal does it, so that a wait for the network or for a program ends too.
    """

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self._shields = 1
        self._resting = False

    @property
    def deferred(self) -> bool:
        """Whether the main thread is somewhere that must not be interrupted."""
        return self._shields > 0 or self._resting

    def request(self, reason: Reason) -> None:
        """Asks, or asks again, from any thread. Only signals that come between `opened` and its end have an effect."""
        if self.reason is None or reason > self.reason:
            self.reason = reason
        main = threading.main_thread().ident
        if main is not None:
            signal.pthread_kill(main, SIGNAL)

    def check(self) -> None:
        """A point at which an interruption is welcome. Raises Interrupted."""
        self._resting = False
        if self.reason is not None and self._shields == 0:
            raise Interrupted

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """A block that is not interrupted.

        Nor is what follows it, up to the next `check`: a job that ends with this block has done what it was to do.
        """
        self.check()
        self._shields += 1
        try:
            yield
        finally:
            self._resting = True
            self._shields -= 1

    @contextmanager
    def deferring(self) -> Iterator[None]:
        """A block of ours that must not be torn apart; an interruption comes right after it."""
        self.check()
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        self.check()

    @contextmanager
    def handled(self) -> Iterator[None]:
        """While the block runs, signals are ours. Only the main thread may enter it."""
        before: dict[signal.Signals, Any] = {SIGNAL: signal.signal(SIGNAL, self._on_signal)}
        before |= {number: signal.signal(number, self._on_stop) for number in (HAND_BACK, KILLED)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The block in which the job's own code runs."""
        self._shields -= 1
        try:
            self.check()
            yield
        finally:
            self._shields += 1

    def close(self) -> None:
        """Ends `opened` for certain: a signal may have come in the very moment of its end."""
        self._shields = 1

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.reason is not None and not self.deferred:
            raise Interrupted

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        if self.reason is None:
            self.reason = Reason.STOPPING
        self._on_signal(number, frame)
