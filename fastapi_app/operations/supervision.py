"""Child processes that live and die together."""

import os
import queue
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import IO, Any, Self

from fastapi_app.operations.parent_death import leash
from fastapi_app.operations.refusal import ProgramFailed

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.1


class StopRequested(Exception):
    """Someone pressed Ctrl-C, or the system asked this process to end."""


@dataclass(frozen=True)
class Child:
    """One process of ours. `name` stands at the start of a sentence."""

    name: str
    process: subprocess.Popen[bytes]
    grace_seconds: float


class Supervisor:
    """Starts children, watches them, and ends all of them when its block ends, last started first.

    Each child leads its own process group, so that Ctrl-C in a terminal reaches this process alone and the order of
    stopping is ours; what a child started goes with it. A second Ctrl-C while stopping ends the waiting.
    """

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in _STOP_SIGNALS:
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            self._end(child)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        descriptors: Sequence[int] = (),
        output: IO[bytes] | None = None,
        grace_seconds: float = 10.0,
    ) -> Child:
        """Starts `command` (argv). `grace_seconds` is how long it may take to end when asked."""
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=descriptors,
            process_group=0,
            preexec_fn=leash(os.getpid()),  # noqa: PLW1509  this process has one thread
        )
        child = Child(name, process, grace_seconds)
        self._children.append(child)
        return child

    def wait_until(self, ready: Callable[[], bool], *, seconds: float, otherwise: str) -> None:
        """Polls `ready`. Raises ProgramFailed with `otherwise` when time is up or a child died, or StopRequested."""
        deadline = time.monotonic() + seconds
        while not ready():
            self._look()
            if time.monotonic() > deadline:
                raise ProgramFailed(otherwise)
            self._pause(_POLL_SECONDS)

    def watch(self) -> None:
        """Returns never: raises StopRequested, or ProgramFailed when a child ended by itself."""
        while True:
            self._look()
            self._pause(_POLL_SECONDS)

    def _look(self) -> None:
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise ProgramFailed(f"{child.name} ended unexpectedly ({describe_exit(code)}); everything was stopped.")

    def _pause(self, seconds: float) -> None:
        with suppress(queue.Empty):
            self._signals.get(timeout=seconds)
            raise StopRequested

    def _end(self, child: Child) -> None:
        if child.process.poll() is None:
            child.process.terminate()
            self._await_end(child, time.monotonic() + child.grace_seconds)
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()

    def _await_end(self, child: Child, deadline: float) -> None:
        with suppress(StopRequested):
            while child.process.poll() is None and time.monotonic() < deadline:
                self._pause(_POLL_SECONDS)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.put(number)


def describe_exit(code: int) -> str:
    """`exit code 3`, or the name of the signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
