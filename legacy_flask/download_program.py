"""A program and all that it starts, read line by line without waiting for ever."""

import os
import select
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_CHUNK = 64 * 1024
_GRACE = 2.0


class Program:
    """A running program in a process group of its own."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        """Raises OSError where it can't be started."""
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(
                arguments,
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._output = reading
        self._rest = b""

    def lines(self, seconds: float) -> list[str] | None:
        """What it said, within so many seconds at most; None once it has ended and all is said."""
        ready, _, _ = select.select([self._output], [], [], seconds)
        if not ready:
            return []
        chunk = os.read(self._output, _CHUNK)
        if not chunk and not self._rest:
            return None
        *whole, self._rest = (self._rest + (chunk or b"\n")).split(b"\n")
        return [line.decode("utf-8", "replace").strip() for line in whole]

    def code(self) -> int:
        """Its exit code, after its end."""
        return self._process.wait()

    def end(self) -> None:
        """Ends the whole group, politely, then surely. May be repeated."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
        if self._output >= 0:
            os.close(self._output)
            self._output = -1


def output_of(arguments: Sequence[str], folder: Path, seconds: float) -> str | None:
    """What a program says, errors included; None where it fails, is missing, or takes longer than `seconds`. Blocks."""
    try:
        done = subprocess.run(
            arguments,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()


def _environment(folder: Path) -> dict[str, str]:
    """Little: no proxies, no configuration, no secrets of this process."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"}
