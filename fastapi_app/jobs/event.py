"""What is told about a job: one shape, for sockets, for Redis and for whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.models import Job

VERSION = 1
CHANNEL = "mvidarr:jobs"
"""The Redis channel on which events are published, as JSON."""


@dataclass(frozen=True)
class Event:
    """A job as it was at one moment. Of two events about a job the one with the greater `seq` is the newer.

    `speed` is bytes a second, `eta` seconds, `percent` 0 to 100. `user_id` is the owner, None: nobody's.
    Waiting jobs are taken by priority, then position, then id.
    """

    job_id: int
    seq: int
    kind: str
    subject: str
    queue: str
    state: str
    priority: int
    title: str | None
    stage: str | None
    percent: float | None
    speed: int | None
    eta: int | None
    bytes_done: int | None
    bytes_total: int | None
    message: str | None
    error_class: str | None
    error_message: str | None
    attempts: int
    attempt_limit: int
    cancel_requested: bool
    executor: str
    user_id: int | None
    ts: str
    artist: str | None = None
    position: int = 0
    type: str = "job_update"
    v: int = VERSION

    @property
    def terminal(self) -> bool:
        return self.state in TERMINAL

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))  # all of it is flat; `asdict` would copy each value deeply

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Reads what `to_json` wrote, by this version or a later one. Raises KeyError, TypeError when it is none."""
        return cls(**{name: told[name] for name in cls.__dataclass_fields__ if name in told})


def event_of(job: Job, moment: datetime) -> Event:
    """What there is to tell about a row. `moment` is naive UTC."""
    payload = job.payload if isinstance(job.payload, dict) else {}
    return Event(
        job_id=job.id,
        seq=job.sequence,
        kind=job.kind,
        subject=job.subject,
        queue=job.queue,
        state=State(job.state),
        priority=job.priority,
        title=payload.get("title"),
        stage=job.stage,
        percent=job.percent,
        speed=job.speed,
        eta=job.eta,
        bytes_done=job.bytes_done,
        bytes_total=job.bytes_total,
        message=job.message,
        error_class=job.error_class,
        error_message=job.error_message,
        attempts=job.attempts,
        attempt_limit=job.attempt_limit,
        cancel_requested=job.cancel_requested,
        executor=job.executor,
        user_id=job.user_id,
        ts=stamp(moment),
        artist=payload.get("artist"),
        position=job.position,
    )


def stamp(moment: datetime) -> str:
    """A moment, naive UTC, as events write it."""
    return moment.isoformat(timespec="milliseconds") + "Z"
