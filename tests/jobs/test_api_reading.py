"""Reading about jobs: what is whose stays theirs, and a page that asks again and again misses nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import UserRole, now
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import CREATED, log_in, user
from tests.jobs.work_rows import job

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

JOBS = "/api/jobs"
PEOPLE = (
    user(1, "anna"),
    user(2, "berta"),
    user(3, "boss", UserRole.MANAGER),
    user(4, "reader", UserRole.READONLY),
)
NONSENSE = {
    "state": ["done", "queued,", "QUEUED", "queued,nope", ","],
    "kind": ["cooking", "Download"],
    "queue": ["nope", "DOWNLOADS"],
    "mine": ["maybe", "True"],
    "limit": ["0", "201", "x", "", "-1", "1.5"],
    "before": ["0", "x", "99999999999"],
}


@pytest.fixture
async def people(client: Client, rows: Rows) -> Client:
    """Anna's job 1, berta's 2, nobody's 3 and 4; anna is logged in."""
    rows(
        *PEOPLE,
        job(1, State.RUNNING, user_id=1, percent=12.5, speed=2048, sequence=1_000_007, attempts=1),
        job(2, State.FAILED, user_id=2, error_class="bot-check", error_message="Sign in", error_log="last lines"),
        job(3, State.COMPLETED, kind="info", queue=Queue.METADATA, result={"path": "x.mp4"}, finished_at=now()),
        job(4, priority=1),
    )
    await log_in(client, "anna")
    return client


async def ids(client: Client, query: str = "") -> list[int]:
    answer = await client.get(f"{JOBS}?{query}")
    assert answer.status_code == 200, answer.text
    return [found["job_id"] for found in answer.json()["jobs"]]


async def test_everybody_sees_their_own_and_what_is_nobodys(people: Client) -> None:
    assert await ids(people) == [4, 3, 1]
    await log_in(people, "reader")
    assert await ids(people) == [4, 3]
    assert await ids(people, "mine=true") == []
    await log_in(people, "boss")
    assert await ids(people) == [4, 3, 2, 1]


async def test_an_open_gate_shows_all(open_client: Client, rows: Rows) -> None:
    rows(user(1, "anna"), job(1, user_id=1), job(2))
    assert await ids(open_client) == [2, 1]
    assert (await open_client.get(f"{JOBS}/1")).status_code == 200
    assert (await open_client.get(f"{JOBS}?mine=1")).status_code == 401


@pytest.mark.parametrize("part", ["", "/progress", "/result"])
async def test_what_is_anothers_is_not_there(people: Client, part: str) -> None:
    answers = [await people.get(f"{JOBS}/{number}{part}") for number in ("2", "99", "9" * 30)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, '{"error":"Job not found"}\n')}
    assert (await people.get(f"{JOBS}/abc{part}")).status_code == 404


async def test_the_list_is_narrowed_and_continued(people: Client) -> None:
    await log_in(people, "boss")
    assert await ids(people, "state=queued,running") == [4, 1]
    assert await ids(people, "state=active") == [4, 1]
    assert await ids(people, "state=ended&kind=info") == [3]
    assert await ids(people, "queue=metadata") == [3]
    first = (await people.get(f"{JOBS}?limit=3")).json()
    assert (first["count"], first["next"], len(first["jobs"])) == (4, 2, 3)
    rest = (await people.get(f"{JOBS}?limit=3&before={first['next']}")).json()
    assert ([found["job_id"] for found in rest["jobs"]], rest["count"], rest["next"]) == ([1], 4, None)


async def test_a_query_that_makes_no_sense_is_refused_by_name(people: Client) -> None:
    for name, values in NONSENSE.items():
        for value in values:
            answer = await people.get(JOBS, params={name: value})
            assert (answer.status_code, answer.json()["error"].split()[0]) == (400, name), (name, value)
    for path in (f"{JOBS}/changes?since=yesterday", f"{JOBS}/changes?since=2026-13-01T00:00:00"):
        assert (await people.get(path)).json()["error"].startswith("since")
    for since in ("-1", "x", "1.5", "9" * 40, "٣"):
        answer = await people.get(f"{JOBS}/1/progress", params={"since": since})
        assert (answer.status_code, answer.json()["error"].split()[0]) == (400, "since"), since


async def test_one_job_tells_why_it_failed_and_the_list_does_not_tell_all(people: Client) -> None:
    await log_in(people, "boss")
    failed = (await people.get(f"{JOBS}/2")).json()
    assert (failed["error_class"], failed["error_message"], failed["error_log"]) == (
        "bot-check",
        "Sign in",
        "last lines",
    )
    assert "error_log" not in (await people.get(JOBS)).json()["jobs"][0]


async def test_the_plan_of_an_attempt_is_no_result(people: Client, rows: Rows) -> None:
    rows(job(5, State.RUNNING, result={"plan": {"from": "/secret/place"}}))
    assert (await people.get(f"{JOBS}/5")).json()["result"] is None
    assert "secret" not in (await people.get(f"{JOBS}/5/result")).text


async def test_progress_says_whether_there_is_news(people: Client) -> None:
    told = (await people.get(f"{JOBS}/1/progress")).json()
    assert told == {
        "job_id": 1,
        "seq": 1_000_007,
        "state": "running",
        "attempts": 1,
        "changed": True,
        "percent": 12.5,
        "speed": 2048,
        "eta": None,
        "stage": None,
        "message": None,
        "bytes_done": None,
        "bytes_total": None,
    }
    for since, changed in ((1_000_006, True), (1_000_007, False), (9_000_000_000_000, False)):
        answer = await people.get(f"{JOBS}/1/progress?since={since}")
        assert answer.json()["changed"] is changed


async def test_a_result_is_there_or_not_yet_or_never(people: Client, rows: Rows) -> None:
    rows(job(5, State.CANCELLED), job(6, State.FAILED, error_class="gone", error_message="The film is private"))
    done = await people.get(f"{JOBS}/3/result")
    assert (done.status_code, done.json()["result"]) == (200, {"path": "x.mp4"})
    running = await people.get(f"{JOBS}/1/result")
    assert (running.status_code, running.headers["retry-after"]) == (202, "1")
    assert (running.json()["state"], running.json()["percent"]) == ("running", 12.5)
    failed = await people.get(f"{JOBS}/6/result")
    expected = {"error": "The film is private", "error_class": "gone", "job_id": 6, "state": "failed"}
    assert (failed.status_code, failed.json()) == (409, expected)
    cancelled = await people.get(f"{JOBS}/5/result")
    assert (cancelled.status_code, cancelled.json()["error"]) == (409, "The job was cancelled")


async def test_numbers_are_of_what_one_sees(people: Client) -> None:
    told = (await people.get(f"{JOBS}/stats")).json()
    assert (told["total"], told["active"], told["by_state"]["failed"]) == (3, 2, 0)
    assert told["by_kind"]["info"] == {"completed": 1}
    assert told["last_day"] == {"completed": 1, "failed": 0, "cancelled": 0, "success_rate": 1.0}
    await log_in(people, "boss")
    told = (await people.get(f"{JOBS}/stats")).json()
    assert (told["total"], told["by_state"]["failed"], told["by_queue"]["metadata"]) == (4, 1, {"completed": 1})
    assert told["last_day"]["failed"] == 0, "it failed long ago"


async def test_kinds_say_what_they_want(people: Client) -> None:
    kinds = {kind["kind"]: kind for kind in (await people.get(f"{JOBS}/kinds")).json()["kinds"]}
    assert {name for name, kind in kinds.items() if kind["submittable"]} == {"download", "playlist-download", "info"}
    assert "url" in kinds["download"]["options"]["properties"]


async def changes(client: Client, since: str = "") -> dict[str, Any]:
    answer = await client.get(f"{JOBS}/changes", params={"since": since})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_changes_begin_with_what_is_under_way_and_go_on_from_there(people: Client, rows: Rows) -> None:
    first = await changes(people)
    assert [found["job_id"] for found in first["jobs"]] == [1, 4]
    assert (await changes(people, first["since"]))["jobs"] == []
    rows(job(4, State.COMPLETED, updated_at=now()), job(2, user_id=2, updated_at=now()))
    told = await changes(people, first["since"])
    assert [(found["job_id"], found["state"]) for found in told["jobs"]] == [(4, "completed")]


async def test_a_change_that_was_committed_late_is_not_missed(people: Client, rows: Rows) -> None:
    since = (await changes(people))["since"]
    rows(job(4, State.COMPLETED, updated_at=now() - timedelta(seconds=3)))
    assert [found["job_id"] for found in (await changes(people, since))["jobs"]] == [4]


async def test_more_changes_than_fit_are_told_one_part_after_the_other(
    people: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastapi_app.jobs.rules.MOST_CHANGES", 3)
    moment = now() - timedelta(minutes=1)
    rows(*(job(number, updated_at=moment) for number in range(10, 18)))
    since, seen = (moment - timedelta(seconds=1)).isoformat() + "Z", []
    for _ in range(3):
        told = await changes(people, since)
        since, part = told["since"], [found["job_id"] for found in told["jobs"]]
        seen += part
    assert seen == list(range(10, 18))
    assert told["complete"] is True


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:04", CREATED),
        ("2026-01-02T04:04:04+01:00", CREATED),
        ("2026-01-02T03:04:05Z", None),
        ("2026-01-02T03:04:05/3", None),
    ],
)
async def test_since_is_a_moment_or_a_cursor(people: Client, text: str, moment: datetime | None) -> None:
    told = [found["job_id"] for found in (await changes(people, text))["jobs"]]
    if moment is not None or text.endswith("Z"):
        assert told == [1, 3, 4]
    else:
        assert told == [4]


async def test_reading_needs_a_login(client: Client) -> None:
    for path in ("", "/stats", "/kinds", "/changes", "/queues", "/health", "/1", "/1/progress", "/1/result"):
        assert (await client.get(JOBS + path)).status_code == 401, path
