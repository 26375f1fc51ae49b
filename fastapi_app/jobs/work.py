"""What a job's own code is given, and what it may raise. It knows nothing of Celery, claims or sockets."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from fastapi_app.config import Config


@dataclass(frozen=True)
class Task:
    """The job that is being run: `attempt` counts from 1; `plan` is what an earlier attempt noted with `Work.note`."""

    id: int
    kind: str
    subject: str
    payload: dict[str, Any]
    attempt: int
    user_id: int | None
    download_id: int | None
    plan: dict[str, Any] | None


@dataclass(frozen=True)
class Done:
    """What a job answers. `write` runs in the transaction that marks the job completed: both happen, or neither."""

    result: dict[str, Any]
    write: Callable[[Session], None] | None = None


class Work(Protocol):
    """The surroundings of one attempt. Everything here may raise `Interrupted`, except inside `shielded`."""

    task: Task
    config: Config

    def progress(
        self,
        *,
        percent: float | None = None,
        speed: int | None = None,
        eta: int | None = None,
        bytes_done: int | None = None,
        bytes_total: int | None = None,
        stage: str | None = None,
        message: str | None = None,
    ) -> None:
        """Tells how far it is. Cheap: as often as one likes."""

    def session(self) -> AbstractContextManager[Session]:
        """A transaction of its own: committed at the end of the block. Not for rows of jobs."""

    def note(self, plan: dict[str, Any]) -> None:
        """Stores what a later attempt must know to finish rather than repeat: committed when this returns."""

    def run(self, command: Sequence[str], *, timeout: float) -> str:
        """Runs a program (argv) in a process group of its own and returns its output; ends the group at a cancel.

        Raises `Failed` of class `program` with the last lines, also when `timeout` seconds are over.
        """

    def shielded(self) -> AbstractContextManager[None]:
        """A block that a cancel doesn't interrupt: the final rename. Keep it short."""


class Interrupted(BaseException):
    """Cancelled, paused, or the worker is shutting down. Not an Exception: nothing may swallow it on its way."""


class Failed(Exception):
    """The work can't be done. `kind` is the error class, `log` the last lines of whoever knows more."""

    retryable = False

    def __init__(self, kind: str, message: str, log: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.log = log


class FailedForNow(Failed):
    """The work may succeed later: it is tried again after a while, `after` seconds at least where that is known."""

    retryable = True

    def __init__(self, kind: str, message: str, log: str = "", after: float = 0.0) -> None:
        super().__init__(kind, message, log)
        self.after = after


class QueueBlocked(Failed):
    """Nothing on this queue can succeed until a person acts: bot check, full disk, missing mount.

    The queue pauses itself with the message, and the job waits without having used up an attempt.
    """
