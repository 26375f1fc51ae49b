"""Several workers of one application, on one host or on several, and a line to each of them.

with node("package.module:factory", 4, {"TOY_STORE": url}, tmp_path) as one:
    for line in one.lines():
        line.ask("/api/two").side
"""

import http.client
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.servers.web import Web, free_port, running

STATE = "/_/state"
"""Where a worker tells its ``pid``, and whatever else it knows of itself."""

STARTED_WITHIN = 60.0
ANSWER_WITHIN = 20.0
FRUITLESS = 8
"""Connections that met known workers only, before those are held for a moment so that another one answers."""


class Answer(NamedTuple):
    """``side`` is who answered behind the front door. ``began`` is the monotonic time of the request."""

    began: float
    status: int
    side: str
    body: bytes


class Line:
    """A connection that stays open, so it always meets the same worker. Threads take turns.

    ``headers`` go with every request.
    """

    def __init__(self, port: int, **headers: str) -> None:
        self.port = port
        self._headers = headers
        self._turn = threading.Lock()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_WITHIN)
        self.pid: int = self.state()["pid"]

    def ask(self, path: str, **headers: str) -> Answer:
        """One GET. ``x_fault="1"`` is sent as ``x-fault: 1``. Raises OSError or HTTPException where the worker died."""
        told = {name.replace("_", "-"): value for name, value in {**self._headers, **headers}.items()}
        with self._turn:
            began = time.monotonic()
            self._connection.request("GET", path, headers=told)
            answer = self._connection.getresponse()
            return Answer(began, answer.status, answer.getheader("x-served-by") or "", answer.read())

    def state(self) -> dict[str, Any]:
        """What the worker knows of itself."""
        told: dict[str, Any] = json.loads(self.ask(STATE).body)
        return told

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Node:
    """A running server with some workers."""

    web: Web
    workers: int

    @property
    def port(self) -> int:
        port = urlsplit(self.web.base).port
        assert port is not None
        return port

    @property
    def started(self) -> int:
        """Workers that started so far, those included that died since."""
        return self.web.log.read_text(errors="replace").count("Application startup complete")

    def until_started(self, number: int) -> None:
        until(lambda: self.started >= number, STARTED_WITHIN, lambda: self.web.log.read_text(errors="replace")[-3000:])

    @contextmanager
    def lines(self, **headers: str) -> Iterator[list[Line]]:
        """One to each of the workers. ``headers`` go with every request."""
        found: dict[int, Line] = {}
        deadline = time.monotonic() + STARTED_WITHIN
        fruitless = 0
        try:
            while len(found) < self.workers:
                assert time.monotonic() < deadline, f"Met only {len(found)} of {self.workers} workers."
                with _held(found if fruitless >= FRUITLESS else ()):
                    line = Line(self.port, **headers)
                if line.pid in found:
                    line.close()
                    fruitless += 1
                else:
                    found[line.pid] = line
                    fruitless = 0
            yield list(found.values())
        finally:
            for line in found.values():
                line.close()


class Watch:
    """Asks one worker again and again from a thread of its own, and keeps what it was told."""

    def __init__(self, line: Line, path: str, pause: float = 0.02) -> None:
        self.line = line
        self.answers: list[Answer] = []
        self.broken: float | None = None
        self._path = path
        self._pause = pause
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._stopped.wait(self._pause):
            try:
                self.answers.append(self.line.ask(self._path))
            except (OSError, http.client.HTTPException):
                self.broken = time.monotonic()
                return

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(ANSWER_WITHIN)
        assert not self._thread.is_alive()


@contextmanager
def watching(lines: Iterable[Line], path: str) -> Iterator[list[Watch]]:
    """Every line is asked all the time, until the block ends."""
    watches = [Watch(line, path) for line in lines]
    for watch in watches:
        watch.start()
    try:
        yield watches
    finally:
        for watch in watches:
            watch.stop()


@contextmanager
def node(factory: str, workers: int, environment: Mapping[str, str], folder: Path) -> Iterator[Node]:
    """uvicorn with so many workers, all of them started. Its connections stay open for a minute."""
    port = free_port()
    argv = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", str(port), "--workers", str(workers)]
    argv += ["--timeout-keep-alive", "60", "--timeout-graceful-shutdown", "1", "--no-access-log"]
    with running(argv, port, environment, folder, ready=STATE) as web:
        one = Node(web, workers)
        one.until_started(workers)
        yield one


@contextmanager
def fleet(
    factory: str, nodes: Sequence[int], environment: Mapping[str, str], folder: Path, visitor: str = ""
) -> Iterator[list[Line]]:
    """A line to every worker, in the name of a visitor. ``nodes`` says how many workers each node has."""
    with ExitStack() as stack:
        started = [stack.enter_context(node(factory, workers, environment, folder)) for workers in nodes]
        yield [line for one in started for line in stack.enter_context(one.lines(authorization=visitor))]


def seconds_until_all(lines: Iterable[Line], path: str, side: str, began: float, within: float) -> dict[int, float]:
    """By worker, the seconds from ``began`` to the start of its first answer by ``side``.

    Raises AssertionError where another side answers what was asked later than ``within`` seconds.
    """
    waiting = list(lines)
    found: dict[int, float] = {}
    while waiting:
        for line in list(waiting):
            answer = line.ask(path)
            assert answer.status == 200, answer
            after = answer.began - began
            if answer.side == side:
                found[line.pid] = after
                waiting.remove(line)
            else:
                assert after < within, (
                    f"After {after:.2f} s worker {line.pid} answers by {answer.side}. Load: {os.getloadavg()[0]:.1f}."
                )
    return found


def until(condition: Callable[[], object], within: float, told: Callable[[], object] = lambda: "") -> None:
    """Polls until ``condition`` holds. Fails after ``within`` seconds, and says what is ``told`` then."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"It did not happen within {within} s. {told()}"
        time.sleep(0.02)


@contextmanager
def _held(pids: Iterable[int]) -> Iterator[None]:
    """Stops processes for a moment. The server gives up a worker that says nothing for five seconds."""
    held = list(pids)
    for pid in held:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
