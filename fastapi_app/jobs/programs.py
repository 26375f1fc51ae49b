"""Programs that jobs run: each in a process group of its own, so that it ends with all that it started."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from fastapi_app.jobs.work import Failed
from fastapi_app.operations.parent_death import leash

LAST_LINES = 20
_GRACE_SECONDS = 2.0


def run(command: Sequence[str], *, timeout: float) -> str:
    """Runs `command` (argv) and answers what it wrote, standard error included.

    Raises Failed of class `program` when it can't be run, ends with another code than 0, or takes longer than `timeout`
    seconds. Whatever ends this call early ends the group too.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
            preexec_fn=leash(os.getpid()),  # noqa: PLW1509  it calls the system twice and takes no lock
        )
    except OSError as error:
        raise Failed("program", f"{command[0]} can't be run: {error.strerror}") from None
    with process:
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            end_group(process)
            output, _ = process.communicate()
            raise Failed("program", f"{command[0]} took longer than {timeout:g} s", last_lines(output)) from None
        finally:
            end_group(process)
    if process.returncode != 0:
        raise Failed("program", f"{command[0]} ended with code {process.returncode}", last_lines(output))
    return output


def end_group(process: "subprocess.Popen[str]") -> None:
    """Asks the group to end, and makes it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        if process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)


def last_lines(output: str) -> str:
    """What a person needs of a long output."""
    return "\n".join(output.splitlines()[-LAST_LINES:])
