"""Looking at playlists: nothing twice, nothing lost half way, nothing held while YouTube is waited for."""

from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from anyio import to_thread
from pydantic import TypeAdapter
from sqlalchemy import select

from fastapi_app.config import Config
from fastapi_app.models import Artist, Download, Job, PlaylistMonitor, Setting, Video, VideoStatus
from fastapi_app.monitors.sync import schemas
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, video
from tests.fastapi_app.test_monitors import monitor
from tests.servers.youtube import KEY, FakeYouTube, Reply, fake_youtube, film, refusal

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

BASE = "/api/youtube/playlists"
NO_KEY = "YouTube API key not configured. Please set youtube_api_key in settings."
NO_ANSWER = "YouTube did not answer, try again later"
URL = "https://www.youtube.com/playlist?list=PLone"


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with fake_youtube() as server:
        yield server


@pytest.fixture
def config(config: Config, fake: FakeYouTube) -> Config:
    return config.model_copy(update={"youtube_url": fake.url})


@pytest.fixture
def with_key(rows: Rows) -> None:
    rows(Setting(id=9, key="youtube_api_key", value=f" {KEY} "))


def number(place: int) -> str:
    return f"{place:011}"


def songs(count: int, start: int = 1) -> list[dict[str, Any]]:
    return [film(number(place), f"Nova Kestrel - Song {place}") for place in range(start, start + count)]


async def stored(client: Client, model: type[Any] = Video) -> list[Any]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


@pytest.mark.usefixtures("with_key")
async def test_a_watched_playlist_brings_its_videos_once(open_client: Client, rows: Rows, fake: FakeYouTube) -> None:
    rows(artist())
    fake.playlists["PLone"] = [*songs(1), film("abcdefghijk", "Glass Harbor", "Björk - Topic")]
    body = {"playlist_url": URL, "auto_download": False, "keywords": None}
    answer = (await open_client.post(f"{BASE}/", json=body)).json()
    TypeAdapter(schemas.Watched).validate_python(answer, strict=True)
    counted = {"total_videos": 2, "new_videos": 2, "updated_videos": 0, "downloaded_videos": 0, "errors": []}
    assert (answer["success"], answer["sync_results"]) == (True, counted)
    (watched,) = await stored(open_client, PlaylistMonitor)
    assert (watched.name, watched.channel_title, watched.quality, watched.keywords) == (
        "List PLone",
        "Curator",
        "720p",
        None,
    )
    assert watched.last_check is not None
    first, second = await stored(open_client)
    assert (first.artist_id, first.status, first.source) == (1, VideoStatus.MONITORED, "youtube_playlist")
    assert (first.duration, first.view_count, first.year, first.playlist_position) == (187, 2**31 - 1, 2011, 0)
    assert first.url == first.youtube_url == f"https://www.youtube.com/watch?v={number(1)}"
    assert first.thumbnail_url == f"https://i.example/{number(1)}/high.jpg"
    made = (await stored(open_client, Artist))[1]
    assert (second.artist_id, made.name, made.monitored, made.source) == (2, "Björk", False, "youtube_playlist")
    again = (await open_client.post(f"{BASE}/{watched.id}/sync")).json()
    TypeAdapter(schemas.OneSync).validate_python(again, strict=True)
    assert again["results"] == {**counted, "new_videos": 0}
    assert len(await stored(open_client)) == 2
    assert {call.headers["x-goog-api-key"] for call in fake.calls} == {KEY}
    assert not any("key" in call.query for call in fake.calls)


@pytest.mark.usefixtures("with_key")
async def test_new_videos_are_downloaded_where_the_playlist_says_so(
    open_client: Client, rows: Rows, fake: FakeYouTube
) -> None:
    rows(monitor(auto_download=True, quality="480p"))
    fake.playlists["PLone"] = songs(2)
    results = (await open_client.post(f"{BASE}/1/sync")).json()["results"]
    assert (results["new_videos"], results["downloaded_videos"]) == (2, 2)
    jobs = await stored(open_client, Job)
    assert [(job.kind, job.subject, job.payload["quality"]) for job in jobs] == [
        ("download", "video 1", "480p"),
        ("download", "video 2", "480p"),
    ]
    assert [row.video_id for row in await stored(open_client, Download)] == [1, 2]
    await open_client.post(f"{BASE}/1/sync")
    assert len(await stored(open_client, Job)) == 2


@pytest.mark.usefixtures("with_key")
async def test_what_the_library_has_stays_as_it_is(open_client: Client, rows: Rows, fake: FakeYouTube) -> None:
    """Only the playlist's own videos move with it; others would go with it when it is deleted."""
    rows(artist(), monitor(auto_download=False))
    rows(
        video(1, "own", youtube_id=number(1), playlist_id="PLone", playlist_position=7),
        video(2, "by address", url=f"https://www.youtube.com/watch?v={number(2)}"),
        video(3, "by id", youtube_id="abcdefghijk"),
    )
    fake.playlists["PLone"] = [*songs(2), film("abcdefghijk", "A - B"), film("ABCDEFGHIJK", "A - in capitals")]
    results = (await open_client.post(f"{BASE}/1/sync")).json()["results"]
    assert results == {
        "total_videos": 4,
        "new_videos": 1,
        "updated_videos": 1,
        "downloaded_videos": 0,
        "errors": [],
    }
    places = [(row.youtube_id, row.playlist_id, row.playlist_position) for row in await stored(open_client)]
    assert places == [
        (number(1), "PLone", 0),
        (None, None, None),
        ("abcdefghijk", None, None),
        ("ABCDEFGHIJK", "PLone", 3),
    ]


@pytest.mark.usefixtures("with_key")
async def test_keywords_choose_and_hidden_videos_are_left_out(
    open_client: Client, rows: Rows, fake: FakeYouTube
) -> None:
    rows(monitor(auto_download=False, keywords='["björk", " "]'))
    fake.playlists["PLone"] = [*songs(1), film("aaaaaaaaaaa", "BJORK - Yes"), film("bbbbbbbbbbb", "Björk - No", gone=1)]
    results = (await open_client.post(f"{BASE}/1/sync")).json()["results"]
    assert (results["total_videos"], results["new_videos"]) == (3, 1)
    assert [row.title for row in await stored(open_client)] == ["BJORK - Yes"]


@pytest.mark.usefixtures("with_key")
async def test_what_was_stored_stays_when_youtube_breaks_off(
    open_client: Client, rows: Rows, fake: FakeYouTube
) -> None:
    rows(monitor(auto_download=False))
    fake.playlists["PLone"] = songs(70)
    fake.answer = lambda call: refusal(403, "quotaExceeded") if len(fake.asked_for("/videos")) == 2 else None
    answer = await open_client.post(f"{BASE}/1/sync")
    assert (answer.status_code, answer.json()) == (503, {"error": "YouTube asks for fewer requests, try again later"})
    assert (answer.headers["retry-after"], len(await stored(open_client))) == ("600", 50)
    assert (await stored(open_client, PlaylistMonitor))[0].last_check is None
    fake.answer = lambda _call: None
    assert (await open_client.post(f"{BASE}/1/sync")).json()["results"]["new_videos"] == 20
    assert len(fake.asked_for("/playlistItems")) == 4


@pytest.mark.usefixtures("with_key")
async def test_two_playlists_at_once_store_a_video_once(open_client: Client, rows: Rows, fake: FakeYouTube) -> None:
    rows(monitor(auto_download=False), monitor(2, "PLtwo", auto_download=False))
    fake.playlists |= {"PLone": songs(9), "PLtwo": songs(9)}
    answers: list[Any] = []

    async def look(path: str) -> None:
        answers.append(await open_client.post(f"{BASE}/{path}"))

    async with anyio.create_task_group() as group:
        for path in ("1/sync", "2/sync", "sync-all", "1/sync"):
            group.start_soon(look, path)
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(row.youtube_id for row in await stored(open_client)) == [number(place) for place in range(1, 10)]
    assert len(await stored(open_client, Artist)) == 1


@pytest.mark.usefixtures("with_key")
async def test_nothing_is_held_while_youtube_is_waited_for(open_client: Client, rows: Rows, fake: FakeYouTube) -> None:
    rows(monitor())
    fake.answer = fake.hold
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: open_client.post(f"{BASE}/1/sync"))
        assert await to_thread.run_sync(fake.waiting.wait, 10)
        assert open_client.state["database"].engine.sync_engine.pool.checkedout() == 0
        with anyio.fail_after(5):  # SQLite has one writer
            assert (await open_client.put("/api/settings/note", json={"value": "x"})).status_code == 200
        fake.release()


@pytest.mark.usefixtures("with_key")
async def test_a_playlist_is_watched_once(open_client: Client, fake: FakeYouTube) -> None:
    fake.playlists["PLone"] = []
    first, second = [await open_client.post(f"{BASE}/", json={"playlist_url": URL}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 409)
    watched = "Playlist is already being monitored"
    assert second.json() == {"error": watched, "message": watched, "success": False, "monitor_id": 1}
    assert len(fake.asked_for("/playlists")) == 1


@pytest.mark.usefixtures("with_key")
async def test_a_first_look_that_fails_is_told_and_the_playlist_stays_watched(
    open_client: Client, fake: FakeYouTube
) -> None:
    fake.playlists["PLone"] = []
    fake.answer = lambda call: refusal(403, "keyInvalid") if call.path == "/playlistItems" else None
    answer = await open_client.post(f"{BASE}/", json={"playlist_url": URL, "name": "Mine"})
    assert (answer.status_code, answer.json()["sync_results"]["errors"]) == (
        200,
        ["YouTube refuses the key in the settings"],
    )
    assert [row.name for row in await stored(open_client, PlaylistMonitor)] == ["Mine"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ([], "The body must be a JSON object"),
        ({}, "playlist_url is required"),
        ({"playlist_url": ""}, "playlist_url is required"),
        ({"playlist_url": 5}, "playlist_url must be text"),
        ({"playlist_url": URL + "x" * 500}, "playlist_url must be text of at most 500 characters"),
        ({"playlist_url": URL, "name": "x" * 256}, "name must be text of at most 255 characters"),
        ({"playlist_url": URL, "auto_download": "yes"}, "auto_download must be true or false"),
        ({"playlist_url": URL, "quality": "x" * 51}, "quality must be text of at most 50 characters"),
        ({"playlist_url": URL, "keywords": "a"}, "keywords must be a list of texts"),
        ({"playlist_url": "nope"}, "Invalid YouTube playlist URL"),
        ({"playlist_url": "https://www.youtube.com/watch?list=a/../b"}, "Invalid YouTube playlist URL"),
    ],
)
@pytest.mark.usefixtures("with_key")
async def test_what_can_not_be_watched_is_named(
    open_client: Client, fake: FakeYouTube, body: object, error: str
) -> None:
    answer = await open_client.post(f"{BASE}/", **as_json(body))
    assert (answer.status_code, answer.json(), fake.calls) == (400, {"error": error}, [])


@pytest.mark.usefixtures("with_key")
async def test_a_private_playlist_is_not_found(open_client: Client, rows: Rows) -> None:
    rows(monitor())
    hidden = {"error": "Playlist not found or private"}
    for answer in (
        await open_client.post(f"{BASE}/", json={"playlist_url": f"{URL}-private"}),
        await open_client.post(f"{BASE}/1/sync"),
    ):
        assert (answer.status_code, answer.json()) == (404, hidden)


@pytest.mark.parametrize("value", [None, "", "  "])
async def test_without_a_key_nobody_is_asked(
    open_client: Client, rows: Rows, fake: FakeYouTube, value: str | None
) -> None:
    rows(monitor(), Setting(id=9, key="youtube_api_key", value=value))
    for path, more in (("/", {}), ("/1/sync", {}), ("/sync", {"success": False})):
        answer = await open_client.post(f"{BASE}{path}", json={"playlist_url": "nope"})
        assert (answer.status_code, answer.json()) == (400, {"error": NO_KEY, **more})
    results = (await open_client.post(f"{BASE}/sync-all")).json()["results"]
    assert (results["synced_playlists"], results["errors"]) == (0, [f"List 1: {NO_KEY}"])
    assert fake.calls == []


@pytest.mark.parametrize("number", ["9", "0", "9" * 30])
async def test_an_unknown_playlist_is_not_found(open_client: Client, number: str) -> None:
    answer = await open_client.post(f"{BASE}/{number}/sync")
    assert (answer.status_code, answer.json()) == (404, {"error": "Playlist monitor not found"})


@pytest.mark.usefixtures("with_key")
async def test_one_bad_playlist_spoils_no_other(open_client: Client, rows: Rows, fake: FakeYouTube) -> None:
    rows(*(monitor(place, f"PL{place}", auto_download=False) for place in (1, 2, 3)))
    fake.playlists |= {"PL1": songs(2), "PL3": songs(3, 10)}
    answer = (await open_client.post(f"{BASE}/sync-all")).json()
    TypeAdapter(schemas.AllSynced).validate_python(answer, strict=True)
    assert answer == {
        "success": True,
        "message": "Synced 2 of 3 playlists, 5 new videos",
        "results": {
            "total_playlists": 3,
            "synced_playlists": 2,
            "total_new_videos": 5,
            "total_downloads": 0,
            "errors": ["List 2: Playlist not found or private"],
        },
    }
    flat = (await open_client.post(f"{BASE}/sync")).json()
    assert flat == {
        "success": True,
        "synced_count": 2,
        "new_videos": 0,
        "message": "Synced 2 of 3 playlists, 0 new videos; List 2: Playlist not found or private",
    }


@pytest.mark.usefixtures("with_key")
async def test_youtube_that_is_away_is_given_up(open_client: Client, rows: Rows, fake: FakeYouTube) -> None:
    rows(*(monitor(place, f"PL{place}") for place in range(1, 6)))
    fake.answer = lambda _call: Reply(401)
    flat = (await open_client.post(f"{BASE}/sync")).json()
    assert (flat["success"], flat["synced_count"], len(fake.calls)) == (False, 0, 3)
