"""A real uvicorn on a real socket, in a thread of this process or in a process of its own; and raw requests to it."""

import http.client
import importlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from router.types import ASGIApp

ROOT = Path(__file__).parents[2]
PROTOCOLS = ("h11", "httptools")
LOOPS = {"h11": "asyncio", "httptools": "uvloop"}
"""The loop that goes with each parser, where a test does not ask for all four pairs."""


class Server(uvicorn.Server):
    """Runs in a thread, so it leaves the process's signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port


@contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[Server]:
    """A started server on a free port; stopped, and waited for, at the end."""
    settings: dict[str, Any] = {"port": 0, "log_level": "critical", "lifespan": "on", "timeout_graceful_shutdown": 2}
    server = Server(uvicorn.Config(app, **{**settings, **options}))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait(lambda: server.started or not thread.is_alive())
        assert server.started, "The server did not start."
        yield server
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "The server did not stop."


class Child:
    """A server in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    def state(self) -> dict[str, int]:
        """What the toy's outside counts. It is answered without a thread, also when none is free."""
        state: dict[str, int] = json.loads(fetch(self.port, "/_/state")[2])
        return state

    def until(self, within: float = 10.0, **wanted: int) -> None:
        """Waits until the state is as ``wanted``."""
        seen: dict[str, int] = {}

        def as_wanted() -> bool:
            seen.update(self.state())
            return wanted.items() <= seen.items()

        try:
            wait(as_wanted, within)
        except AssertionError:
            raise AssertionError(f"Wanted {wanted}, saw {seen}.\n{self.log.read_text()[-3000:]}") from None

    def kib(self, line: str) -> int:
        """A line of the process's status, in KiB: VmRSS is its memory, VmHWM the most since `forget_peak`."""
        found = re.search(rf"^{line}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1])

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @property
    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def stop(self, within: float = 15.0) -> float:
        """SIGTERM. Returns the seconds that the process took to end."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(within)
        return time.monotonic() - started


@contextmanager
def child(log: Path, protocol: str, *, loop: str | None = None, server: Any = None, **options: Any) -> Iterator[Child]:
    """`wsgi_toys.create(**options)` on a free port, in a process that is ended at the end."""
    told = {"http": protocol, "loop": loop or LOOPS[protocol], "timeout_graceful_shutdown": 1, **(server or {})}
    command = [sys.executable, "-m", "tests.router.serving", json.dumps({"server": told, "options": options})]
    untraced = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, env=untraced, text=True, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"The server did not start:\n{log.read_text()[-3000:]}"
            yield Child(process, int(line), log)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


class _Announcing(uvicorn.Server):
    """Prints its port when it is ready."""

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)  # noqa: T201


def wait(condition: Any, within: float = 10.0) -> None:
    """Polls until ``condition`` holds. Fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def fetch(
    port: int, path: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of one request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body=body, headers=headers or {}, encode_chunked=not isinstance(body, bytes))
        response = connection.getresponse()
        return response.status, {key.lower(): value for key, value in response.getheaders()}, response.read()


def raw(port: int, request: bytes, enough: int = 1) -> tuple[socket.socket, bytes]:
    """Sends bytes and reads until ``enough`` have come. The connection stays open: close it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(request)
    received = b""
    while len(received) < enough and (part := connection.recv(65536)):
        received += part
    return connection, received


def rest(connection: socket.socket) -> bytes:
    """Everything until the server closes. A reset ends it too."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def talk(port: int, request: bytes) -> bytes:
    """Sends bytes, and reads until the server closes."""
    connection, received = raw(port, request, enough=0)
    with connection:
        return received + rest(connection)


def get(path: str, *lines: str, method: str = "GET", close: bool = True) -> bytes:
    """The head of a request, and its end."""
    head = [f"{method} {path} HTTP/1.1", "Host: a", *lines, *(["Connection: close"] if close else [])]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def main(told: dict[str, Any]) -> None:
    os.environ["SCRIPT_NAME"] = "/from-the-environment"  # for other servers; never for a bridge
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn repeats the signal that ended it
    create = importlib.import_module("tests.router.wsgi_toys").create
    settings = {"port": 0, "log_level": "warning", "lifespan": "on", **told["server"]}
    _Announcing(uvicorn.Config(create(**told["options"]), **settings)).run()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
