"""Kinds of jobs for tests: what each did can be read in the file `marks` of the data folder, line by line."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import text

from fastapi_app.config import Config
from fastapi_app.jobs.kinds import Kind, Kinds
from fastapi_app.jobs.states import Queue
from fastapi_app.jobs.work import Done, Failed, FailedForNow, Interrupted, QueueBlocked, Work


class Nothing(BaseModel):
    """Toys are given nothing."""


def mark(work: Work, word: str) -> None:
    with (work.config.data_dir / "marks").open("a") as file:
        file.write(f"{word} {work.task.id} {work.task.attempt} {os.getpid()}\n")


def marks(config: Config, word: str) -> list[tuple[int, int, int]]:
    """Job, attempt and process of every mark of that word, in order."""
    file = config.data_dir / "marks"
    lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return [(int(job), int(attempt), int(pid)) for said, job, attempt, pid in lines if said == word]


def short(work: Work) -> Done:
    """Done at once."""
    mark(work, "ran")
    return Done({"attempt": work.task.attempt})


def long(work: Work) -> Done:
    """Waits until the file `go` is there, and tells so."""
    mark(work, "began")
    while not (work.config.data_dir / "go").exists():
        work.progress(percent=42.0, stage="waiting")
        time.sleep(0.1)
    mark(work, "ran")
    return Done({"attempt": work.task.attempt})


def program(work: Work) -> Done:
    """A program with a child of its own; the file `group` holds the ids of both."""
    note = work.config.data_dir / "group"
    return Done({"output": work.run(["sh", "-c", f"sleep 60 & echo $$ $! > {note}; echo seen; wait"], timeout=50)})


def quick_program(work: Work) -> Done:
    return Done({"output": work.run(["sh", "-c", "echo out; echo err >&2"], timeout=10)})


def failing_program(work: Work) -> Done:
    return Done({"output": work.run(["sh", "-c", "echo the reason; exit 3"], timeout=10)})


def slow_program(work: Work) -> Done:
    return Done({"output": work.run(["sh", "-c", "echo begun; sleep 60"], timeout=1.0)})


def missing_program(work: Work) -> Done:
    return Done({"output": work.run(["no-such-program"], timeout=1)})


def stubborn(work: Work) -> Done:
    """Hears of no interruption."""
    mark(work, "began")
    while not (work.config.data_dir / "go").exists():
        with suppress(Interrupted):
            time.sleep(0.05)
    return Done({})


def rename(work: Work) -> Done:
    """Asked to end while it does what must not be torn apart."""
    with work.shielded():
        mark(work, "began")
        while not (work.config.data_dir / "go").exists():
            time.sleep(0.02)
        mark(work, "placed")
    time.sleep(0.3)  # a job is not always quick to return
    return Done({"placed": True})


def unfinished(work: Work) -> Done:
    """Goes on after a shielded block."""
    with work.shielded():
        mark(work, "began")
        while not (work.config.data_dir / "go").exists():
            time.sleep(0.02)
    work.progress(percent=1.0)
    mark(work, "went on")
    return Done({})


def swallowing(work: Work) -> Done:
    """Turns an interruption into a failure, as libraries do."""
    mark(work, "began")
    try:
        time.sleep(30)
    except Interrupted:
        raise Failed("download", "interrupted") from None
    return Done({})


def writing(work: Work) -> Done:
    """Its result is a row, written with the end of the job."""
    return Done({}, lambda session: session.execute(text("INSERT INTO settings (`key`, value) VALUES ('toy', 'done')")))  # type: ignore[arg-type]


def writing_nonsense(work: Work) -> Done:
    return Done({}, lambda session: session.execute(text("INSERT INTO settings (value) VALUES ('toy')")))  # type: ignore[arg-type]


def planning(work: Work) -> Done:
    if work.task.plan is None:
        work.note({"path": "there"})
        raise FailedForNow("network", "Not yet")
    return Done({"plan": work.task.plan})


def failing(work: Work) -> Done:
    raise Failed("gone", "The video was removed", "line 1\nline 2")


def failing_for_now(work: Work) -> Done:
    raise FailedForNow("rate-limit", "Too many requests", after=120.0)


def blocked(work: Work) -> Done:
    raise QueueBlocked("disk-full", "The disk is full")


def broken(work: Work) -> Done:
    raise ZeroDivisionError("secret")


def dying(work: Work) -> Done:
    """Kills its process, once."""
    mark(work, "began")
    if work.task.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return Done({})


def telling(work: Work) -> Done:
    for step in range(200):
        work.progress(percent=float(step), stage="telling")
        time.sleep(0.005)
    return Done({})


_TOYS = (
    short,
    long,
    program,
    quick_program,
    failing_program,
    slow_program,
    missing_program,
    stubborn,
    rename,
    unfinished,
    swallowing,
    writing,
    writing_nonsense,
    planning,
    failing,
    failing_for_now,
    blocked,
    broken,
    dying,
    telling,
)
KINDS = Kinds(
    *(Kind(toy.__name__, Queue.METADATA, Nothing, __name__, toy.__name__, toy.__name__) for toy in _TOYS),
    Kind("brief", Queue.METADATA, Nothing, __name__, "long", "brief", deadline=0.5),
    Kind("lost", Queue.METADATA, Nothing, "tests.jobs.nowhere", "lost", "lost"),
)


def let_go(config: Config) -> None:
    """Long jobs end."""
    Path(config.data_dir / "go").touch()
