"""The scheduler: what its settings mean, what is turned by hand, and who may."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select

from fastapi_app.jobs.health import Link, Overview
from fastapi_app.jobs.presence import Presence, Role
from fastapi_app.models import Job, Setting, VideoStatus
from fastapi_app.scheduler import rules, schemas
from tests.fastapi_app.conftest import Client, vectors
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

BASE = "/api/settings/scheduler"
DISABLED = {"enabled": False, "next_run": None, "schedule": "Disabled"}
BEAT = Presence("beat a:1", Role.BEAT, "a", ())


@pytest.mark.parametrize("case", vectors("schedule"), ids=lambda case: str(case["name"]))
def test_settings_mean_the_same_on_both_sides(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"])
    assert rules.status(case["settings"], now, beat_is_gone=case["beat_is_gone"]) == case["status"]


@pytest.mark.parametrize(
    ("seen", "gone"),
    [
        (None, False),
        (Overview(Link.NONE, ()), False),
        (Overview(Link.AWAY, ()), False),
        (Overview(Link.ANSWERS, ()), True),
        (Overview(Link.ANSWERS, (), (BEAT,)), False),
        (Overview(Link.ANSWERS, (), (Presence("beat a:1", Role.BEAT, "a", (), 60.0),)), True),
        (Overview(Link.ANSWERS, (), (Presence("a:2", Role.WORKER, "a", ()),)), True),
    ],
    ids=range(7),
)
def test_beat_is_gone_only_where_that_is_known(seen: Overview | None, gone: bool) -> None:
    assert rules.beat_is_gone(seen) is gone


async def test_it_is_started_and_stopped_for_good_and_leaves_no_trace(open_client: Client) -> None:
    """The switch is a row only where it says something that the schedule does not say by itself."""

    async def running() -> tuple[bool, int]:
        told = (await open_client.get(f"{BASE}/status")).json()["scheduler"]
        assert told["schedule_info"] == DISABLED
        rows = (await open_client.get("/api/settings/")).json()["settings"]
        return told["running"], sum("scheduler" in name for name in rows)

    assert await running() == (False, 0)
    for _ in range(2):
        answer = await open_client.post(f"{BASE}/start")
        assert (answer.status_code, answer.json()) == (200, {"message": "Scheduler started successfully"})
        assert await running() == (True, 1)
    await open_client.post(f"{BASE}/reload")
    assert await running() == (True, 1)
    for _ in range(2):
        answer = await open_client.post(f"{BASE}/stop")
        assert (answer.status_code, answer.json()) == (200, {"message": "Scheduler stopped successfully"})
        assert await running() == (False, 0)


async def test_what_was_stopped_stays_stopped(open_client: Client, rows: Rows) -> None:
    rows(Setting(id=7, key="auto_download_schedule_enabled", value="true"))
    assert (await open_client.get(f"{BASE}/status")).json()["scheduler"]["running"] is True
    await open_client.post(f"{BASE}/stop")
    told = (await open_client.get(f"{BASE}/status")).json()["scheduler"]
    assert (told["running"], told["schedule_info"]["next_run"], told["schedule_info"]["job_count"]) == (False, None, 0)
    await open_client.post(f"{BASE}/start")
    told = (await open_client.get(f"{BASE}/status")).json()["scheduler"]
    assert (told["running"], told["schedule_info"]["next_run"] is not None) == (True, True)


async def test_what_is_wanted_is_handed_in_up_to_the_limit(open_client: Client, rows: Rows) -> None:
    nothing = {"success": True, "message": "No wanted videos found", "success_count": 0, "failed_count": 0}
    empty = (await open_client.post(f"{BASE}/trigger")).json()
    assert empty == {"message": "Scheduled download triggered successfully", "result": {**nothing, "results": []}}
    rows(Setting(id=7, key="auto_download_max_videos", value="2"), artist())
    rows(*(video(number, f"Song {number}") for number in (1, 2, 3)), video(4, status=VideoStatus.MONITORED))
    answer = (await open_client.post(f"{BASE}/trigger")).json()
    TypeAdapter(schemas.Triggered).validate_python(answer, strict=True)
    result = answer["result"]
    assert (result["success_count"], result["failed_count"], result["total_wanted"]) == (2, 0, 2)
    assert result["results"][0] == {"video_id": 1, "title": "Song 1", "artist": "Nova Kestrel", "success": True}
    async with open_client.state["database"].reading() as session:
        assert list(await session.scalars(select(Job.subject).order_by(Job.id))) == ["video 1", "video 2"]


@pytest.mark.parametrize("action", ["start", "stop", "reload", "trigger"])
async def test_nobody_turns_it_without_a_login(client: Client, action: str) -> None:
    assert (await client.post(f"{BASE}/{action}")).status_code == 401
