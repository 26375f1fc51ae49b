"""Load from one thread and raw sockets, in a process of its own: as fast as it is answered, or at a constant rate.

At a constant rate a request is due when it is due, whether or not the ones before it were answered, and its latency
counts from then: a server that stalls is charged for everybody who would have come in the meantime. The process says
how busy it was and how late it sent, so that a figure that is the generator's own can be told.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from statistics import quantiles
from typing import Any

from benchmarks.answer import Answer
from benchmarks.load import LoadFailed

SPIN = 0.0015
"""Seconds before a request is due at which waiting becomes watching the clock: a poll may be a millisecond late."""

ANSWER_WITHIN = 30.0
SEND_BUFFER = 400_000
WARM = 8


@dataclass(frozen=True)
class Load:
    """``requests`` are whole HTTP/1.1 requests, asked in turn. ``rate`` is in requests per second, None: saturation.

    Before the ``seconds`` that count come ``warm_up`` seconds at saturation that don't, on few connections where the
    rate is constant: it may not be meant that all are busy. An answer whose status is none
    of ``statuses`` ends the run: a server is not praised for refusing quickly.
    """

    port: int
    requests: tuple[bytes, ...]
    connections: int
    seconds: float
    rate: float | None = None
    warm_up: float = 0.3
    statuses: tuple[int, ...] = (200,)


@dataclass(frozen=True)
class Outcome:
    """Latencies and lateness in milliseconds. ``busy`` is the generator's own share of its core, 0 to 1.

    At a constant rate the generator watches the clock, so it is always busy; there ``late_p99`` tells what it can't.
    ``size`` is in bytes of bodies; wrk counts heads too.
    """

    answers: int
    rate: float
    p50: float
    p90: float
    p99: float
    worst: float
    busy: float
    late_p99: float
    p95: float = 0.0
    size: int = 0


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: benchmark",
        *(f"{name}: {told}" for name, told in (headers or {}).items()),
    ]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def generate(load: Load, core: int) -> Outcome:
    """Runs the load in a process of its own, on ``core``. Raises `LoadFailed` unless every answer was as expected."""
    argv = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.generator"]
    told = json.dumps({**asdict(load), "requests": [one.decode("latin-1") for one in load.requests]})
    within = load.seconds + load.warm_up + 4 * ANSWER_WITHIN
    try:
        ran = subprocess.run(argv, input=told, check=False, capture_output=True, text=True, timeout=within)
    except subprocess.TimeoutExpired:
        raise LoadFailed(f"the generator did not end within {within:.0f} s") from None
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-1] if ran.stderr else "the generator failed"
        raise LoadFailed(last.removeprefix("benchmarks.load.LoadFailed: "))
    return Outcome(**json.loads(ran.stdout))


class Connection:
    """One connection. It is made anew whenever the server has closed it."""

    def __init__(self, port: int, poll: select.epoll, statuses: Collection[int] = (200,)) -> None:
        self.due = 0.0
        self.sent = b""
        self.answer = Answer(statuses)
        self._port = port
        self._poll = poll
        self._statuses = statuses
        self._socket: socket.socket | None = None

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    @property
    def fileno(self) -> int:
        assert self._socket is not None
        return self._socket.fileno()

    def send(self, request: bytes, due: float) -> None:
        """Sends a whole request: the buffer is larger than any, so it does not wait for the server."""
        self.due, self.sent = due, request
        self.answer = Answer(self._statuses, head_only=request.startswith(b"HEAD "))
        if self._socket is None:
            self._connect()
        try:
            self._socket.sendall(request)  # type: ignore[union-attr]  # it was just made
        except ConnectionError:
            self._again()

    def read(self) -> bool:
        """Reads what has come. Whether that was the end of the answer. Raises `LoadFailed`."""
        assert self._socket is not None
        try:
            part = self._socket.recv(262_144)
        except ConnectionError:
            part = b""
        if not part:
            if self.answer.has_begun:
                raise LoadFailed("a connection was closed in the middle of an answer")
            self._again()  # an idle connection that the server gave up just as it was used
            return False
        whole = self.answer.feed(part)
        if whole and self.answer.closes:
            self.close()
        return whole

    def close(self) -> None:
        if self._socket is not None:
            self._poll.unregister(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_WITHIN)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._poll.register(self._socket.fileno(), select.EPOLLIN)

    def _again(self) -> None:
        self.close()
        self._connect()
        self._socket.sendall(self.sent)  # type: ignore[union-attr]  # it was just made


class Run:
    """One run of a load: due requests go out, answers come in, until all is answered."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._poll = select.epoll()
        self._idle = [Connection(load.port, self._poll, load.statuses) for _ in range(load.connections)]
        self._busy: dict[int, Connection] = {}
        self._sent = 0
        self._total = None if load.rate is None else max(1, int(load.rate * load.seconds))
        self.latencies: list[float] = []
        self.lateness: list[float] = []
        self.size = 0

    def run(self) -> float:
        """Returns the seconds that it took. Raises `LoadFailed`."""
        started = time.perf_counter()
        stop = started + self._load.seconds
        try:
            while True:
                now = time.perf_counter()
                self._send_due(started, now, stop)
                if not self._busy and self._done(now, stop):
                    return time.perf_counter() - started
                if now > stop + ANSWER_WITHIN:
                    raise LoadFailed(f"{len(self._busy)} requests had no answer within {ANSWER_WITHIN:.0f} s")
                self._receive(self._patience(started, now))
        finally:
            for connection in (*self._idle, *self._busy.values()):
                connection.close()
            self._poll.close()

    def _done(self, now: float, stop: float) -> bool:
        return now >= stop if self._total is None else self._sent >= self._total

    def _send_due(self, started: float, now: float, stop: float) -> None:
        """The connection used last is used first: the others idle, as a browser's would."""
        while self._idle:
            due = now if self._load.rate is None else started + self._sent / self._load.rate
            if self._done(now, stop) or due > now:
                return
            connection = self._idle.pop()
            sent = time.perf_counter()
            connection.send(self._load.requests[self._sent % len(self._load.requests)], due if self._total else sent)
            self.lateness.append(sent - due)
            self._busy[connection.fileno] = connection
            self._sent += 1

    def _patience(self, started: float, now: float) -> float:
        """How long to wait for an answer before something else is due, in seconds."""
        if self._total is None or self._load.rate is None or not self._idle or self._sent >= self._total:
            return 0.1
        return max(0.0, min(0.1, started + self._sent / self._load.rate - now - SPIN))

    def _receive(self, patience: float) -> None:
        for number, _ in self._poll.poll(patience):
            connection = self._busy.get(number)
            if connection is None:  # the server gave up an idle connection
                next(one for one in self._idle if one.is_open and one.fileno == number).close()
                continue
            if connection.read():
                self.latencies.append(time.perf_counter() - connection.due)
                self.size += connection.answer.size
                self._idle.append(self._busy.pop(number))
            elif connection.fileno != number:
                self._busy[connection.fileno] = self._busy.pop(number)


def outcome(run: Run, seconds: float, busy: float) -> Outcome:
    """The figures of a finished run."""
    hundredths = quantiles(run.latencies, n=100, method="inclusive") if len(run.latencies) > 1 else run.latencies * 99
    late = quantiles(run.lateness, n=100, method="inclusive")[98] if len(run.lateness) > 1 else run.lateness[0]
    return Outcome(
        answers=len(run.latencies),
        rate=len(run.latencies) / seconds,
        p50=hundredths[49] * 1000,
        p90=hundredths[89] * 1000,
        p99=hundredths[98] * 1000,
        worst=max(run.latencies) * 1000,
        busy=busy,
        late_p99=late * 1000,
        p95=hundredths[94] * 1000,
        size=run.size,
    )


def main() -> None:
    """Reads a load from standard input, writes its outcome to standard output."""
    told: dict[str, Any] = json.load(sys.stdin)
    requests = tuple(one.encode("latin-1") for one in told["requests"])
    load = Load(**{**told, "requests": requests, "statuses": tuple(told["statuses"])})
    few = load.connections if load.rate is None else min(load.connections, WARM)
    Run(replace(load, seconds=load.warm_up, rate=None, connections=few)).run()
    run = Run(load)
    used = time.process_time()
    seconds = run.run()
    busy = (time.process_time() - used) / seconds
    json.dump(asdict(outcome(run, seconds, busy)), sys.stdout)


if __name__ == "__main__":
    main()
