"""Child processes that live and die together."""

import logging
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
_FIRST_RESTART_SECONDS = 1.0
_LONGEST_RESTART_SECONDS = 60.0
_LIVED_WELL_SECONDS = 120.0

log = logging.getLogger(__name__)


class StopRequested(Exception):
    """Someone pressed Ctrl-C, or the system asked this process to end."""


@dataclass
class Child:
    """One process of ours. `name` stands at the start of a sentence. `launch` starts it anew, where it may die.

    `begun` and `due` are moments: when it was started, and when it will be again; `deaths` are those in a row.
    """

    name: str
    process: subprocess.Popen[bytes]
    grace_seconds: float
    joins: bool = False
    launch: Callable[[], subprocess.Popen[bytes]] | None = None
    begun: float = 0.0
    deaths: int = 0
    due: float | None = None


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
        for together in batches(self._children):
            self._end(together)
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
        joins: bool = False,
        restarts: bool = False,
    ) -> Child:
        """Starts `command` (argv). `grace_seconds` is how long it may take to end when asked.

        One that `joins` is asked to end at the same time as the child before it. One that `restarts` may die: it is
        started again, after a while that grows while it keeps dying; `output` must be None for it.
        """

        def launch() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=descriptors,
                process_group=0,
                preexec_fn=leash(os.getpid()),  # noqa: PLW1509  this process has one thread
            )

        again = launch if restarts else None
        child = Child(name, launch(), grace_seconds, joins, again, begun=time.monotonic())
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
            if code is None:
                continue
            if child.launch is None:
                raise ProgramFailed(f"{child.name} ended unexpectedly ({describe_exit(code)}); everything was stopped.")
            self._revive(child, child.launch, code, time.monotonic())

    def _revive(self, child: Child, launch: Callable[[], subprocess.Popen[bytes]], code: int, moment: float) -> None:
        """Plans the next start of a child that died, and starts it when it is due."""
        if child.due is None:
            child.deaths = 1 if moment - child.begun > _LIVED_WELL_SECONDS else child.deaths + 1
            seconds = restart_delay(child.deaths)
            child.due = moment + seconds
            log.warning("%s ended (%s); it starts again in %.0f s.", child.name, describe_exit(code), seconds)
        elif moment >= child.due:
            _kill_group(child.process)  # what it had started had time to end by itself
            child.process, child.begun, child.due = launch(), moment, None

    def _pause(self, seconds: float) -> None:
        with suppress(queue.Empty):
            self._signals.get(timeout=seconds)
            raise StopRequested

    def _end(self, together: Sequence[Child]) -> None:
        """Asks all of them, waits for each as long as it may take, and kills what is left."""
        moment = time.monotonic()
        for child in together:
            if child.process.poll() is None:
                child.process.terminate()
        for child in together:
            self._await_end(child, moment + child.grace_seconds)
        for child in together:
            _kill_group(child.process)
            child.process.wait()

    def _await_end(self, child: Child, deadline: float) -> None:
        with suppress(StopRequested):
            while child.process.poll() is None and time.monotonic() < deadline:
                self._pause(_POLL_SECONDS)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.put(number)


def batches(children: Sequence[Child]) -> list[list[Child]]:
    """Who is asked to end at the same time, in the order of asking."""
    found: list[list[Child]] = []
    for child in children:
        if child.joins and found:
            found[-1].append(child)
        else:
            found.append([child])
    return found[::-1]


def restart_delay(deaths: int) -> float:
    """Seconds before a child is started again that died `deaths` times in a row: from one to a minute."""
    return min(_FIRST_RESTART_SECONDS * 2.0 ** (min(deaths, 16) - 1), _LONGEST_RESTART_SECONDS)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def describe_exit(code: int) -> str:
    """`exit code 3`, or the name of the signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
