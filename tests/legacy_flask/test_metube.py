"""Downloads as rows, in 0.9's shapes: who sees them, what is refused, what other rows say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.models import Download, Job, User, UserRole, Video, VideoStatus, now
from tests.legacy_flask.library import Library, artist, make_library, statements, video

URL = "https://films.example.org/a.mp4"
COOKIE = b".youtube.com\tTRUE\t/\tTRUE\t2000000000\tSID\tsecret-value\n"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library whose downloads are rows and nothing else."""
    with make_library(tmp_path, runs_downloads=False) as made:
        yield made


def job(row_id: int, state: str, **columns: Any) -> Job:
    ended = state in ("completed", "failed", "cancelled")
    given: dict[str, Any] = {
        "kind": "download",
        "subject": f"url {row_id}",
        "active_key": None if ended else f"download url {row_id}",
        "queue": "downloads",
        "state": state,
        "executor": "legacy",
        "payload": {"artist": "Nova: Kestrel", "title": f"Film {row_id}", "url": URL},
        "finished_at": now() if ended else None,
    }
    return Job(**{"id": row_id, **given, **columns})


def post(library: Library, path: str, body: Any = None, method: str = "POST") -> tuple[int, dict[str, Any]]:
    answer = library.client().open(f"/api/{path}", method=method, json=body)
    return answer.status_code, answer.json or {}


def test_a_queue_costs_two_queries_however_long_it_is(library: Library) -> None:
    library.add(*(job(number, "queued") for number in range(1, 31)))
    client = library.client()
    with statements(library.app.extensions["mvidarr_database"].engine) as seen:
        assert len((client.get("/api/metube/queue").json or {})["queue"]) == 30
    assert len([one for one in seen if "FROM jobs" in one or "music_videos_path" in one]) <= 2
    assert len(seen) == 5, seen  # the beginning, and the gate twice


def test_users_see_their_own_and_nobodys(library: Library) -> None:
    library.close_gate()
    anna = library.log_in(UserRole.USER)
    boss = library.log_in(UserRole.MANAGER)
    with library.writing() as session:
        owner = session.query(User.id).filter_by(username="user").one()[0]
        other = session.query(User.id).filter_by(username="manager").one()[0]
    library.add(job(1, "queued", user_id=owner), job(2, "queued", user_id=other), job(3, "queued"))
    assert [one["id"] for one in (anna.get("/api/metube/queue").json or {})["queue"]] == [1, 3]
    assert [one["id"] for one in (boss.get("/api/metube/queue").json or {})["queue"]] == [1, 2, 3]
    assert anna.post("/api/metube/download/2/stop").status_code == 400
    assert anna.post("/api/videos/1/download").status_code == 404
    assert anna.post("/api/metube/cookies/upload").status_code == 403
    assert library.log_in(UserRole.READONLY).post("/api/metube/download/3/stop").status_code == 403


def test_stopping_and_trying_again_tells_every_row(library: Library) -> None:
    library.add(artist(1), video(1, url=URL, status=VideoStatus.WANTED))
    assert [post(library, "videos/1/download")[1]["download_id"] for _ in range(2)] == [1, 1]
    assert library.one(Video, 1).status is VideoStatus.DOWNLOADING
    assert post(library, "metube/download/1/stop")[0] == 200
    assert (library.one(Video, 1).status, library.one(Download, 1).status) == (VideoStatus.WANTED, "stopped")
    assert post(library, "metube/download/1/retry")[1]["id"] == 1
    assert (library.one(Video, 1).status, library.one(Download, 1).status) == (VideoStatus.DOWNLOADING, "pending")
    assert post(library, "metube/download/1/retry")[0] == 400
    assert (library.count(Job), library.count(Download)) == (1, 1)


def test_a_retry_beside_the_same_film_is_a_conflict(library: Library) -> None:
    library.add(job(1, "failed", subject="url x"), job(2, "queued", subject="url x", active_key="download url x"))
    status, body = post(library, "metube/download/1/retry")
    assert (status, body["success"], library.one(Job, 1).state) == (409, False, "failed")


def test_what_is_stuck_is_stopped_and_the_dead_at_once(library: Library) -> None:
    before = now() - timedelta(minutes=11)
    library.add(job(1, "running", started_at=before, heartbeat_at=before))
    library.add(job(2, "running", started_at=before, heartbeat_at=now()))
    library.add(job(3, "running", started_at=before, heartbeat_at=now(), bytes_done=1))
    assert post(library, "metube/clear-stuck", {})[1]["cleared_count"] == 2
    found = [library.one(Job, number) for number in (1, 2, 3)]
    assert [(one.state, one.cancel_requested) for one in found] == [
        ("cancelled", True),
        ("running", True),
        ("running", False),
    ]


def test_ids_are_answered_as_they_were_sent(library: Library) -> None:
    library.add(artist(1), video(1, url=URL), video(2, url=URL))
    sent: list[Any] = [2, "1", 999, True, None, 2]
    body = post(library, "videos/bulk/download", {"video_ids": sent})[1]
    assert [one["video_id"] for one in body["results"]] == sent
    assert [one.get("download_id") for one in body["results"]] == [1, 2, None, None, None, 1]
    assert body["message"] == "Bulk download completed: 3 success, 3 failed"


def test_bad_bodies_change_nothing(library: Library) -> None:
    whole = {"artist": "a", "title": "b", "url": URL}
    changes: tuple[dict[str, Any], ...] = (
        {"url": "file:///etc/passwd"},
        {"artist": " "},
        {"title": None},
        {"video_id": "x"},
        {"quality": []},
    )
    for change in changes:
        status, body = post(library, "metube/download/music-video", {**whole, **change})
        assert (status, body["success"]) == (400, False), change
    assert post(library, "metube/download/music-video", {**whole, "video_id": 9})[0] == 404
    for minutes in ("x", -1, True, 1.5, None):
        assert post(library, "metube/clear-stuck", {"minutes": minutes})[0] == 400
    for limit in ("x", -1, True, 1.5, None):
        assert post(library, "videos/bulk/download-wanted", {"limit": limit})[0] == 400
    assert (library.count(Job), library.count(Download)) == (0, 0)


def test_cookies_are_kept_for_our_eyes_only(library: Library) -> None:
    path = library.data / "cookies" / "youtube_cookies.txt"

    def upload(content: bytes, name: str = "c.txt") -> int:
        head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        form: dict[str, Any] = {
            "data": head + content + b"\r\n--b--\r\n",
            "content_type": "multipart/form-data; boundary=b",
        }
        return library.client().post("/api/metube/cookies/upload", **form).status_code

    assert upload(COOKIE) == 200
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (COOKIE, 0o600)
    bad = (b"", b"<html>\tTRUE</html>", b"\xff\xfe", COOKIE + b"a\tb\n", b"# only a comment")
    assert [upload(content) for content in bad] == [400] * len(bad)
    assert (upload(COOKIE, "c.exe"), upload(b"#" * (2**21 + 1))) == (400, 413)
    assert path.read_bytes() == COOKIE
    assert "secret-value" not in library.client().get("/api/metube/cookies/status").text
    assert post(library, "metube/cookies/delete", method="DELETE")[1]["message"] == "Cookies deleted successfully"
    assert list(path.parent.iterdir()) == []
