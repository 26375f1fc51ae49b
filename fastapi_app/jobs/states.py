"""The states of a job, and which may follow which."""

from enum import StrEnum


class State(StrEnum):
    """Where a job is. `RETRYING` waits for its next attempt; `PAUSED` waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Queue(StrEnum):
    """What kind of machine time a job needs."""

    DOWNLOADS = "downloads"
    METADATA = "metadata"
    MEDIA = "media"
    IMAGES = "images"
    MAINTENANCE = "maintenance"


class Executor(StrEnum):
    """Who runs a job: a Celery worker, or a thread of the legacy application."""

    CELERY = "celery"
    LEGACY = "legacy"


TERMINAL = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})
CLAIMABLE = frozenset({State.QUEUED, State.RETRYING})
ATTEMPT = 1_000_000
"""How far a new attempt moves a job's sequence, so that events of an attempt that died are always older."""

_NEXT = {
    State.QUEUED: {State.RUNNING, State.PAUSED, State.CANCELLED},
    State.RETRYING: {State.RUNNING, State.QUEUED, State.PAUSED, State.CANCELLED},
    State.PAUSED: {State.QUEUED, State.CANCELLED},
    State.RUNNING: {State.COMPLETED, State.FAILED, State.CANCELLED, State.RETRYING, State.QUEUED, State.PAUSED},
    State.FAILED: {State.QUEUED},
    State.CANCELLED: {State.QUEUED},
    State.COMPLETED: set[State](),
}


def may_follow(before: State, after: State) -> bool:
    """Whether a job may go from one state to the other. An ended job only starts anew because a person said so."""
    return after in _NEXT[before]


def first_sequence(attempt: int) -> int:
    """The sequence of the first event of an attempt, counted from 1."""
    return attempt * ATTEMPT
