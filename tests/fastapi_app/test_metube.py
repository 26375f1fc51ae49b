"""Downloads as 0.9 showed them, as jobs: nothing lost, nothing done twice, nobody's secret shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from fastapi_app.jobs.states import State
from fastapi_app.metube import rules
from fastapi_app.models import Download, Job, UserRole, Video, VideoStatus, now
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, log_in, user, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
URL = "https://films.example.org/a.mp4"
COOKIE = ".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\tsecret-value\n"


def job(row_id: int, state: State, **columns: Any) -> Job:
    ended = state in (State.COMPLETED, State.FAILED, State.CANCELLED)
    given: dict[str, Any] = {
        "kind": "download",
        "subject": f"url {row_id}",
        "active_key": None if ended else f"download url {row_id}",
        "queue": "downloads",
        "state": state,
        "payload": {"artist": "Nova: Kestrel", "title": f"Film {row_id}", "url": URL, "subtitles": True},
        "finished_at": now() if ended else None,
    }
    return Job(**{"id": row_id, **given, **columns})


async def stored(client: Client, model: type[Any], row_id: int) -> Any:
    async with client.state["database"].reading() as session:
        return await session.get(model, row_id)


async def test_jobs_of_both_executors_have_0_9s_shape(open_client: Client, rows: Rows) -> None:
    running = {"percent": 12.5, "started_at": now(), "executor": "legacy"}
    done = {"result": {"path": "data/musicvideos/a.mp4", "bytes": 9, "plan": 1}, "percent": 100.0}
    rows(job(1, State.QUEUED), job(2, State.RUNNING, **running), job(3, State.COMPLETED, **done), job(4, State.PAUSED))
    rows(job(5, State.CANCELLED), job(6, State.QUEUED, kind="info", queue="metadata"))
    waiting = (await open_client.get("/api/metube/queue")).json()
    assert [(one["id"], one["status"], one["progress"]) for one in waiting["queue"]] == [
        (1, "pending", 0),
        (2, "downloading", 12.5),
        (4, "paused", 0),
    ]
    assert waiting["queue"][0]["output_dir"] == "data/musicvideos/Nova - Kestrel"
    ended = (await open_client.get("/api/metube/history")).json()["history"]
    assert [(one["id"], one["status"], one["file_path"], one["file_size"]) for one in ended] == [
        (5, "stopped", None, None),
        (3, "completed", "data/musicvideos/a.mp4", 9),
    ]
    assert ended[0]["error_message"] == "Download stopped by user"


async def test_a_user_sees_own_downloads_and_nobodys(client: Client, rows: Rows) -> None:
    rows(user(1), user(2, "bert"), user(3, "carla", UserRole.MANAGER))
    rows(job(1, State.QUEUED, user_id=1), job(2, State.QUEUED, user_id=2), job(3, State.FAILED), job(4, State.QUEUED))
    await log_in(client)
    assert [one["id"] for one in (await client.get("/api/metube/queue")).json()["queue"]] == [1, 4]
    for action in ("stop", "retry"):
        assert (await client.post(f"/api/metube/download/2/{action}")).status_code == 400
    made = (
        await client.post("/api/metube/download/music-video", json={"artist": "a", "title": "b", "url": URL})
    ).json()
    assert (await stored(client, Job, made["id"])).user_id == 1
    client.cookies.clear()
    await log_in(client, "carla")
    assert [one["id"] for one in (await client.get("/api/metube/queue")).json()["queue"]] == [1, 2, 4, made["id"]]
    assert (await client.delete("/api/metube/history/clear")).json() == {"success": True, "deleted_count": 1}


async def test_one_film_is_under_way_once(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(3, url=URL))
    first = (await open_client.post("/api/videos/3/download")).json()
    again = (await open_client.post("/api/videos/bulk/download", json={"video_ids": [3, "3", 9]})).json()
    assert [one.get("download_id") for one in again["results"]] == [first["download_id"]] * 2 + [None]
    found = await stored(open_client, Job, first["download_id"])
    assert (found.payload["url"], found.payload["artist"], found.executor) == (URL, "Nova Kestrel", "celery")
    assert (await stored(open_client, Download, found.download_id)).status == "pending"
    assert (await stored(open_client, Video, 3)).status is VideoStatus.DOWNLOADING


async def test_stopping_and_trying_again_tells_every_row(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(3, url=URL))
    number = (await open_client.post("/api/videos/3/download")).json()["download_id"]
    for _ in range(2):
        stopped = await open_client.post(f"/api/metube/download/{number}/stop")
        assert stopped.json() == {"success": True, "message": f"Download {number} stopped"}
    assert (await stored(open_client, Video, 3)).status is VideoStatus.WANTED
    assert (await stored(open_client, Download, 1)).status == "stopped"
    again = await open_client.post(f"/api/metube/download/{number}/retry")
    assert (again.status_code, again.json()["id"]) == (200, number)
    assert (await stored(open_client, Video, 3)).status is VideoStatus.DOWNLOADING
    refused = await open_client.post(f"/api/metube/download/{number}/retry")
    assert (refused.status_code, refused.json()["success"]) == (400, False)


async def test_a_retry_beside_the_same_film_is_a_conflict(open_client: Client, rows: Rows) -> None:
    rows(job(1, State.FAILED, subject="url x"), job(2, State.QUEUED, subject="url x", active_key="download url x"))
    refused = await open_client.post("/api/metube/download/1/retry")
    assert (refused.status_code, refused.json()["success"]) == (409, False)


async def test_only_what_got_no_byte_for_minutes_is_stuck(open_client: Client, rows: Rows) -> None:
    long_ago = now() - timedelta(minutes=11)
    rows(job(1, State.RUNNING, started_at=long_ago), job(2, State.RUNNING, started_at=now()))
    rows(
        job(3, State.RUNNING, started_at=long_ago, bytes_done=5),
        job(4, State.RUNNING, started_at=long_ago, percent=0.0),
    )
    assert (await open_client.post("/api/metube/clear-stuck", json={})).json()["cleared_count"] == 2
    asked = [(await stored(open_client, Job, number)).cancel_requested for number in (1, 2, 3, 4)]
    assert asked == [True, False, False, True]
    assert (await open_client.post("/api/metube/clear-stuck", json={})).json()["cleared_count"] == 0


async def test_a_film_that_is_there_is_not_fetched_again(open_client: Client, rows: Rows) -> None:
    film = open_client.config.data_dir / "musicvideos" / "a.mp4"
    film.parent.mkdir()
    film.write_bytes(b"film")
    there: dict[str, Any] = {"status": VideoStatus.DOWNLOADED, "local_path": "data/musicvideos/a.mp4"}
    rows(
        artist(), video(1, url=URL, **there), video(2, url=URL, **{**there, "local_path": "data/musicvideos/gone.mp4"})
    )
    refused = await open_client.post("/api/videos/1/download")
    assert (refused.status_code, refused.json()["success"]) == (400, False)
    assert (await open_client.post("/api/videos/2/download")).status_code == 200


async def test_what_is_wanted_is_handed_in_oldest_first(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, f"Film {number}", youtube_id="abc") for number in (1, 2, 3)))
    some = (await open_client.post("/api/videos/bulk/download-wanted", json={"limit": 2})).json()
    assert ([one["video_id"] for one in some["results"]], some["total_wanted"]) == ([1, 2], 2)
    assert (await stored(open_client, Job, 1)).payload["url"] == "https://www.youtube.com/watch?v=abc"
    rest = (await open_client.post("/api/videos/bulk/download-wanted", json={})).json()
    assert [one["video_id"] for one in rest["results"]] == [3]
    none = (await open_client.post("/api/videos/bulk/download-wanted", json={})).json()
    assert none == {
        "success": True,
        "message": "No wanted videos found",
        "success_count": 0,
        "failed_count": 0,
        "results": [],
    }


async def test_the_priority_of_a_row_is_that_of_its_job(open_client: Client, rows: Rows) -> None:
    rows(artist(), Download(id=7, artist_id=1, title="d", original_url="u", priority=10, status="pending"))
    rows(job(1, State.QUEUED, download_id=7))
    answer = (await open_client.put("/api/videos/downloads/7/priority", json={"priority": 2})).json()
    assert answer["message"] == "Priority updated from Deferred to Very High"
    assert ((await stored(open_client, Job, 1)).priority, (await stored(open_client, Download, 7)).priority) == (2, 2)


async def test_rows_without_anything_are_listed(open_client: Client, rows: Rows) -> None:
    rows(artist(), Download(id=1, artist_id=1, title="d", original_url="u"))
    columns = ("priority", "status", "created_at", "updated_at", "progress")
    async with open_client.state["database"].writing() as session:
        await session.execute(update(Download).values(dict.fromkeys(columns)))
    listed = (await open_client.get("/api/videos/downloads/queue")).json()
    assert (listed["queue"][0]["priority_label"], listed["queue"][0]["created_at"]) == ("Unknown", None)
    assert listed["statistics"]["by_status"] == listed["statistics"]["by_priority"] == {}


async def test_cookies_are_kept_for_our_eyes_only(open_client: Client) -> None:
    path = open_client.config.data_dir / "cookies" / "youtube_cookies.txt"

    async def upload(content: bytes, name: str = "c.txt") -> int:
        answer = await open_client.post("/api/metube/cookies/upload", files={"file": (name, content)})
        return answer.status_code

    assert await upload(COOKIE.encode()) == 200
    assert (path.read_text(), path.stat().st_mode & 0o777) == (COOKIE, 0o600)
    bad = (b"", b"<html>\tTRUE</html>", b"\xff\xfe", COOKIE.encode() + b"a\tb\n", b"# only a comment")
    assert [await upload(content) for content in bad] == [400] * len(bad)
    assert (await upload(COOKIE.encode(), "c.exe"), await upload(b"#" * (2**21 + 1))) == (400, 413)
    assert path.read_text() == COOKIE
    for target in ("/api/metube/cookies/status", "/api/metube/health"):
        told = await open_client.get(target)
        assert (told.status_code, "secret-value" in told.text, "true" in told.text) == (200, False, True)
    assert (await open_client.delete("/api/metube/cookies/delete")).json()["message"] == "Cookies deleted successfully"
    assert [one.name for one in path.parent.iterdir()] == []


def test_a_version_has_the_zeros_that_packages_leave_out() -> None:
    assert rules.dotted("2026.3.7") == "2026.03.07"
