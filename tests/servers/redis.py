"""A real Redis for tests: its own folder and private socket; stopped by its process id.

with start_redis(tmp_path) as redis:
    store = RedisStore(redis.url)
"""

import os
import secrets
import socket as sockets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from urllib.parse import quote

_START_WITHIN = 60.0
_STOP_WITHIN = 20.0


@dataclass(frozen=True)
class Redis:
    """A running server. What it was told survives in ``directory`` when it saves."""

    directory: Path
    socket: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def kill(self) -> None:
        """As the machine's failure would: at once, without a word."""
        self.process.kill()
        self.process.wait(_STOP_WITHIN)


@contextmanager
def start_redis(directory: Path, *, keeps: bool = False) -> Iterator[Redis]:
    """A server in ``directory``. With ``keeps`` every write is on disk before it is answered."""
    directory.mkdir(exist_ok=True)
    socket = _socket_path(directory)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "dir": str(directory),
        "save": "",
        "appendonly": "yes" if keeps else "no",
        "appendfsync": "always",
        "loglevel": "warning",
    }
    command = [which("redis-server") or "redis-server"]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    with (directory / "redis.log").open("ab") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait_until_ready(process, socket, directory / "redis.log")
            yield Redis(directory, socket, process)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            process.wait(_STOP_WITHIN)
            socket.unlink(missing_ok=True)


def _wait_until_ready(process: "subprocess.Popen[bytes]", socket: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_WITHIN
    while not _answers(socket):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Redis did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def _answers(socket: Path) -> bool:
    with sockets.socket(sockets.AF_UNIX) as probe:
        if probe.connect_ex(str(socket)) != 0:
            return False
        probe.settimeout(_START_WITHIN)
        probe.sendall(b"PING\r\n")
        return probe.recv(16).startswith(b"+PONG")


def _socket_path(directory: Path) -> Path:
    """Socket paths end at 107 bytes, and pytest's folders are long."""
    inside = directory / "redis.sock"
    if len(os.fsencode(inside)) < 100:
        return inside
    return Path("/tmp") / f"mvidarr-{os.getpid()}-{secrets.token_hex(4)}.sock"
