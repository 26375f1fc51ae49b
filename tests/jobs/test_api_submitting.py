"""Handing in jobs: one row for one subject, no ticket before its row is there, and nothing odd gets in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from fastapi_app.jobs.catalogue import KINDS
from fastapi_app.jobs.submission import submit
from fastapi_app.models import Download, Job, UserRole, Video, VideoStatus
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, log_in, user, video
from tests.fastapi_app.stored import everything, one
from tests.jobs.work_rows import Recording

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

JOBS = "/api/jobs"
FILM = {"kind": "download", "url": "https://films.example.org/watch?v=AbC"}
NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"kind": None}, "kind"),
    ({"kind": "auto-download"}, "kind"),
    ({"kind": ["download"]}, "kind"),
    ({"kind": {}}, "kind"),
    ({"priority": 0}, "priority"),
    ({"priority": 11}, "priority"),
    ({"priority": "5"}, "priority"),
    ({"priority": True}, "priority"),
    ({"priority": None}, "priority"),
    ({"priority": 1.5}, "priority"),
    ({"url": 7}, "url"),
    ({"url": ""}, "url"),
    ({"url": None}, "url"),
    ({"url": "films.example.org"}, "url"),
    ({"url": "file:///etc/passwd"}, "url"),
    ({"url": "http://[::1"}, "url"),
    ({"url": "https://x.example.org/" + "a" * 2000}, "url"),
    ({"url": "https://x.example.org/\0"}, "url"),
    ({"url": "https://x.example.org/\ud800"}, "url"),
    ({"video_id": 0}, "video_id"),
    ({"video_id": "1"}, "video_id"),
    ({"video_id": True}, "video_id"),
    ({"video_id": 2**31}, "video_id"),
    ({"video_id": [1]}, "video_id"),
    ({"title": 5}, "title"),
    ({"title": "a" * 501}, "title"),
    ({"title": "\0"}, "title"),
    ({"artist": "a" * 256}, "artist"),
    ({"quality": []}, "quality"),
    ({"subtitles": "maybe"}, "subtitles"),
    ({"subtitle_languages": "en"}, "subtitle_languages"),
    ({"subtitle_languages": ["../x"]}, "subtitle_languages"),
    ({"surprise": 1}, "surprise"),
    ({"": 1}, ""),
    ({"user_id": 2}, "user_id"),
]
"""Changes to a good body, and how the refusal begins."""
NO_JOBS: list[Any] = [None, [], "text", 7, {}]


@pytest.fixture
async def anna(client: Client, rows: Rows) -> Client:
    """A user, 1, in a library of two videos; what is dispatched is kept in `client.state["jobs"]`."""
    rows(user(1, "anna"), user(2, "berta"), user(3, "reader", UserRole.READONLY), artist(), video(1), video(2))
    client.state["jobs"] = Recording()
    await log_in(client, "anna")
    return client


async def test_a_job_is_a_row_and_a_place_to_look_at_it(anna: Client) -> None:
    answer = await anna.post(JOBS, json={**FILM, "title": "Glass Harbor", "priority": 2})
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert told["created"] is True
    assert answer.headers["location"] == f"/api/jobs/{told['job']['job_id']}"
    shown = (await anna.get(answer.headers["location"])).json()
    assert shown == told["job"]
    expected = {"kind": "download", "state": "queued", "queue": "downloads", "priority": 2, "user_id": 1}
    assert {name: shown[name] for name in expected} == expected
    assert (shown["title"], shown["attempts"], shown["percent"], shown["position"]) == (
        "Glass Harbor",
        0,
        None,
        shown["job_id"],
    )


async def test_a_job_of_a_video_takes_its_names_from_the_row(anna: Client) -> None:
    shown = (await anna.post(JOBS, json={"kind": "download", "video_id": 1})).json()["job"]
    assert (shown["subject"], shown["title"], shown["artist"]) == ("video 1", "Glass Harbor", "Nova Kestrel")
    stored = await one(anna, Job, shown["job_id"])
    assert stored.download_id is not None
    assert (await one(anna, Download, stored.download_id)).status == "pending"
    assert (await one(anna, Video, 1)).status is VideoStatus.DOWNLOADING


@pytest.mark.parametrize("kind", ["playlist-download", "info"])
async def test_the_other_kinds_want_an_address(anna: Client, kind: str) -> None:
    shown = (await anna.post(JOBS, json={**FILM, "kind": kind})).json()["job"]
    assert (shown["kind"], shown["queue"]) == (kind, "metadata")
    assert "AbC" not in shown["subject"]


async def test_no_ticket_is_published_before_the_commit(anna: Client) -> None:
    order: list[str] = []
    anna.state["jobs"] = Recording(order)
    dialect = anna.state["database"].engine.sync_engine.dialect
    commit = dialect.do_commit

    def note_commit(connection: Any) -> None:
        order.append("commit begins")
        commit(connection)
        order.append("committed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "do_commit", note_commit)
        made = (await anna.post(JOBS, json=FILM)).json()["job"]["job_id"]
    assert order == ["commit begins", "committed", f"event {made} queued", "ticket downloads"]


async def test_a_commit_that_fails_publishes_nothing(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_connection: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("the disk is full"))

    monkeypatch.setattr(anna.state["database"].engine.sync_engine.dialect, "do_commit", refuse)
    assert (await anna.post(JOBS, json=FILM)).status_code == 503
    monkeypatch.undo()
    assert anna.state["jobs"].order == []
    assert await everything(anna, Job) == []


async def test_the_same_again_is_the_job_under_way(anna: Client) -> None:
    first = (await anna.post(JOBS, json={"kind": "download", "video_id": 1})).json()["job"]
    answer = await anna.post(JOBS, json={"kind": "download", "video_id": 1, "priority": 1})
    assert answer.status_code == 200
    assert (answer.json()["created"], answer.json()["job"]) == (False, first)
    assert answer.headers["location"] == f"/api/jobs/{first['job_id']}"
    assert anna.state["jobs"].order.count("ticket downloads") == 1
    other = await anna.post(JOBS, json={**FILM, "url": FILM["url"].lower()})
    assert (await anna.post(JOBS, json=FILM)).json()["job"]["job_id"] != other.json()["job"]["job_id"]


async def test_what_somebody_else_has_under_way_is_a_conflict_that_tells_nothing(anna: Client) -> None:
    await anna.post(JOBS, json=FILM)
    await log_in(anna, "berta")
    answer = await anna.post(JOBS, json=FILM)
    assert (answer.status_code, answer.json()) == (409, {"error": "Somebody else's job does this already"})


async def test_what_makes_no_sense_is_refused_by_name(anna: Client) -> None:
    for change, names in NONSENSE:
        answer = await anna.post(JOBS, **as_json({**FILM, **change}))
        assert (answer.status_code, answer.json()["error"][: len(names)]) == (400, names), (change, answer.text)
    for body in NO_JOBS:
        assert (await anna.post(JOBS, **as_json(body))).status_code == 400
    assert await everything(anna, Job) == []


async def test_bodies_that_can_not_be_read(anna: Client) -> None:
    assert (await anna.post(JOBS, content=json.dumps(FILM))).status_code == 415
    assert (await anna.post(JOBS, content="{", headers={"content-type": "application/json"})).status_code == 400
    deep = "[" * 5000 + "]" * 5000
    odd = f'{{"kind":"info","url":"https://x.example.org/","title":{deep}}}'
    assert (await anna.post(JOBS, content=odd, headers={"content-type": "application/json"})).status_code == 400


async def test_a_video_that_nobody_has_is_404(anna: Client) -> None:
    answer = await anna.post(JOBS, json={"kind": "download", "video_id": 99})
    assert (answer.status_code, answer.json()) == (404, {"error": "Video not found"})


async def test_who_may_not_hand_in(anna: Client) -> None:
    foreign = {"origin": "https://evil.example.com", "sec-fetch-site": "cross-site"}
    assert (await anna.post(JOBS, json=FILM, headers=foreign)).status_code == 403
    await log_in(anna, "reader")
    assert (await anna.post(JOBS, json=FILM)).status_code == 403
    anna.cookies.clear()
    assert (await anna.post(JOBS, json=FILM)).status_code == 401
    assert await everything(anna, Job) == []


async def test_what_handing_in_answers_is_the_row_as_anybody_reads_it(anna: Client) -> None:
    async with anna.state["database"].writing() as session:
        made = await session.run_sync(submit, KINDS["info"], "a film", {"url": FILM["url"]}, user_id=1)
        assert made.job in session
        assert not session.dirty
    stored = await one(anna, Job, made.job.id)
    columns = Job.__table__.columns.keys()
    assert {name: getattr(made.job, name) for name in columns} == {name: getattr(stored, name) for name in columns}


async def test_few_statements_make_a_job(anna: Client) -> None:
    """Ten milliseconds are a few statements, not a few dozen."""
    await anna.post(JOBS, json={**FILM, "kind": "info"})
    anna.queries.clear()
    assert (await anna.post(JOBS, json=FILM)).status_code == 202
    assert len(anna.queries) <= 7, anna.queries
