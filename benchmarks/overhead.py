"""What the bridge and the front door cost, in process and without sockets. ``python -m benchmarks.overhead 1000``

Every call is timed by itself, in turns of a hundred so that a change of the machine's pace meets all of them; medians,
in microseconds, each with the two looks at the clock in it (0.1 µs). From one process to the next they
differ by a tenth with nothing changed: where its objects lie is luck. So several are asked.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, cast

import uvloop
from a2wsgi import WSGIMiddleware

from benchmarks.load import LoadFailed
from benchmarks.toys.legacy import create_legacy
from benchmarks.toys.serve import THREADS, record_behind_the_door
from router import WSGIBackend

TURN = 100
PROCESSES = 7
Once = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Overhead:
    """Medians in microseconds.

    ``bare``: the Flask application, called; ``bridge`` and ``a2wsgi``: the same through each. ``modern``: the FastAPI
    application, called; ``door``: the same through the front door.
    """

    bare: float
    bridge: float
    a2wsgi: float
    modern: float
    door: float

    @property
    def of_bridge(self) -> float:
        """What the bridge adds to the application."""
        return self.bridge - self.bare


def measure_overheads(calls: int, core: int) -> tuple[Overhead, ...]:
    """What so many processes found, one after the other, on ``core``: ``calls`` of each subject, shared out.

    The first is the one in the middle, by what the bridge adds. Raises `LoadFailed`.
    """
    found = sorted((_in_a_process(calls // PROCESSES, core) for _ in range(PROCESSES)), key=lambda one: one.of_bridge)
    middle = found.pop(PROCESSES // 2)
    return (middle, *found)


def _in_a_process(calls: int, core: int) -> Overhead:
    argv = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.overhead", str(calls)]
    ran = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=300)
    if ran.returncode:
        raise LoadFailed(ran.stderr.strip().splitlines()[-1] if ran.stderr else "the measurement failed")
    return Overhead(**json.loads(ran.stdout))


async def call_times(subjects: dict[str, Once], calls: int) -> dict[str, float]:
    """The median of every subject, in seconds. They take turns."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for turn in range(-1, max(1, calls // TURN)):
        for name, once in subjects.items():
            for _ in range(TURN):
                started = time.perf_counter()
                await once()
                if turn >= 0:  # the first turn warms up
                    times[name].append(time.perf_counter() - started)
    return {name: median(found) for name, found in times.items()}


def through(app: Any) -> Once:
    """One request for the JSON route, to an ASGI application."""

    async def once() -> None:
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            statuses.append(message.get("status", 0))

        await app(_scope(), receive, send)
        assert statuses[0] == 200, statuses

    return once


def bare(app: Any) -> Once:
    """The same request, to a WSGI application that is simply called."""

    async def once() -> None:
        statuses: list[str] = []
        answer = app(_environ(), lambda status, _headers: statuses.append(status))
        b"".join(answer)
        answer.close()
        assert statuses[0].startswith("200"), statuses

    return once


async def measured(calls: int) -> Overhead:
    """Everything, in this process."""
    old, door = create_legacy(), record_behind_the_door()
    door.refresh()
    subjects = {
        "bare": bare(old),
        "bridge": through(bridge := WSGIBackend(old, threads=THREADS)),
        "a2wsgi": through(WSGIMiddleware(cast("Any", old), workers=THREADS)),
        "modern": through(door.modern),
        "door": through(door),
    }
    found = await call_times(subjects, calls)
    await bridge.close()
    return Overhead(**{name: seconds * 1e6 for name, seconds in found.items()})


def _scope() -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/json",
        "raw_path": b"/json",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"benchmark"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


def _environ() -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/json",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "benchmark",
        "HTTP_ACCEPT": "*/*",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def main() -> None:
    """Prints an `Overhead` as JSON."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        json.dump(asdict(runner.run(measured(int(sys.argv[1])))), sys.stdout)


if __name__ == "__main__":
    main()
