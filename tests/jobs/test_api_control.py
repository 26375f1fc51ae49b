"""Doing something to jobs: only to one's own, only what their state allows, and everybody is told after the commit."""

from collections.abc import Callable
from typing import Any

import pytest

from fastapi_app.jobs.states import State
from fastapi_app.models import Job, UserRole
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import log_in, user
from tests.fastapi_app.stored import everything, one
from tests.jobs.work_rows import Recording, job

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

JOBS = "/api/jobs"
VERBS = ("cancel", "retry", "pause", "resume")
PRIORITIES: list[Any] = [0, 11, -1, "1", True, None, 1.0, [1], {}]
"""None of them is one."""


@pytest.fixture
async def anna(client: Client, rows: Rows) -> Client:
    """Anna, 1, who works beside berta, 2, and may not see her job 9."""
    rows(user(1, "anna"), user(2, "berta"), user(3, "boss", UserRole.MANAGER), user(4, "reader", UserRole.READONLY))
    rows(job(9, user_id=2))
    client.state["jobs"] = Recording()
    await log_in(client, "anna")
    return client


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("cancel", State.QUEUED, "cancelled"),
        ("cancel", State.RETRYING, "cancelled"),
        ("cancel", State.PAUSED, "cancelled"),
        ("cancel", State.RUNNING, "running"),
        ("cancel", State.CANCELLED, "cancelled"),
        ("cancel", State.COMPLETED, None),
        ("cancel", State.FAILED, None),
        ("retry", State.FAILED, "queued"),
        ("retry", State.CANCELLED, "queued"),
        ("retry", State.COMPLETED, None),
        ("retry", State.QUEUED, None),
        ("retry", State.RUNNING, None),
        ("pause", State.QUEUED, "paused"),
        ("pause", State.RUNNING, "running"),
        ("pause", State.COMPLETED, None),
        ("resume", State.PAUSED, "queued"),
        ("resume", State.FAILED, None),
    ],
)
async def test_a_job_follows_where_its_state_allows(
    anna: Client, rows: Rows, verb: str, before: State, after: str | None
) -> None:
    rows(job(1, before, user_id=1, attempts=3))
    answer = await anna.post(f"{JOBS}/1/{verb}")
    if after is None:
        assert (answer.status_code, answer.json()["state"]) == (409, before)
        assert (await one(anna, Job, 1)).state == before
        assert anna.state["jobs"].order == []
        return
    assert (answer.status_code, answer.json()["job"]["state"]) == (200, after), answer.text
    assert (await one(anna, Job, 1)).state == after
    assert anna.state["jobs"].order[0] == f"event 1 {after}"
    assert ("ticket downloads" in anna.state["jobs"].order) is (after == "queued")


async def test_a_running_job_is_asked_and_a_second_time_is_harmless(anna: Client, rows: Rows) -> None:
    rows(job(1, State.RUNNING, claim="worker:1:x"))
    for _ in range(2):
        answer = await anna.post(f"{JOBS}/1/cancel")
        assert (answer.status_code, answer.json()["job"]["cancel_requested"]) == (200, True)
    assert (await one(anna, Job, 1)).claim == "worker:1:x"


async def test_a_retry_starts_from_nothing(anna: Client, rows: Rows) -> None:
    rows(job(1, State.FAILED, attempts=3, error_class="gone", error_message="x", error_log="y", percent=40.0))
    shown = (await anna.post(f"{JOBS}/1/retry")).json()["job"]
    told = ("attempts", "error_class", "error_message", "error_log", "percent", "finished_at", "cancel_requested")
    assert [shown[name] for name in told] == [0, None, None, None, None, None, False]
    assert (await one(anna, Job, 1)).active_key == "download video 1"


async def test_a_retry_of_what_is_under_way_by_now_is_a_conflict(anna: Client, rows: Rows) -> None:
    rows(job(1, State.FAILED, subject="video 7"), job(2, subject="video 7"))
    answer = await anna.post(f"{JOBS}/1/retry")
    assert (answer.status_code, answer.json()["state"]) == (409, "failed")


async def test_what_is_anothers_is_not_there(anna: Client) -> None:
    for verb in VERBS:
        for number in ("9", "99", "9" * 30):
            answer = await anna.post(f"{JOBS}/{number}/{verb}")
            assert (answer.status_code, answer.json()) == (404, {"error": "Job not found"}), (verb, number)
    assert (await anna.put(f"{JOBS}/9/priority", json={"priority": 1})).status_code == 404
    assert (await anna.post(f"{JOBS}/reorder", json={"job_ids": [9]})).status_code == 404
    assert (await one(anna, Job, 9)).state == State.QUEUED
    await log_in(anna, "boss")
    assert (await anna.post(f"{JOBS}/9/cancel")).status_code == 200


async def test_who_may_not_write(anna: Client, rows: Rows) -> None:
    rows(job(1))
    writes = [("POST", f"/1/{verb}") for verb in VERBS]
    writes += [("PUT", "/1/priority"), ("POST", "/reorder"), ("POST", "/retry-all"), ("DELETE", "/history")]
    foreign = {"origin": "https://evil.example.com", "sec-fetch-site": "cross-site"}
    for method, path in writes:
        assert (await anna.request(method, JOBS + path, headers=foreign)).status_code == 403, path
    await log_in(anna, "reader")
    for method, path in writes:
        assert (await anna.request(method, JOBS + path)).status_code == 403, path
    anna.cookies.clear()
    for method, path in writes:
        assert (await anna.request(method, JOBS + path)).status_code == 401, path
    assert (await one(anna, Job, 1)).state == State.QUEUED


async def test_a_priority_is_one_to_ten_and_for_jobs_that_have_not_ended(anna: Client, rows: Rows) -> None:
    rows(job(1), job(2, State.COMPLETED))
    answer = await anna.put(f"{JOBS}/1/priority", json={"priority": 1})
    assert (answer.status_code, answer.json()["job"]["priority"]) == (200, 1)
    assert anna.state["jobs"].order == ["event 1 queued", "ticket downloads"]
    for value in PRIORITIES:
        refused = await anna.put(f"{JOBS}/1/priority", **as_json({"priority": value}))
        assert (refused.status_code, refused.json()["error"].split()[0]) == (400, "priority"), value
    assert (await anna.put(f"{JOBS}/1/priority", json=[1])).status_code == 400
    assert (await anna.put(f"{JOBS}/1/priority", content="1")).status_code == 415
    assert (await anna.put(f"{JOBS}/2/priority", json={"priority": 1})).status_code == 409


async def test_waiting_jobs_change_places(anna: Client, rows: Rows) -> None:
    rows(*(job(number) for number in (1, 2, 3)), job(4, State.RUNNING))
    answer = await anna.post(f"{JOBS}/reorder", json={"job_ids": [3, 1, 2]})
    assert answer.status_code == 200, answer.text
    assert [found["job_id"] for found in answer.json()["jobs"]] == [3, 1, 2]
    positions = [found["position"] for found in answer.json()["jobs"]]
    assert positions == sorted(positions)
    assert len(anna.state["jobs"].events) == 3
    for value in (None, [], "1", [0], ["1"], [True], [1, 1], [2**31], [1.5], list(range(1, 1002))):
        refused = await anna.post(f"{JOBS}/reorder", **as_json({"job_ids": value}))
        assert (refused.status_code, refused.json()["error"].split()[0]) == (400, "job_ids"), value
    refused = await anna.post(f"{JOBS}/reorder", json={"job_ids": [1, 4]})
    assert (refused.status_code, refused.json()["state"]) == (409, "running")
    assert (await anna.post(f"{JOBS}/reorder", json={"job_ids": [1, 99]})).status_code == 404


async def test_all_that_failed_is_retried_and_nothing_of_others(
    anna: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(*(job(number, State.FAILED) for number in (1, 2, 3)), job(5, State.FAILED, user_id=2), job(6, State.CANCELLED))
    monkeypatch.setattr("fastapi_app.jobs.control_endpoints.MOST_RETRIED", 2)
    answer = await anna.post(f"{JOBS}/retry-all")
    assert answer.json() == {"success": True, "retried": 2, "skipped": 0, "left": 1}
    assert [event.job_id for event in anna.state["jobs"].events] == [3, 2]
    assert (await anna.post(f"{JOBS}/retry-all")).json()["left"] == 0
    assert (await one(anna, Job, 5)).state == State.FAILED
    assert (await one(anna, Job, 6)).state == State.CANCELLED


async def test_the_history_is_cleared_and_what_is_under_way_stays(anna: Client, rows: Rows) -> None:
    ended = (job(2, State.COMPLETED), job(3, State.FAILED), job(4, State.CANCELLED, user_id=1))
    rows(job(1), *ended, job(5, State.COMPLETED, user_id=2))
    for state in ("running", "active", "nope", "failed,"):
        refused = await anna.delete(f"{JOBS}/history?state={state}")
        assert (refused.status_code, refused.json()["error"].split()[0]) == (400, "state"), state
    assert (await anna.delete(f"{JOBS}/history?state=failed")).json() == {"success": True, "removed": 1}
    assert (await anna.delete(f"{JOBS}/history")).json() == {"success": True, "removed": 2}
    assert await everything(anna, Job) == [1, 5, 9]
