"""How an attempt ended, and what the row says then. Pure: the moment and chance are arguments."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case
from sqlalchemy.orm import Session

from fastapi_app.jobs import backoff
from fastapi_app.jobs.interruption import Reason
from fastapi_app.jobs.states import State
from fastapi_app.jobs.work import Done, Failed, FailedForNow, QueueBlocked
from fastapi_app.models import Job

INTERNAL = "internal"
BROKEN = "The job broke; the log says more"
OVERDUE = "overdue"
WORKER_LOST = "worker-lost"
_MESSAGE_LENGTH = 500
_CLASS_LENGTH = 40
_LOG_LENGTH = 20_000


@dataclass(frozen=True)
class Outcome:
    """What the row holds after the attempt. `blocks` is the failure that pauses the job's queue."""

    state: State
    values: dict[str, Any] = field(default_factory=dict)
    write: Callable[[Session], None] | None = None
    blocks: Failed | None = None


def of_done(done: Done, moment: datetime) -> Outcome:
    """Completed, whatever was asked of the job meanwhile."""
    values = {**_end(State.COMPLETED, moment), **_no_error(), "result": done.result, "percent": 100.0, "eta": 0}
    return Outcome(State.COMPLETED, values, done.write)


def of_failure(failed: Failed, attempt: int, limit: int, moment: datetime, chance: float) -> Outcome:
    """Failed, or waiting for the next attempt, or for a person who unblocks the queue."""
    error = _error(failed.kind, failed.message, failed.log)
    if isinstance(failed, QueueBlocked):
        return Outcome(State.QUEUED, {**error, **_handed_back(moment)}, blocks=failed)
    if failed.retryable and attempt < limit:
        after = failed.after if isinstance(failed, FailedForNow) else 0.0
        seconds = backoff.delay(attempt, after=after, chance=chance)
        return Outcome(State.RETRYING, {**error, **_idle(), "due_at": moment + timedelta(seconds=round(seconds))})
    return Outcome(State.FAILED, {**_end(State.FAILED, moment), **error})


def of_break(moment: datetime) -> Outcome:
    """The job's own code is wrong."""
    return Outcome(State.FAILED, {**_end(State.FAILED, moment), **_error(INTERNAL, BROKEN, "")})


def of_interruption(
    reason: Reason, attempt: int, limit: int, moment: datetime, *, deadline: float, chance: float
) -> Outcome | None:
    """None where the row is somebody else's."""
    if reason is Reason.LOST:
        return None
    if reason is Reason.CANCELLED:
        return Outcome(State.CANCELLED, _end(State.CANCELLED, moment) | {"cancel_requested": True})
    if reason is Reason.PAUSED:
        return Outcome(State.PAUSED, _handed_back(moment))
    if reason is Reason.STOPPING:
        return Outcome(State.QUEUED, _handed_back(moment))
    overdue = FailedForNow(OVERDUE, f"It took longer than {deadline / 60:.0f} minutes")
    return of_failure(overdue, attempt, limit, moment, chance)


def of_loss(attempt: int, limit: int, moment: datetime, *, cancel: bool, pause: bool) -> Outcome:
    """Whoever ran it is gone, and the attempt counts."""
    error = _error(WORKER_LOST, "The worker that ran this was lost", "")
    if cancel:
        return Outcome(State.CANCELLED, _end(State.CANCELLED, moment))
    if attempt >= limit:
        return Outcome(State.FAILED, {**_end(State.FAILED, moment), **error})
    state = State.PAUSED if pause else State.RETRYING
    return Outcome(state, {**error, **_idle(), "due_at": moment})


def _end(state: State, moment: datetime) -> dict[str, Any]:
    return {"active_key": None, "finished_at": moment, **_idle(), "cancel_requested": state is State.CANCELLED}


def _handed_back(moment: datetime) -> dict[str, Any]:
    """As if this attempt had not been."""
    return {"attempts": case((Job.attempts > 0, Job.attempts - 1), else_=0), "due_at": moment, **_idle()}


def _idle() -> dict[str, Any]:
    return {"speed": None, "eta": None, "pause_requested": False}


def _error(kind: str, message: str, log: str) -> dict[str, Any]:
    return {
        "error_class": kind[:_CLASS_LENGTH],
        "error_message": message[:_MESSAGE_LENGTH],
        "error_log": log[-_LOG_LENGTH:] or None,
    }


def _no_error() -> dict[str, Any]:
    return {"error_class": None, "error_message": None, "error_log": None}
