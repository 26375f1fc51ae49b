"""A slow socket loses progress only, a quick one hears at most four a second, and the end is never lost."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.progress.news import News
from fastapi_app.progress.outbox import INTERVAL, Outbox, Overflowed
from tests.progress.events import change, end, progress


def sequences(taken: list[News]) -> list[tuple[int, int]]:
    return [(news.event.job_id, news.event.seq) for news in taken]


def test_the_first_progress_leaves_at_once_and_the_next_when_its_turn_comes() -> None:
    outbox = Outbox()
    outbox.offer(progress(seq=1), 10.0)
    assert sequences(outbox.take(10.0)) == [(7, 1)]
    outbox.offer(progress(seq=2), 10.1)
    outbox.offer(progress(seq=3), 10.2)
    assert outbox.take(10.2) == []
    assert outbox.due() == pytest.approx(10.25)
    assert sequences(outbox.take(10.25)) == [(7, 3)], "only the latest counts"
    assert outbox.due() is None


def test_after_a_pause_progress_leaves_at_once_again() -> None:
    outbox = Outbox()
    outbox.offer(progress(seq=1), 10.0)
    outbox.take(10.0)
    outbox.offer(progress(seq=2), 11.0)
    assert sequences(outbox.take(11.0)) == [(7, 2)]


def test_one_job_does_not_hold_another_back() -> None:
    outbox = Outbox()
    outbox.offer(progress(1, 1), 10.0)
    outbox.take(10.0)
    outbox.offer(progress(2, 1), 10.01)
    assert sequences(outbox.take(10.01)) == [(2, 1)]


def test_a_change_of_state_does_not_wait_for_its_turn() -> None:
    outbox = Outbox()
    outbox.offer(progress(seq=1), 10.0)
    outbox.take(10.0)
    outbox.offer(progress(seq=2), 10.01)
    outbox.offer(change(seq=3, state="retrying"), 10.02)
    assert sequences(outbox.take(10.02)) == [(7, 3)]


def test_the_end_leaves_at_once_first_and_takes_old_progress_along() -> None:
    outbox = Outbox()
    outbox.offer(progress(1, 1), 10.0)
    outbox.take(10.0)
    outbox.offer(progress(1, 2), 10.01)
    outbox.offer(progress(2, 1), 10.01)
    outbox.offer(end(1, 3), 10.02)
    assert outbox.due() == float("-inf")
    assert sequences(outbox.take(10.02)) == [(1, 3), (2, 1)]
    assert outbox.due() is None


def test_a_slow_reader_keeps_every_end_and_the_latest_of_each_job_only() -> None:
    outbox = Outbox(most_jobs=3)
    for seq in range(100):
        for job_id in range(1, 6):
            outbox.offer(progress(job_id, seq + 1), 10.0 + seq)
    for job_id in (1, 2):
        outbox.offer(end(job_id, 1_000), 200.0)
    taken = sequences(outbox.take(200.0))
    assert taken[:2] == [(1, 1_000), (2, 1_000)]
    assert len(taken) <= 5
    assert all(seq == 100 for _, seq in taken[2:])


def test_more_ends_than_fit_end_the_socket_rather_than_be_lost() -> None:
    outbox = Outbox(most_ends=2)
    outbox.offer(end(1), 1.0)
    outbox.offer(end(2), 1.0)
    with pytest.raises(Overflowed):
        outbox.offer(end(3), 1.0)


def test_a_batch_is_bounded_so_that_an_end_does_not_wait_behind_a_thousand() -> None:
    outbox = Outbox()
    for job_id in range(1, 501):
        outbox.offer(progress(job_id), 1.0)
    assert len(outbox.take(1.0, most=64)) == 64
    outbox.offer(end(9_999), 1.0)
    assert sequences(outbox.take(1.0, most=64))[0] == (9_999, 1)


def test_what_an_answer_told_is_not_followed_by_something_older() -> None:
    outbox = Outbox()
    for job_id, seq in ((1, 5), (2, 7), (3, 5)):
        outbox.offer(progress(job_id, seq), 1.0)
    outbox.offer(end(4, 5), 1.0)
    for job_id in (1, 2, 4, 9):
        outbox.told(progress(job_id, 6).event)
    assert sequences(outbox.take(1.0)) == [(4, 5), (2, 7), (3, 5)], "what is newer, and every end, stays"


STEPS = st.lists(
    st.tuples(
        st.integers(1, 3), st.sampled_from(["progress", "change", "end"]), st.sampled_from([0.0, 0.03, 0.1, 0.3])
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_comes_the_rate_order_and_last_word_hold(steps: list[tuple[int, str, float]]) -> None:
    outbox = Outbox()
    now, seq = 100.0, 0
    last: dict[int, int] = {}
    ends: list[int] = []
    heard: list[tuple[float, News]] = []
    for job_id, kind, wait in steps:
        now, seq = now + wait, seq + 1
        make = {"progress": progress, "change": change, "end": end}[kind]
        outbox.offer(make(job_id, seq), now)
        last[job_id] = seq
        ends += [seq] if kind == "end" else []
        heard += [(now, news) for news in outbox.take(now)]
    heard += [(now + 1, news) for news in outbox.take(now + 1)]
    assert outbox.due() is None
    assert [news.event.seq for _, news in heard if news.event.terminal] == ends
    for job_id, expected in last.items():
        mine = [(at, news) for at, news in heard if news.event.job_id == job_id]
        order = [news.event.seq for _, news in mine]
        assert order == sorted(set(order))
        assert order[-1] == expected
        for (before, earlier), (at, news) in pairwise(mine):
            assert not news.is_progress or earlier.event.terminal or at - before >= INTERVAL - 1e-9
