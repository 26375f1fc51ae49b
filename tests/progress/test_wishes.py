"""No message of a client, however odd, is more than misunderstood; and nobody sends without end."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.progress.allowance import PATIENCE, Allowance
from fastapi_app.progress.wishes import MOST_RESUMED, Kind, NotUnderstood, Wish, read


def test_what_is_documented_is_understood() -> None:
    assert read('{"type": "subscribe_job", "job_id": 7}') == Wish(Kind.SUBSCRIBE_JOB, job_id=7)
    assert read('{"type": "unsubscribe_job", "job_id": "7"}') == Wish(Kind.UNSUBSCRIBE_JOB, job_id=7)
    assert read('{"type": "resume", "jobs": {"7": 2000004, "9": 0}}') == Wish(Kind.RESUME, jobs={7: 2000004, 9: 0})
    for kind in ("subscribe_all", "unsubscribe_all", "get_active_jobs", "ping", "pong"):
        assert read(json.dumps({"type": kind, "more": 1})) == Wish(Kind(kind))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad-json"),
        ("{", "bad-json"),
        ("[1]", "bad-json"),
        ("null", "bad-json"),
        ("[" * 60_000, "bad-json"),
        ("9" * 5_000, "bad-json"),
        ("{}", "unknown-type"),
        ('{"type": 5}', "unknown-type"),
        ('{"type": ["ping"]}', "unknown-type"),
        ('{"type": "subscribe_job"}', "bad-field"),
        ('{"type": "subscribe_job", "job_id": 0}', "bad-field"),
        ('{"type": "subscribe_job", "job_id": -7}', "bad-field"),
        ('{"type": "subscribe_job", "job_id": true}', "bad-field"),
        ('{"type": "subscribe_job", "job_id": 7.5}', "bad-field"),
        ('{"type": "subscribe_job", "job_id": 99999999999}', "bad-field"),
        ('{"type": "subscribe_job", "job_id": "٧"}', "bad-field"),
        ('{"type": "resume"}', "bad-field"),
        ('{"type": "resume", "jobs": [7]}', "bad-field"),
        ('{"type": "resume", "jobs": {"x": 1}}', "bad-field"),
        ('{"type": "resume", "jobs": {"7": -1}}', "bad-field"),
        ('{"type": "resume", "jobs": {"7": null}}', "bad-field"),
        ('{"type": "resume", "jobs": {"7": 99999999999999999999}}', "bad-field"),
    ],
)
def test_anything_else_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(text)
    assert caught.value.code == code


def test_a_resume_is_bounded() -> None:
    jobs = {str(number): 1 for number in range(1, MOST_RESUMED + 2)}
    with pytest.raises(NotUnderstood):
        read(json.dumps({"type": "resume", "jobs": jobs}))
    jobs.popitem()
    assert len(read(json.dumps({"type": "resume", "jobs": jobs})).jobs) == MOST_RESUMED


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.text()
    | st.fixed_dictionaries({"type": st.sampled_from(Kind)}, optional={"job_id": JSON, "jobs": JSON}).map(json.dumps)
)
def test_reading_answers_or_refuses(text: str) -> None:
    with suppress(NotUnderstood):
        assert isinstance(read(text), Wish)


def test_a_burst_passes_and_a_flood_does_not() -> None:
    allowance = Allowance(0.0, per_second=10, burst=20)
    assert all(allowance.takes(0.0) for _ in range(20))
    assert not allowance.takes(0.0)
    assert allowance.takes(0.11)
    assert not allowance.takes(0.11)
    assert allowance.refused == 2
    assert not allowance.is_exhausted


def test_who_never_stops_must_go() -> None:
    allowance = Allowance(0.0, per_second=1, burst=1)
    taken = [allowance.takes(0.0) for _ in range(PATIENCE + 2)]
    assert taken.count(True) == 1
    assert allowance.is_exhausted


def test_an_hour_of_silence_buys_one_burst_and_not_more() -> None:
    allowance = Allowance(0.0, per_second=10, burst=20)
    assert sum(allowance.takes(3_600.0) for _ in range(100)) == 20
