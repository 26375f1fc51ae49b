"""The contract that every store keeps: in memory, on a SQLite file, on a real MariaDB."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from migration_flags import (
    Change,
    ChangeRefused,
    FlagStore,
    Stage,
    first_broken_link,
)
from migration_flags.errors import ActorMissing, KeyRefused, ReasonMissing, StageNotServed, TextTooLong
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.sql import SQLStore

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Open = Callable[[], FlagStore]


@pytest.fixture(
    params=[
        "memory",
        "sqlite",
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same store again and again, as several processes would; the memory store is its own only process."""
    opened: list[FlagStore] = []
    if request.param == "memory":
        memory = MemoryStore(lambda: NOON)
        yield lambda: memory
        return
    url = f"sqlite:///{tmp_path / 'flags.db'}"
    if request.param == "mariadb":
        url = request.getfixturevalue("mariadb_url")

    def open_one() -> FlagStore:
        opened.append(SQLStore(url, lambda: NOON))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def test_a_new_store_is_empty_at_epoch_zero(open_store: Open) -> None:
    store = open_store()
    assert (store.epoch(), len(store.snapshot()), store.history()) == (0, 0, ())


def test_a_change_is_seen_by_another_process(open_store: Open) -> None:
    here, there = open_store(), open_store()
    assert there.epoch() == 0
    here.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="parity is green")
    flag = there.snapshot().get("GET /a")
    assert flag is not None
    assert (flag.stage, flag.reason, flag.updated_by, flag.epoch) == (Stage.MODERN, "parity is green", "ada", 1)
    assert flag.updated_at == "2026-03-01T12:00:00.000000+00:00"
    assert there.epoch() == there.snapshot().epoch == 1


def test_many_changes_are_one_transaction_and_one_epoch(open_store: Open) -> None:
    store = open_store()
    rows = store.apply([Change(f"GET /{n}", Stage.MODERN) for n in range(30)], actor="ada", reason="all")
    assert {row.epoch for row in rows} == {1}
    assert [row.sequence for row in rows] == list(range(1, 31))
    assert (store.epoch(), len(store.snapshot())) == (1, 30)


def test_a_change_that_changes_nothing_leaves_no_trace(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="first")
    assert store.apply([Change("GET /a", Stage.MODERN)], actor="bob", reason="again") == ()
    assert (store.epoch(), len(store.history())) == (1, 1)


def test_the_history_tells_before_and_after_newest_first(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN), Change("GET /b", Stage.LEGACY)], actor="ada", reason="one")
    store.apply([Change("GET /a", Stage.LEGACY)], actor="bob", reason="two", gated=True)
    newest, *_ = store.history()
    assert (newest.actor, newest.reason, newest.before_stage, newest.after_stage) == ("bob", "two", "modern", "legacy")
    assert (newest.epoch, newest.gated, newest.at) == (2, True, "2026-03-01T12:00:00.000000+00:00")
    assert [row.reason for row in store.history("GET /a")] == ["two", "one"]
    assert [row.before_stage for row in store.history("GET /b")] == [None]
    assert len(store.history(limit=2)) == 2


def test_the_audit_chain_holds_and_shows_a_forged_row(open_store: Open) -> None:
    store = open_store()
    for number in range(5):
        store.apply(
            [Change("GET /é", (Stage.MODERN, Stage.LEGACY)[number % 2])], actor="ada", reason=f"because {number}"
        )
    rows = store.history()[::-1]
    assert first_broken_link(rows) is None
    assert first_broken_link([*rows[:2], replace(rows[2], reason="nothing to see"), *rows[3:]]) == 3
    assert first_broken_link([*rows[:2], *rows[3:]]) == 3
    assert first_broken_link(rows[1:]) == 1


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.CANARY, Stage.RETIRED])
def test_a_stage_that_nobody_serves_yet_is_refused_by_name(open_store: Open, stage: Stage) -> None:
    with pytest.raises(StageNotServed, match=rf"'{stage}' can't be set\. Stages that can be set: legacy, modern\."):
        open_store().apply([Change("GET /a", stage)], actor="ada", reason="too early")


@pytest.mark.parametrize(
    ("changes", "actor", "reason", "error"),
    [
        ([Change("GET /a", Stage.MODERN)], " ", "why", ActorMissing),
        ([Change("GET /a", Stage.MODERN)], "ada", "", ReasonMissing),
        ([Change("GET /a", Stage.MODERN)], "a" * 256, "why", TextTooLong),
        ([Change("", Stage.MODERN)], "ada", "why", KeyRefused),
        ([Change("x" * 701, Stage.MODERN)], "ada", "why", KeyRefused),
        ([Change("GET /a", Stage.MODERN), Change("GET /a", Stage.LEGACY)], "ada", "why", KeyRefused),
    ],
)
def test_a_refused_change_writes_nothing(
    open_store: Open, changes: list[Change], actor: str, reason: str, error: type[ChangeRefused]
) -> None:
    store = open_store()
    with pytest.raises(error):
        store.apply([Change("GET /good", Stage.MODERN), *changes], actor=actor, reason=reason)
    assert (store.epoch(), len(store.snapshot()), store.history()) == (0, 0, ())


def test_keys_differ_by_case_accent_and_final_slash(open_store: Open) -> None:
    store = open_store()
    keys = ["GET /a", "GET /A", "GET /á", "GET /a/", "GET /😀"]
    store.apply([Change(key, Stage.MODERN) for key in keys], actor="ada", reason="all")
    assert {flag.key for flag in store.snapshot()} == set(keys)


def test_the_longest_key_fits(open_store: Open) -> None:
    store = open_store()
    key = "GET /" + "é" * 695
    store.apply([Change(key, Stage.MODERN)], actor="ada", reason="long")
    assert key in store.snapshot()


def test_seeding_leaves_what_somebody_decided(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="decided")
    rows = store.seed(["GET /a", "GET /b", "GET /b"], Stage.LEGACY, actor="boot", reason="adopted database")
    assert [row.key for row in rows] == ["GET /b"]
    assert {flag.key: flag.stage for flag in store.snapshot()} == {"GET /a": Stage.MODERN, "GET /b": Stage.LEGACY}
    assert store.seed(["GET /a", "GET /b"], Stage.LEGACY, actor="boot", reason="again") == ()
    assert store.epoch() == 2


def test_writers_at_the_same_time_lose_nothing(open_store: Open) -> None:
    barrier = threading.Barrier(4)

    def write(name: str) -> None:
        store = open_store()
        barrier.wait()
        for number in range(8):
            stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
            store.apply([Change("GET /shared", stage), Change(f"GET /{name}", stage)], actor=name, reason=str(number))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    store = open_store()
    rows = store.history()[::-1]
    assert first_broken_link(rows) is None
    assert store.epoch() == 32
    assert sorted({row.epoch for row in rows}) == list(range(1, 33))
    assert len(store.snapshot()) == 5


def test_a_snapshot_is_one_moment_while_others_write(open_store: Open) -> None:
    """Both flags always change together, so a snapshot that shows them apart was torn."""
    stopped = threading.Event()

    def write() -> None:
        store, number = open_store(), 0
        while not stopped.is_set():
            stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
            store.apply([Change("GET /a", stage), Change("GET /b", stage)], actor="ada", reason="both")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    reader = open_store()
    try:
        for _ in range(100):
            snapshot = reader.snapshot()
            assert len({flag.stage for flag in snapshot}) <= 1
            assert {flag.epoch for flag in snapshot} <= {snapshot.epoch}
    finally:
        stopped.set()
        writer.join(60)


def test_a_closed_store_may_be_used_again(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="one")
    store.close()
    assert store.epoch() == 1
