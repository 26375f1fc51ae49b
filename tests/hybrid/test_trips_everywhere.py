"""What one worker sees goes for all: a trip takes the route back everywhere, and one worker tries it again, once."""

import time
from datetime import datetime
from pathlib import Path

from migration_flags import Change, Flag, FlagStore, Stage, acknowledged
from migration_flags.stores.file import FileStore
from migration_flags.stores.sql import SQLStore
from tests.hybrid.fleet_toy import FACTORY, KEY, PATH
from tests.servers.fleet import Line, fleet, seconds_until_all, until, watching

HOUR = 3600.0
AGAIN = "Tried again by itself"


def canary(store: FlagStore, percent: float) -> float:
    """When it was about to be set."""
    began = time.monotonic()
    store.apply([Change(KEY, Stage.CANARY, percent)], actor="test", reason="test")
    return began


def flag_of(store: FlagStore) -> Flag:
    flag = store.snapshot().get(KEY)
    assert flag is not None
    return flag


def visitors_of_modern(line: Line, number: int) -> list[str]:
    """Visitors whom this worker sends to modern."""
    found = [name for name in map(str, range(2000)) if line.ask(PATH, authorization=name).side == "modern"][:number]
    assert len(found) == number
    return found


def seconds_to(instant: str, store: FlagStore) -> float:
    return (datetime.fromisoformat(instant) - store.now()).total_seconds()


def trip(line: Line, visitors: list[str]) -> None:
    """Faults of two visitors until their worker has had enough. None of them sees one: legacy answers instead."""
    for turn in range(200):
        answer = line.ask(PATH, authorization=visitors[turn % 2], x_fault="1")
        assert answer.status == 200, answer
        if line.state()["reason"] == "latch":
            return
    raise AssertionError("It did not trip.")


def test_one_workers_trip_rolls_back_all_though_their_clocks_are_hours_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'flags.db'}"
    store = SQLStore(url)
    told = {"TOY_STORE": url, "TOY_SKEW": str(2 * HOUR), "TOY_FOLDER": str(tmp_path)}
    with fleet(FACTORY, (2, 2), told, tmp_path, visitor="1") as lines:
        assert {line.state()["skew"] for line in lines} == {2 * HOUR, -2 * HOUR}
        began = canary(store, 100.0)
        seconds_until_all(lines, PATH, "modern", began, 5.0)
        with watching(lines, PATH) as watches:
            until(lambda: all(watch.answers for watch in watches), 5.0)
            trip(lines[0], ["1", "2"])
            assert lines[0].ask(PATH).side == "legacy"
            tripped = time.monotonic()
            until(lambda: flag_of(store).latch is not None, 5.0)
            until(lambda: acknowledged(store.workers(), store.epoch(), store.now()), 5.0)
            since = time.monotonic()
            until(lambda: all(watch.answers[-1].began > since + 0.5 for watch in watches), 5.0)
        for watch in watches:
            assert watch.broken is None
            assert {answer.side for answer in watch.answers if answer.began > since} == {"legacy"}
            late = max(answer.began for answer in watch.answers if answer.side == "modern") - tripped
            assert late < 5.0, "A rollback must arrive on another node within five seconds."
        flag = flag_of(store)
        assert flag.latch is not None
        assert (flag.stage, flag.latch.percent) == (Stage.SHADOW, 100.0)
        assert flag.latch.trip in {"burst", "rate"}
        assert flag.latch.probe_at is not None
        assert abs(seconds_to(flag.latch.probe_at, store) - 300) < 60, "The workers' clocks decide, not the store's."
    store.close()


def test_one_worker_alone_tries_again_and_a_second_trip_waits_for_a_person(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "flags.json")
    told = {"TOY_STORE": f"file:{tmp_path / 'flags.json'}", "TOY_PROBE_AFTER": "2"}
    with fleet(FACTORY, (4,), told, tmp_path) as lines:
        canary(store, 10.0)
        until(lambda: {line.state()["epoch"] for line in lines} == {store.epoch()}, 5.0)
        two = visitors_of_modern(lines[1], 2)
        trip(lines[0], two)
        until(lambda: flag_of(store).latch is not None, 5.0)
        until(lambda: flag_of(store).stage is Stage.CANARY, 10.0)
        again = store.epoch()
        assert flag_of(store).percent == 5.0
        until(lambda: acknowledged(store.workers(), again, store.now()), 5.0)
        assert store.epoch() == again
        assert len([row for row in store.history(KEY) if row.reason.startswith(AGAIN)]) == 1

        two = visitors_of_modern(lines[2], 2)
        trip(lines[3], two)
        until(lambda: flag_of(store).latch is not None, 5.0)
        latch = flag_of(store).latch
        assert latch is not None
        assert (latch.percent, latch.probe_at) == (5.0, None)
