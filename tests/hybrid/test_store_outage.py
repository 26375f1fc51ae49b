"""The flag store goes, hangs, and comes back without its data: workers serve on, say so, and follow no older flags."""

import os
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from migration_flags import Change, FlagStore, Stage, StoreUnavailable, alive
from migration_flags.stores.redis import RedisStore
from migration_flags.stores.sql import SQLStore
from tests.hybrid.fleet_toy import FACTORY, KEY, PATH
from tests.hybrid.test_propagation import flips_arrive
from tests.hybrid.test_worker_death import move
from tests.servers.fleet import Line, Watch, fleet, until, watching
from tests.servers.redis import start_redis

WORKERS = 4
SHORT = {"TOY_FROZEN_AFTER": "1", "TOY_WITHDRAWN_AFTER": "2"}
"""Seconds, instead of half a minute and ten."""


def states(lines: Iterable[Line], what: str) -> list[object]:
    return [line.state()[what] for line in lines]


def until_all(lines: list[Line], what: str, wanted: object, within: float = 15.0) -> None:
    until(lambda: set(states(lines, what)) == {wanted}, within, lambda: [line.state() for line in lines])


def until_troubled(lines: list[Line], text: str, within: float = 15.0) -> None:
    def troubled() -> bool:
        return all(text in str(told) for told in states(lines, "trouble"))

    until(troubled, within, lambda: states(lines, "trouble"))


def test_a_redis_that_comes_back_empty_is_not_followed_until_it_is_repaired(tmp_path: Path) -> None:
    with start_redis(tmp_path / "redis") as redis:
        store = RedisStore(redis.url)
        move(store, KEY, Stage.MODERN)
        with fleet(FACTORY, (2, 2), {"TOY_STORE": redis.url, "TOY_FROZEN_AFTER": "1"}, tmp_path) as lines:
            until_all(lines, "side", "modern")
            assert states(lines, "frozen") == [False] * WORKERS
            with watching(lines, PATH) as watches:
                redis.kill()
                until_all(lines, "frozen", True)
                until_troubled(lines, "is unavailable")
                with pytest.raises(StoreUnavailable):
                    move(store, KEY, Stage.LEGACY)
            served_without_a_flap(watches, "modern")

            with start_redis(tmp_path / "redis"):
                until_troubled(lines, "came back with 0")
                with pytest.raises(StoreUnavailable):
                    move(store, KEY, Stage.LEGACY)
                assert set(states(lines, "side")) == {"modern"}
                store.repair(actor="test", reason="Redis kept nothing")
                until_all(lines, "trouble", None)
                until_all(lines, "frozen", False)
                flips_arrive(store, lines, 6, 1.0)
                store.close()


@pytest.mark.long
def test_an_older_database_is_not_followed_and_a_newer_one_is(tmp_path: Path) -> None:
    url, database, older = f"sqlite:///{tmp_path / 'flags.db'}", tmp_path / "flags.db", tmp_path / "older.db"
    store = SQLStore(url)
    move(store, KEY, Stage.LEGACY)
    store.close()  # and with it what is only in the journal
    shutil.copy(database, older)
    with fleet(FACTORY, (WORKERS,), {"TOY_STORE": url}, tmp_path) as lines:
        move(store, KEY, Stage.MODERN)
        until_all(lines, "side", "modern")
        store.close()
        with watching(lines, PATH) as watches:
            _put_back(older, database)
            until_troubled(lines, "went back")
        served_without_a_flap(watches, "modern")
        for stage in (Stage.SHADOW, Stage.LEGACY, Stage.SHADOW, Stage.LEGACY):
            move(store, KEY, stage)
        until_all(lines, "trouble", None)
        until_all(lines, "side", "legacy")
        store.close()


@pytest.mark.long
def test_a_store_that_hangs_withdraws_small_canaries_and_nothing_else(tmp_path: Path) -> None:
    with start_redis(tmp_path / "redis") as redis:
        store = RedisStore(redis.url)
        store.apply([Change(KEY, Stage.CANARY, 49.0)], actor="test", reason="a small canary")
        with fleet(FACTORY, (WORKERS,), {"TOY_STORE": redis.url, **SHORT}, tmp_path) as lines:
            until_all(lines, "epoch", store.epoch())
            visitor = next(name for name in map(str, range(100)) if _side(lines[0], name) == "modern")
            os.kill(redis.process.pid, signal.SIGSTOP)
            until_all(lines, "reason", "flag store out of reach", 30.0)
            assert {_side(line, visitor) for line in lines} == {"legacy"}
            assert set(states(lines, "frozen")) == {True}
            os.kill(redis.process.pid, signal.SIGCONT)
            until_all(lines, "trouble", None, 30.0)
            assert {_side(line, visitor) for line in lines} == {"modern"}
            until(lambda: _living(store) == WORKERS, 10.0)
        store.close()


def served_without_a_flap(watches: Iterable[Watch], side: str) -> None:
    """Every worker answered all the time, and always by that side."""
    for watch in watches:
        assert watch.broken is None
        assert {(answer.status, answer.side) for answer in watch.answers} == {(200, side)}  # and not none at all


def _put_back(older: Path, database: Path) -> None:
    for name in ("flags.db-wal", "flags.db-shm"):
        database.with_name(name).unlink(missing_ok=True)
    older.replace(database)


def _side(line: Line, visitor: str) -> str:
    return line.ask(PATH, authorization=visitor).side


def _living(store: FlagStore) -> int:
    return len(alive(store.workers(), store.now()))
