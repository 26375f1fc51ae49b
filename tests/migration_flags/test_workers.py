"""A promotion waits for every worker that lives, by the store's clock and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from migration_flags import Worker, acknowledged, alive, may_promote
from migration_flags.workers import age, forgotten, lagging

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _worker(name: str, epoch: int, seconds: float) -> Worker:
    return Worker(name, "host", 1, epoch, (NOON - timedelta(seconds=seconds)).isoformat())


def test_a_worker_is_dead_after_ten_seconds() -> None:
    workers = [_worker("a", 1, 0), _worker("b", 1, 10), _worker("c", 1, 10.001)]
    assert [worker.id for worker in alive(workers, NOON)] == ["a", "b"]


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        ([], True),
        ([_worker("a", 5, 1), _worker("b", 6, 1)], True),
        ([_worker("a", 5, 1), _worker("b", 4, 1)], False),
        ([_worker("a", 5, 1), _worker("dead", 4, 11)], True),
    ],
)
def test_all_that_live_must_serve_from_the_epoch(workers: list[Worker], expected: bool) -> None:
    assert acknowledged(workers, 5, NOON) is expected


def test_who_waits_is_told_for_whom() -> None:
    workers = [_worker("a", 4, 1), _worker("b", 5, 1)]
    assert may_promote(workers, 5, NOON) == ("Worker a on host serves from epoch 4, not 5.",)
    assert may_promote(workers[1:], 5, NOON) == ()
    assert may_promote(workers[1:], 5, NOON, frozen=["No contact for 31 s."]) == ("No contact for 31 s.",)


@pytest.mark.parametrize("seen_at", ["", "yesterday", "2026-03-01T12:00:00"])
def test_a_beat_without_a_date_counts_for_nothing(seen_at: str) -> None:
    worker = Worker("a", "host", 1, 1, seen_at)
    assert age(worker, NOON) == float("inf")
    assert alive([worker], NOON) == ()
    assert forgotten([worker], NOON) == (worker,)


def test_a_beat_from_the_future_is_alive() -> None:
    """The file system's clock is coarser than the one that asks."""
    assert lagging([_worker("a", 1, -5)], 2, NOON)


def test_a_worker_is_dropped_after_a_day() -> None:
    workers = [_worker("a", 1, 86_399), _worker("b", 1, 86_401)]
    assert [worker.id for worker in forgotten(workers, NOON)] == ["b"]
