"""Commands of the system, started and awaited by the event loop itself: `Commands.run`. No thread, no shell.

A process is spawned on the loop's thread: the kernel lends the child our memory until it has become the program, which
takes a fraction of a millisecond, and a thread would hold Python's lock meanwhile just the same. The loop then watches
two descriptors, what the process says and the process itself.

Only a few run at once: more would not end sooner, they would keep the loop from the processor. They are told little of
our environment, so no password of ours is inherited, and they speak as in C: of another language a program first reads
files, which takes `df` a fourth of its time.

Where the system has no descriptor of a process, as on macOS, a thread runs the command; one that is cancelled then goes
on until it ends or is too late.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle

import anyio.to_thread

AT_ONCE = 2
WITHIN = 5.0
MOST = 2**20

_PART = 65_536
_NICE = 19
"""So the loop goes first when it wakes up: on one core it would wait for a slice of time of every process there."""
_ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"LC_ALL": "C"}
_DEFAULT_AGAIN = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these two, and what is ignored is inherited."""


@dataclass(frozen=True)
class Told:
    """How a command ended, below zero by which signal, and what it said, errors included."""

    code: int
    output: bytes


class ProgramMissing(FileNotFoundError):
    """Nothing of that name is on PATH."""


class TookTooLong(Exception):
    """It was killed."""


class ToldTooMuch(Exception):
    """It was killed, or had just ended by itself."""


class Commands:
    """Runs commands, ``at_once`` so many; the others wait their turn, which does not count as their time."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._turns = asyncio.Semaphore(at_once)

    async def run(self, argv: Sequence[str], *, within: float = WITHIN, most: int = MOST) -> Told:
        """Raises `ProgramMissing`, `TookTooLong`, `ToldTooMuch`. Whoever is cancelled leaves no process behind."""
        program = _found(argv[0])
        async with self._turns:
            if not hasattr(os, "pidfd_open"):
                return await anyio.to_thread.run_sync(partial(_run_in_thread, argv, within, most))
            process = _Process(program, argv, most)
            try:
                async with asyncio.timeout(within):
                    return await process.told
            except TimeoutError:
                raise TookTooLong(f"{argv[0]} took longer than {within:g} s") from None
            finally:
                process.leave()


class _Process:
    """One that was started. It is reaped when it ends, whether or not somebody still listens."""

    def __init__(self, program: str, argv: Sequence[str], most: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.told: asyncio.Future[Told] = self._loop.create_future()
        self._name, self._most, self._heard = argv[0], most, bytearray()
        self._id, self._output = _spawned(program, argv)
        try:
            self._handle = os.pidfd_open(self._id)
        except OSError:  # no descriptor is left for it
            os.close(self._output)
            os.killpg(self._id, signal.SIGKILL)
            os.waitpid(self._id, 0)
            raise
        os.setpriority(os.PRIO_PROCESS, self._id, _NICE)
        self._loop.add_reader(self._output, self._hear)
        self._loop.add_reader(self._handle, self._reap)
        self._is_there = True

    def leave(self) -> None:
        """Listens no longer. With a process that is still there go those that it started."""
        self._loop.remove_reader(self._output)
        os.close(self._output)
        if self._is_there:
            os.killpg(self._id, signal.SIGKILL)

    def _hear(self) -> None:
        part = os.read(self._output, _PART)
        self._heard += part
        if not part or len(self._heard) > self._most:
            self._loop.remove_reader(self._output)
        if len(self._heard) > self._most and not self.told.done():
            self.told.set_exception(ToldTooMuch(f"{self._name} said more than {self._most} bytes"))

    def _reap(self) -> None:
        """It has ended, and what it had to say is in the pipe; a child of its own may hold the other end for ever."""
        self._loop.remove_reader(self._handle)
        os.close(self._handle)
        _, status = os.waitpid(self._id, 0)
        self._is_there = False
        while not self.told.done():
            before = len(self._heard)
            with suppress(BlockingIOError):
                self._hear()
            if len(self._heard) == before:
                self.told.set_result(Told(os.waitstatus_to_exitcode(status), bytes(self._heard)))


def ceiling(commands: Sequence[Sequence[str]], seconds: float = 0.5) -> float:
    """How many a second, in turn, where nothing else is done: what no server on this core can exceed."""
    programs = [(_found(argv[0]), argv) for argv in commands]
    ended = 0
    began = time.perf_counter()
    for program, argv in cycle(programs):
        number, output = _spawned(program, argv)
        os.set_blocking(output, True)
        while os.read(output, _PART):
            pass
        os.close(output)
        os.waitpid(number, 0)
        ended += 1
        if ended % len(programs) == 0 and time.perf_counter() - began >= seconds:
            break
    return ended / (time.perf_counter() - began)


@cache
def _found(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise ProgramMissing(f"no program {name} is on PATH")
    return program


def _spawned(program: str, argv: Sequence[str]) -> tuple[int, int]:
    """Its id, of a group of its own too, and the end of a pipe that gives what it says and never blocks."""
    output, end = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, end, 1),
        (os.POSIX_SPAWN_DUP2, end, 2),
    ]
    try:
        os.set_blocking(output, False)
        number = os.posix_spawn(
            program, tuple(argv), _ENVIRONMENT, file_actions=actions, setpgroup=0, setsigdef=_DEFAULT_AGAIN
        )
    except BaseException:  # whatever it is: nobody would close the pipe, and it is raised again
        os.close(output)
        raise
    finally:
        os.close(end)
    return number, output


def _run_in_thread(argv: Sequence[str], within: float, most: int) -> Told:
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        ran = subprocess.run(
            argv, stdin=nothing, stdout=pipe, stderr=subprocess.STDOUT, env=_ENVIRONMENT, timeout=within, check=False
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong(f"{argv[0]} took longer than {within:g} s") from None
    if len(ran.stdout) > most:
        raise ToldTooMuch(f"{argv[0]} said more than {most} bytes")
    return Told(ran.returncode, ran.stdout)
