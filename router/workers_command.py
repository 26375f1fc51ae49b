"""``strangler workers``."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from migration_flags import Worker
from migration_flags.workers import DEAD_AFTER, age
from router import report
from router.configuration import build_store, read_settings
from router.flag_commands import App, Json, Store, opened_store
from router.rollback.facts import LEFT


def workers(app: App = None, store: Store = None, as_json: Json = False) -> None:
    """List the processes that serve: the epoch of the flags that each serves from, and when it was last heard of."""
    with opened_store(build_store(store, app, read_settings(Path.cwd()))) as opened:
        epoch = opened.epoch()
        report.workers(rows_of(opened.workers(), epoch, opened.now()), as_json=as_json)


def rows_of(known: Iterable[Worker], epoch: int, now: datetime) -> list[dict[str, Any]]:
    """A row for each worker, as it stands ``now``: the store's clock. ``epoch`` is the store's."""
    return [
        {
            "worker": worker.id,
            "host": worker.host,
            "pid": worker.pid,
            "epoch": worker.epoch,
            "behind": max(0, epoch - worker.epoch),
            "seconds_ago": round(age(worker, now), 1),
            "state": _state(worker, now),
        }
        for worker in known
    ]


def _state(worker: Worker, now: datetime) -> str:
    if LEFT in worker.facts:
        return "left"
    return "serving" if age(worker, now) <= DEAD_AFTER else "silent"
