"""What only Redis can do wrong: be away, come back empty, come back older, or be another one."""

import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from migration_flags import (
    Change,
    Evidence,
    SchemaTooNew,
    Stage,
    StoreInvalid,
    StoreUnavailable,
    StoreWentBack,
    Worker,
    first_broken_link,
)
from migration_flags.stores import redis as module
from migration_flags.stores.redis import RedisStore
from migration_flags.stores.redis_client import WatchFailed, connect
from tests.servers.redis import Redis, start_redis

KEY, SECRET = "GET /a", "hunter2"
Open = Callable[[], RedisStore]


@pytest.fixture
def prefix() -> str:
    return f"{uuid.uuid4().hex}:"


@pytest.fixture
def client(redis: Redis) -> Iterator[Any]:
    opened = connect("redis", redis.url)
    yield opened
    opened.close()


@pytest.fixture
def open_store(redis: Redis, prefix: str) -> Iterator[Open]:
    opened: list[RedisStore] = []

    def open_one() -> RedisStore:
        opened.append(RedisStore(redis.url, prefix=prefix))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> RedisStore:
    """With one flag at modern, at epoch 1."""
    made = open_store()
    made.apply([Change(KEY, Stage.MODERN)], actor="ada", reason="one")
    return made


def _forget(client: Any, prefix: str) -> None:
    for key in client.keys(f"{prefix}*"):
        client.delete(key)


def _copy(client: Any, prefix: str) -> dict[str, bytes]:
    return {name: client.get(f"{prefix}{name}") for name in ("state", "epoch")}


def _put_back(client: Any, prefix: str, copy: dict[str, bytes]) -> None:
    for name, value in copy.items():
        client.set(f"{prefix}{name}", value)


def test_constructing_a_store_imports_and_connects_to_nothing() -> None:
    """Flags work where the package redis is not installed."""
    program = """
import sys
from migration_flags.stores.redis import RedisStore
RedisStore("redis://x")
sys.exit("redis" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


def test_an_unreachable_redis_is_unavailable_and_its_password_stays_unsaid() -> None:
    store = RedisStore(f"redis://ada:{SECRET}@127.0.0.1:1/0?password={SECRET}")
    with pytest.raises(StoreUnavailable) as caught:
        store.epoch()
    assert SECRET not in str(caught.value) + repr(store)
    assert "redis://127.0.0.1:1/0" in str(caught.value)


def test_what_is_no_address_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="address can't be used"):
        RedisStore("nonsense").epoch()


def test_the_package_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StoreUnavailable, match="the package redis is not installed"):
        RedisStore("redis://127.0.0.1:1").epoch()


def test_an_empty_redis_is_refused_by_who_knew_it(store: RedisStore, client: Any, prefix: str) -> None:
    _forget(client, prefix)
    for ask in (store.epoch, store.snapshot):
        with pytest.raises(StoreWentBack, match="had epoch 1 and came back with 0"):
            ask()
    with pytest.raises(StoreWentBack):
        store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="blind")
    assert client.keys(f"{prefix}*") == []


def test_an_older_redis_is_refused_by_who_knew_it(store: RedisStore, client: Any, prefix: str) -> None:
    old = _copy(client, prefix)
    store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="two")
    _put_back(client, prefix, old)
    with pytest.raises(StoreWentBack, match="had epoch 2 and came back with 1"):
        store.epoch()


def test_a_new_process_does_not_write_behind_workers_that_live(
    store: RedisStore, open_store: Open, client: Any, prefix: str
) -> None:
    """It never saw the flags that were lost, and they beat with the epoch that they serve from."""
    _forget(client, prefix)
    store.beat(Worker("a", "host", 1, 1))
    newcomer = open_store()
    assert newcomer.epoch() == 0
    with pytest.raises(StoreWentBack, match="had epoch 1 and came back with 0"):
        newcomer.apply([Change(KEY, Stage.SHADOW)], actor="bob", reason="blind")


def test_another_history_is_refused_however_high_its_epoch(
    store: RedisStore, open_store: Open, client: Any, prefix: str
) -> None:
    _forget(client, prefix)
    newcomer = open_store()
    for stage in (Stage.SHADOW, Stage.LEGACY, Stage.MODERN):
        newcomer.apply([Change("GET /b", stage)], actor="bob", reason="a new beginning")
    for ask in (store.epoch, store.snapshot):
        with pytest.raises(StoreWentBack):
            ask()


def test_a_repair_is_followed_by_both_who_knew_the_old_and_the_new(
    store: RedisStore, open_store: Open, client: Any, prefix: str
) -> None:
    other = open_store()
    assert other.epoch() == 1
    _forget(client, prefix)
    newcomer = open_store()
    newcomer.apply([Change("GET /b", Stage.MODERN)], actor="bob", reason="a new beginning")
    rows = store.repair(actor="ada", reason="Redis lost its data")
    assert {row.epoch for row in rows} == {2}
    for reader in (store, other, newcomer, open_store()):
        assert reader.epoch() == 2
        assert {flag.key: flag.stage for flag in reader.snapshot()} == {KEY: Stage.MODERN, "GET /b": Stage.LEGACY}
    assert first_broken_link(store.history()[::-1]) is None
    newcomer.apply([Change(KEY, Stage.LEGACY)], actor="bob", reason="goes on")
    assert other.epoch() == 3


def test_an_empty_redis_is_repaired_with_the_switch_as_it_was(store: RedisStore, client: Any, prefix: str) -> None:
    store.kill(True, actor="ada", reason="fire")
    _forget(client, prefix)
    store.repair(actor="ada", reason="lost")
    assert (store.snapshot().killed, store.epoch()) == (True, 3)


def test_who_knows_nothing_can_not_repair(open_store: Open) -> None:
    with pytest.raises(StoreUnavailable, match="never read flags"):
        open_store().repair(actor="ada", reason="hope")


def test_a_newer_schema_is_refused_and_left_alone(store: RedisStore, client: Any, prefix: str) -> None:
    text = client.get(f"{prefix}state").replace('\\"schema\\": 2', '\\"schema\\": 7')
    client.set(f"{prefix}state", text)
    with pytest.raises(SchemaTooNew):
        store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="no")
    assert client.get(f"{prefix}state") == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("state", "{"),
        ("state", "[1]"),
        ("state", '[["x"], "[]"]'),
        ("state", '[["x"], 5]'),
        ("epoch", "many"),
        ("epoch", ""),
    ],
)
def test_what_can_not_be_understood_is_told(store: RedisStore, client: Any, prefix: str, name: str, text: str) -> None:
    client.set(f"{prefix}{name}", text)
    with pytest.raises(StoreUnavailable):
        store.epoch() if name == "epoch" else store.snapshot()


def test_a_row_that_can_not_be_read_is_told(store: RedisStore, client: Any, prefix: str) -> None:
    client.rpush(f"{prefix}audit", "{}")
    with pytest.raises(StoreInvalid, match="the audit is not a row"):
        store.history()


def test_a_redis_that_was_restarted_with_its_data_is_found_again(tmp_path: Path) -> None:
    with start_redis(tmp_path, keeps=True) as server:
        store = RedisStore(server.url)
        store.apply([Change(KEY, Stage.MODERN)], actor="ada", reason="one")
        server.kill()
        with pytest.raises(StoreUnavailable):
            store.epoch()
    with start_redis(tmp_path, keeps=True):
        assert store.epoch() == 1
        store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="two")
        assert store.epoch() == 2
        store.close()


def test_an_answer_that_is_lost_after_the_transaction_is_no_second_change(
    store: RedisStore, open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = RedisStore._write
    lost = iter([True])

    def lose(self: RedisStore, *args: Any) -> None:
        write(self, *args)
        if next(lost, False):
            raise WatchFailed

    monkeypatch.setattr(RedisStore, "_write", lose)
    rows = store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="two", if_epoch=1)
    assert [row.epoch for row in rows] == [2]
    assert open_store().history()[0] == rows[0]
    assert store.epoch() == 2


def test_who_polls_while_others_write_sees_no_going_back(open_store: Open) -> None:
    """One store object, as a worker has it: its poll and its own rollback run in different threads."""
    shared, stopped, wrong = open_store(), threading.Event(), list[object]()

    def poll() -> None:
        while not stopped.is_set():
            try:
                shared.epoch()
            except StoreUnavailable as error:
                wrong.append(error)

    threads = [threading.Thread(target=poll) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(100):
            shared.apply([Change(KEY, (Stage.MODERN, Stage.LEGACY)[number % 2])], actor="ada", reason="to and fro")
    finally:
        stopped.set()
        for thread in threads:
            thread.join(60)
    assert wrong == []


def test_a_worker_of_yesterday_is_dropped_by_the_next_that_comes(store: RedisStore, client: Any, prefix: str) -> None:
    store.beat(Worker("old", "host", 1, 1))
    text = client.hget(f"{prefix}workers", "old").replace('"seen_at":"20', '"seen_at":"19')
    client.hset(f"{prefix}workers", "old", text)
    store.beat(Worker("new", "host", 1, 1))
    assert [worker.id for worker in store.workers()] == ["new"]


def test_evidence_does_not_grow_for_ever(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 5)
    monkeypatch.setattr(module, "PRUNE_EVERY", 10)
    for number in range(20):
        store.keep(Evidence(KEY, "shadow", "now", number))
    assert [piece.epoch for piece in store.evidence(KEY)] == [19, 18, 17, 16, 15]
