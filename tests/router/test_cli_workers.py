"""``strangler workers``: who serves, who fell silent, who left in order."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migration_flags import Worker
from migration_flags.stores.sql import SQLStore
from router.rollback.facts import LEFT
from router.workers_command import rows_of
from tests.router.commanding import Command

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def worker(name: str, ago: float, epoch: int = 5, *, left: bool = False) -> Worker:
    seen = (NOW - timedelta(seconds=ago)).isoformat()
    return Worker(name, "host", 1, epoch, seen, {LEFT: True} if left else {})


def test_each_worker_is_told_as_it_stands() -> None:
    known = [worker("a", 1), worker("b", 60), worker("c", 60, left=True), worker("d", 2, epoch=3)]
    told = {row["worker"]: (row["state"], row["behind"], row["seconds_ago"]) for row in rows_of(known, 5, NOW)}
    assert told == {"a": ("serving", 0, 1), "b": ("silent", 0, 60), "c": ("left", 0, 60), "d": ("serving", 2, 2)}


def test_the_command_needs_the_store_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    strangler = Command(tmp_path, monkeypatch, capsys)
    store = SQLStore(strangler.url)
    store.beat(Worker("a", "host", 7, 0))
    store.close()
    (row,) = strangler.json("workers", "--store", strangler.url)
    assert (row["worker"], row["pid"], row["state"]) == ("a", 7, "serving")
    assert "serving" in strangler("workers", "--store", strangler.url).stdout
