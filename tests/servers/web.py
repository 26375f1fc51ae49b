"""A real web server of ours, started on a free port and always stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
READY_SECONDS = 90.0
STOP_SECONDS = 30.0
"""The five seconds that `mvidarr serve` gives requests under way, and patience with a slow machine."""


@dataclass(frozen=True)
class Web:
    """A running server: its address, its process id, and the file that collects what it prints."""

    base: str
    pid: int
    log: Path


class ServerDidNotStart(AssertionError):
    """It ended, or stayed silent; the message carries what it printed."""


class ServerDidNotStop(AssertionError):
    """It was still there long after SIGTERM, and had to be killed."""


def serving(
    application: str,
    environment: Mapping[str, str],
    folder: Path,
    *,
    workers: int = 1,
    options: tuple[str, ...] = (),
    path: str = str(PROJECT),
) -> AbstractContextManager[Web]:
    """Runs `uvicorn application` in `folder` until the block ends. `path` is its PYTHONPATH."""
    port = free_port()
    argv = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--workers", str(workers)]
    return running([*argv, "--no-server-header", "--no-access-log", *options], port, environment, folder, path=path)


@contextmanager
def running(
    argv: Sequence[str],
    port: int,
    environment: Mapping[str, str],
    folder: Path,
    *,
    path: str = str(PROJECT),
    ready: str = "/readyz",
) -> Iterator[Web]:
    """Runs a server that listens on `port`, in a process group of its own; waits until `ready` answers 200."""
    log = folder / f"web-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**_inherited(), **environment, "PYTHONPATH": path},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_until_ready(base + ready, process, log)
        yield Web(base, process.pid, log)
    finally:
        _stop(process)


def free_port() -> int:
    """A port that nothing listens on, and that the system gives to nobody else while this process lives.

    It stays bound: only a server that names it, and reuses addresses as servers do, gets it.
    """
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        place.detach()
    return port


def _inherited() -> dict[str, str]:
    """The environment, without our own settings. Servers under load are not traced: it would double their work."""
    ours = ("MVIDARR_", "DB_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise ServerDidNotStart(log.read_text(errors="replace")[-4000:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
        raise ServerDidNotStop(process.args) from None
