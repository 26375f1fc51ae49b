"""kill -9 of one worker of four: nobody else notices, it is replaced, and promotions wait until its beat is too old."""

import os
import signal
import time
from datetime import datetime
from pathlib import Path

from migration_flags import Change, FlagStore, Stage, Worker, acknowledged, alive, may_promote
from migration_flags.stores.file import FileStore
from migration_flags.workers import DEAD_AFTER
from tests.hybrid.fleet_toy import FACTORY, KEY, PATH
from tests.servers.fleet import node, seconds_until_all, until, watching

WORKERS = 4
STAYS = "GET /another"


def beats(store: FlagStore) -> dict[int, Worker]:
    return {worker.pid: worker for worker in store.workers()}


def all_beat(store: FlagStore, pids: set[int], epoch: int) -> bool:
    living = alive(store.workers(), store.now())
    return {worker.pid for worker in living} == pids and acknowledged(living, epoch, store.now())


def reasons_to_wait(store: FlagStore) -> tuple[str, ...]:
    return may_promote(store.workers(), store.epoch(), store.now())


def move(store: FlagStore, key: str, stage: Stage) -> float:
    """When it was about to be done."""
    began = time.monotonic()
    store.apply([Change(key, stage)], actor="test", reason="test")
    return began


def test_a_killed_worker_is_replaced_and_holds_promotions_until_its_beat_is_too_old(tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    store = FileStore(path)
    began = move(store, KEY, Stage.MODERN)
    with node(FACTORY, WORKERS, {"TOY_STORE": f"file:{path}"}, tmp_path) as one, one.lines() as lines:
        pids = {line.pid for line in lines}
        seconds_until_all(lines, PATH, "modern", began, 60.0)
        until(lambda: all_beat(store, pids, store.epoch()), 10.0, lambda: beats(store))
        assert reasons_to_wait(store) == ()

        victim, *others = lines
        with watching(others, PATH) as watches:
            os.kill(victim.pid, signal.SIGKILL)
            died = beats(store)[victim.pid]
            move(store, STAYS, Stage.SHADOW)
            until(lambda: _held_by(store, died), 8.0, lambda: beats(store))
            until(lambda: reasons_to_wait(store) == (), DEAD_AFTER + 5.0, lambda: reasons_to_wait(store))
            assert _silence(died, store.now()) > DEAD_AFTER
            one.until_started(WORKERS + 1)
        assert all(watch.broken is None for watch in watches)
        seen = [answer for watch in watches for answer in watch.answers]
        assert len(seen) > 100
        assert {(answer.status, answer.side) for answer in seen} == {(200, "modern")}

        with one.lines() as now:
            assert len({line.pid for line in now} - pids) == 1
            began = move(store, KEY, Stage.LEGACY)
            seconds_until_all(now, PATH, "legacy", began, 1.0)


def _held_by(store: FlagStore, died: Worker) -> bool:
    """Only the dead worker is waited for, and it is named."""
    reasons = reasons_to_wait(store)
    return len(reasons) == 1 and died.id in reasons[0]


def _silence(worker: Worker, now: datetime) -> float:
    return (now - datetime.fromisoformat(worker.seen_at)).total_seconds()
