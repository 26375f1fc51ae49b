"""Processes as the tests of the commands see them: started in an empty environment, watched through /proc."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "fastapi_app.cli"]
READY = "MVidarr is ready"
START_SECONDS = 180.0
"""Patience with a machine that runs tests, and no measure."""
TOY = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
"""
"""An application for tests of what stands around it: it is ready at once."""


def environment(**settings: str | Path) -> dict[str, str]:
    """This process's environment without anything that configures MVidarr, plus `settings`."""
    own = ("MVIDARR_", "DB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own) and name != "PORT"}
    path = os.pathsep.join((str(PROJECT), str(settings.get("MVIDARR_DATA_DIR", ""))))
    return {**kept, "PYTHONPATH": path, **{name: str(value) for name, value in settings.items()}}


def mvidarr(folder: Path, *arguments: str, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end in `folder`, with `folder/data` as data folder unless told otherwise."""
    defaults: dict[str, str | Path] = {"MVIDARR_DATA_DIR": folder / "data"}
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        cwd=folder,
        env=environment(**(defaults | settings)),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )


@dataclass(frozen=True)
class Installation:
    """A running `mvidarr up`."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text()

    @property
    def base(self) -> str:
        return found(r"http://[0-9.:]+", self.text)

    @property
    def password(self) -> str:
        return found(r"Password  (\S+)", self.text)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[match.lastindex or 0]


@contextmanager
def running(folder: Path, *options: str, **settings: str | Path) -> Iterator[Installation]:
    """`mvidarr up` on a free port, ready; ended by force when the block did not end it."""
    with starting(folder, *options, **settings) as installation:
        ended = installation.process.poll
        until(lambda: READY in installation.text or ended() is not None, START_SECONDS)
        assert READY in installation.text, installation.text
        yield installation


@contextmanager
def starting(folder: Path, *options: str, **settings: str | Path) -> Iterator[Installation]:
    """The same, without waiting."""
    defaults: dict[str, str | Path] = {"MVIDARR_DATA_DIR": folder / "data", "MVIDARR_PORT": "0"}
    path = folder / f"up-{time.monotonic_ns()}.log"
    with path.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "up", *options],
            cwd=folder,
            env=environment(**(defaults | settings)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    family: set[int] = set()
    try:
        yield Installation(process, path)
        family = descendants(process.pid)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pid in family:
            if lives(pid):
                os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> set[int]:
    """Every process that descends from `pid`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (status := _status(int(entry.name))):
            parents.setdefault(status[1], []).append(int(entry.name))
    family: set[int] = set()
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        family.update(children)
        waiting.extend(children)
    return family


def lives(pid: int) -> bool:
    """Whether `pid` runs; a zombie does not."""
    status = _status(pid)
    return status is not None and status[0] != "Z"


def command_line(pid: int) -> str:
    """Program and arguments; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Polls `condition`; fails the test when it stays false. The seconds are patience, and no measure."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def _status(pid: int) -> tuple[str, int] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[1])
