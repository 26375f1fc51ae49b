"""The decisions about jobs that need no database: numbers, orders, and what follows from how an attempt ended."""

import base64
import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.jobs import backoff, catalogue, outcome, tickets
from fastapi_app.jobs.changes import positions
from fastapi_app.jobs.interruption import Reason
from fastapi_app.jobs.states import CLAIMABLE, TERMINAL, Queue, State, may_follow
from fastapi_app.jobs.work import Done, Failed, FailedForNow, QueueBlocked
from fastapi_app.worker import room, settings

MOMENT = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001  naive UTC, as in the rows


@pytest.mark.parametrize(
    ("attempt", "after", "chance", "seconds"),
    [
        (1, 0.0, 0.0, 10.0),
        (2, 0.0, 0.0, 20.0),
        (3, 0.0, 0.0, 40.0),
        (1, 0.0, 1.0, 15.0),
        (20, 0.0, 1.0, 900.0),
        (10**9, 0.0, 0.5, 900.0),
        (1, 3600.0, 1.0, 3600.0),
    ],
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour_and_is_never_less_than_told(
    attempt: int, after: float, chance: float, seconds: float
) -> None:
    assert backoff.delay(attempt, after=after, chance=chance) == seconds


@given(attempt=st.integers(1, 30), chance=st.floats(0, 1), after=st.floats(0, 10_000))
def test_the_wait_never_shrinks_with_more_failures(attempt: int, chance: float, after: float) -> None:
    here = backoff.delay(attempt, after=after, chance=chance)
    assert backoff.delay(attempt + 1, after=after, chance=chance) >= here >= max(after, 10.0)


@pytest.mark.parametrize(
    ("claimable", "waiting", "number"), [(0, 0, 0), (3, 0, 3), (3, 2, 1), (3, 7, 0), (5000, 0, 100), (5000, 99, 1)]
)
def test_only_missing_tickets_are_made(claimable: int, waiting: int, number: int) -> None:
    assert tickets.missing(claimable, waiting) == number


def test_a_ticket_names_the_queue_and_no_job() -> None:
    message = json.loads(tickets.ticket(Queue.DOWNLOADS, "one"))
    assert json.loads(base64.b64decode(message["body"]))[:2] == [["downloads"], {}]
    assert message["headers"]["id"] == message["properties"]["delivery_tag"] == "one"
    assert tickets.key(Queue.DOWNLOADS) == "mvidarr:downloads"


@given(st.lists(st.integers(0, 9)).map(sorted))
def test_places_are_kept_where_they_differ_and_made_different_where_not(held: list[int]) -> None:
    made = positions(held)
    assert all(later > earlier for earlier, later in pairwise(made))
    assert all(new >= old for new, old in zip(made, held, strict=True))
    assert positions(made) == made


def test_a_failure_for_now_is_tried_again_until_the_limit() -> None:
    again = outcome.of_failure(FailedForNow("network", "Broke off"), 2, 3, MOMENT, chance=0.0)
    assert (again.state, again.values["due_at"]) == (State.RETRYING, MOMENT + timedelta(seconds=20))
    assert "active_key" not in again.values
    last = outcome.of_failure(FailedForNow("network", "Broke off"), 3, 3, MOMENT, chance=0.0)
    assert (last.state, last.values["active_key"]) == (State.FAILED, None)
    assert last.values["error_class"] == "network"


def test_a_failure_is_final_at_once_and_its_texts_fit_their_columns() -> None:
    ended = outcome.of_failure(Failed("k" * 99, "m" * 999, "l" * 99_999), 1, 3, MOMENT, chance=0.0)
    assert ended.state is State.FAILED
    assert [len(ended.values[name]) for name in ("error_class", "error_message", "error_log")] == [40, 500, 20_000]


def test_a_blocked_queue_costs_no_attempt() -> None:
    ended = outcome.of_failure(QueueBlocked("disk-full", "Full"), 3, 3, MOMENT, chance=0.0)
    assert ended.state is State.QUEUED
    assert ended.blocks is not None
    assert "attempts" in ended.values


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.CANCELLED, State.CANCELLED),
        (Reason.PAUSED, State.PAUSED),
        (Reason.STOPPING, State.QUEUED),
        (Reason.OVERDUE, State.RETRYING),
    ],
)
def test_an_interruption_ends_in_the_state_that_was_asked_for(reason: Reason, state: State) -> None:
    ended = outcome.of_interruption(reason, 1, 3, MOMENT, deadline=60.0, chance=0.0)
    assert ended is not None
    assert ended.state is state
    assert may_follow(State.RUNNING, state)


def test_a_lost_claim_writes_nothing() -> None:
    assert outcome.of_interruption(Reason.LOST, 1, 3, MOMENT, deadline=60.0, chance=0.0) is None


@pytest.mark.parametrize(
    ("attempt", "cancel", "pause", "state"),
    [
        (1, False, False, State.RETRYING),
        (3, False, False, State.FAILED),
        (3, True, False, State.CANCELLED),
        (1, False, True, State.PAUSED),
    ],
)
def test_the_job_of_a_lost_worker(attempt: int, cancel: bool, pause: bool, state: State) -> None:
    ended = outcome.of_loss(attempt, 3, MOMENT, cancel=cancel, pause=pause)
    assert ended.state is state
    assert ("active_key" in ended.values) == (state in TERMINAL)


def test_done_is_done_whatever_was_asked_meanwhile() -> None:
    ended = outcome.of_done(Done({"a": 1}), MOMENT)
    assert ended.values["cancel_requested"] is False
    assert ended.values["pause_requested"] is False


def test_no_ended_state_is_left_but_by_a_person() -> None:
    assert all(not may_follow(State.COMPLETED, after) for after in State)
    assert all(may_follow(state, State.QUEUED) for state in (State.FAILED, State.CANCELLED))
    assert all(may_follow(state, State.RUNNING) for state in CLAIMABLE)


def test_a_worker_of_all_queues_keeps_a_process_free_of_downloads() -> None:
    assert room(list(Queue), 6) == {Queue.DOWNLOADS: 4}
    assert room(list(Queue), 2) == {Queue.DOWNLOADS: 1}
    assert room(list(Queue), 1) == {}
    assert room([Queue.DOWNLOADS], 50) == {}
    assert room([Queue.METADATA, Queue.MEDIA], 6) == {}


def test_a_ticket_stays_hidden_for_longer_than_any_job_may_take() -> None:
    told = settings(catalogue.KINDS, {})
    assert told["broker_transport_options"]["visibility_timeout"] > max(kind.deadline for kind in catalogue.KINDS)
    assert told["accept_content"] == ["json"]
