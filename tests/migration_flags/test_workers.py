"""A promotion waits for every worker that lives, by the store's clock and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from migration_flags import Worker, acknowledged, alive, may_promote
from migration_flags.change import NAME_LENGTH
from migration_flags.errors import EvidenceRefused, TextTooLong
from migration_flags.workers import FORGOTTEN_AFTER, age, check_worker, forgotten, lagging, oldest_beat

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


@pytest.mark.parametrize("length", [1, NAME_LENGTH])
def test_names_that_a_store_can_keep_are_taken(length: int) -> None:
    check_worker(Worker("w" * length, "h" * length, 1, 1, facts={"rollback": {}}))


@pytest.mark.parametrize(
    ("worker", "what"),
    [
        (Worker("", "host", 1, 1), "worker"),
        (Worker("w" * (NAME_LENGTH + 1), "host", 1, 1), "worker"),
        (Worker("w", "", 1, 1), "host"),
        (Worker("w", "h" * (NAME_LENGTH + 1), 1, 1), "host"),
    ],
)
def test_names_that_it_can_not_are_refused(worker: Worker, what: str) -> None:
    with pytest.raises(TextTooLong) as refused:
        check_worker(worker)
    assert refused.value.args == TextTooLong(what, NAME_LENGTH).args


def test_facts_that_it_can_not_keep_are_refused() -> None:
    with pytest.raises(EvidenceRefused):
        check_worker(Worker("w", "host", 1, 1, facts={"much": "x" * 100_001}))


def test_a_day_without_a_beat_is_forgotten_and_not_a_moment_less() -> None:
    kept, gone = _worker("a", 1, FORGOTTEN_AFTER), _worker("b", 1, FORGOTTEN_AFTER + 0.001)
    assert forgotten([kept, gone], NOON) == (gone,)
    assert oldest_beat(NOON) == NOON - timedelta(seconds=FORGOTTEN_AFTER)
