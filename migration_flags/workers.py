"""Pure: which workers are alive, and which flags they all serve from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from migration_flags.change import NAME_LENGTH, check_evidence
from migration_flags.errors import TextTooLong
from migration_flags.flag import JSON

BEAT_EVERY = 2.0
"""Seconds between two beats."""
DEAD_AFTER = 10.0
"""Seconds without a beat until nobody waits for a worker."""
FORGOTTEN_AFTER = 86_400.0
"""Seconds until a store drops a worker that beats no more."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One process that serves, and the epoch of the flags that it serves from.

    ``seen_at`` (UTC, ISO 8601) is the store's own clock at the last beat, whatever the worker says. ``facts`` are what
    the worker publishes for others.
    """

    id: str
    host: str
    pid: int
    epoch: int
    seen_at: str = ""
    facts: Mapping[str, JSON] = field(default_factory=dict, hash=False)


def check_worker(worker: Worker) -> None:
    """Raises the `ChangeRefused` that fits, if any."""
    for what, text in (("worker", worker.id), ("host", worker.host)):
        if not text or len(text) > NAME_LENGTH:
            raise TextTooLong(what, NAME_LENGTH)
    check_evidence(worker.facts)


def age(worker: Worker, now: datetime) -> float:
    """Seconds since the last beat, by the store's clock. A beat that can't be dated is infinitely old."""
    try:
        return (now - datetime.fromisoformat(worker.seen_at)).total_seconds()
    except (TypeError, ValueError):
        return float("inf")


def alive(workers: Iterable[Worker], now: datetime, dead_after: float = DEAD_AFTER) -> tuple[Worker, ...]:
    """Those that beat lately. ``now`` is the store's clock, as `FlagStore.now` tells it."""
    return tuple(worker for worker in workers if age(worker, now) <= dead_after)


def forgotten(workers: Iterable[Worker], now: datetime) -> tuple[Worker, ...]:
    """Those that a store may drop."""
    return tuple(worker for worker in workers if age(worker, now) > FORGOTTEN_AFTER)


def acknowledged(workers: Iterable[Worker], epoch: int, now: datetime) -> bool:
    """Whether every live worker serves from that epoch or a later one. Without any, there is nobody to wait for."""
    return not lagging(workers, epoch, now)


def lagging(workers: Iterable[Worker], epoch: int, now: datetime) -> tuple[Worker, ...]:
    """The live workers that serve from older flags."""
    return tuple(worker for worker in alive(workers, now) if worker.epoch < epoch)


def may_promote(workers: Iterable[Worker], epoch: int, now: datetime, frozen: Iterable[str] = ()) -> tuple[str, ...]:
    """Why a promotion must wait, in sentences; empty: it may go on.

    ``epoch`` is the store's. ``frozen`` are reasons of the caller's own, such as a partition.
    """
    behind = tuple(
        f"Worker {worker.id} on {worker.host} serves from epoch {worker.epoch}, not {epoch}."
        for worker in lagging(workers, epoch, now)
    )
    return (*frozen, *behind)


def oldest_beat(now: datetime) -> datetime:
    """Beats before this one are forgotten."""
    return now - timedelta(seconds=FORGOTTEN_AFTER)
