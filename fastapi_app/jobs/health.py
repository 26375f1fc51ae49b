"""How background work fares: queues, workers, Redis. What is wrong with it is a pure function of what was seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from fastapi_app.jobs.presence import Presence, Role
from fastapi_app.jobs.states import Queue, State


class Link(StrEnum):
    """Whether Redis is there."""

    NONE = "not configured"
    AWAY = "away"
    ANSWERS = "answers"


@dataclass(frozen=True)
class Pause:
    """Why nothing of a queue is begun. `cause` is an error class, or `user`; `reason` is for people."""

    since: datetime
    cause: str | None
    reason: str | None


@dataclass(frozen=True)
class Load:
    """One queue. `waiting` jobs need a worker, the oldest of them for `oldest` seconds; `tickets` None: not known."""

    queue: Queue
    jobs: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    oldest: float | None = None
    pause: Pause | None = None
    tickets: int | None = None


@dataclass(frozen=True)
class Heard:
    """What Redis told: who is there, and how many tickets each queue holds."""

    processes: tuple[Presence, ...] = ()
    tickets: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """What the database told: the rows of `queries.loads`, `waits` and `pauses`."""

    loads: Iterable[Any]
    waits: Iterable[Any]
    pauses: Iterable[Any]


@dataclass(frozen=True)
class Overview:
    """Everything at one moment."""

    link: Link
    loads: tuple[Load, ...]
    processes: tuple[Presence, ...] = ()

    def alive(self, role: Role) -> tuple[Presence, ...]:
        return tuple(one for one in self.processes if one.alive and one.role is role)

    @property
    def waiting(self) -> int:
        return sum(load.waiting for load in self.loads)


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. `code` is for programs, `message` for people."""

    code: str
    message: str


def overview(link: Link, heard: Heard, rows: Rows, moment: datetime) -> Overview:
    """Puts together what the database and Redis told. `moment` is naive UTC."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows.loads:
        counts.setdefault(row.queue, {})[row.state] = row.jobs
    waiting = {row.queue: row for row in rows.waits}
    paused = {row.name: Pause(row.paused_at, row.cause, row.reason) for row in rows.pauses}
    return Overview(
        link,
        tuple(
            Load(
                queue,
                {state: counts.get(queue, {}).get(state, 0) for state in State},
                waiting[queue].jobs if queue in waiting else 0,
                max(0.0, (moment - waiting[queue].since).total_seconds()) if queue in waiting else None,
                paused.get(queue),
                heard.tickets.get(queue),
            )
            for queue in Queue
        ),
        heard.processes,
    )


def findings(seen: Overview) -> tuple[Finding, ...]:
    """What somebody should do something about; the most important first."""
    return (*_of_redis(seen), *_of_processes(seen), *_of_pauses(seen))


def _of_redis(seen: Overview) -> list[Finding]:
    if seen.link is Link.AWAY:
        return [Finding("redis-away", "Redis doesn't answer. Jobs wait until it does; none is lost.")]
    if seen.link is Link.NONE and seen.waiting:
        message = f"{seen.waiting:,} jobs wait, and there is no Redis: set MVIDARR_REDIS_URL and start a worker."
        return [Finding("redis-not-configured", message)]
    return []


def _of_processes(seen: Overview) -> list[Finding]:
    if seen.link is not Link.ANSWERS:
        return []
    workers = seen.alive(Role.WORKER)
    if not workers:
        return [Finding("no-worker", f"No worker is there, and {seen.waiting:,} jobs wait. Run: mvidarr worker")]
    served = {queue for worker in workers for queue in worker.queues}
    found = [
        Finding(
            f"no-worker-{load.queue}",
            f"No worker serves the queue {load.queue}, and {load.waiting:,} jobs wait. "
            f"Run: mvidarr worker --queues {load.queue}",
        )
        for load in seen.loads
        if load.waiting and load.queue not in served
    ]
    if not seen.alive(Role.BEAT):
        found.append(Finding("no-beat", "Nobody keeps time: what died isn't noticed. Run: mvidarr beat"))
    return found


def _of_pauses(seen: Overview) -> list[Finding]:
    return [
        Finding(
            f"paused-{load.queue}", f"The queue {load.queue} is paused: {load.pause.reason or 'no reason is given'}"
        )
        for load in seen.loads
        if load.pause is not None
    ]
