"""Looking at playlists: nothing twice, nothing lost half way, every failure told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.models import Artist, Base, Job, PlaylistMonitor, Setting, Video, VideoStatus
from legacy_flask import database
from legacy_flask.front_door import build_legacy
from legacy_flask.youtube import YouTube, YouTubeFailed
from tests.legacy_flask.library import CREATED, Library, artist, make_library, video
from tests.servers.mariadb import start_mariadb
from tests.servers.youtube import KEY, FakeYouTube, Reply, fake_youtube, film, refusal

BASE = "/api/youtube/playlists"
URL = "https://www.youtube.com/playlist?list=PL1"
NO_KEY = "YouTube API key not configured. Please set youtube_api_key in settings."


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with fake_youtube() as server:
        yield server


@pytest.fixture
def library(tmp_path: Path, fake: FakeYouTube) -> Iterator[Library]:
    """With a key, and with YouTube at hand; no film is fetched."""
    with make_library(tmp_path, youtube_url=fake.url, runs_downloads=False) as made:
        made.add(Setting(key="youtube_api_key", value=f" {KEY} "))
        yield made


def monitor(row_id: int = 1, **columns: Any) -> PlaylistMonitor:
    given = {"id": row_id, "playlist_id": f"PL{row_id}", "playlist_url": "u", "name": f"List {row_id}"}
    return PlaylistMonitor(**{**given, "created_at": CREATED, "auto_download": False, **columns})


def number(place: int) -> str:
    return f"{place:011}"


def songs(count: int, start: int = 1) -> list[dict[str, Any]]:
    return [film(number(place), f"Nova Kestrel - Song {place}") for place in range(start, start + count)]


def rows(library: Library, model: type[Any] = Video) -> list[Any]:
    with Session(library.engine) as session:
        return session.query(model).order_by(model.id).all()


def test_a_watched_playlist_brings_its_videos_once(library: Library, fake: FakeYouTube) -> None:
    library.add(artist(1))
    fake.playlists["PL1"] = [*songs(1), film("abcdefghijk", "Glass Harbor", "Björk - Topic")]
    answer = library.client().post(f"{BASE}/", json={"playlist_url": URL, "auto_download": False})
    counted = {"total_videos": 2, "new_videos": 2, "updated_videos": 0, "downloaded_videos": 0, "errors": []}
    assert (answer.status_code, answer.json and answer.json["sync_results"]) == (200, counted)
    watched = library.one(PlaylistMonitor, 1)
    assert (watched.name, watched.channel_title, watched.keywords) == ("List PL1", "Curator", None)
    assert watched.last_check is not None
    first, second = rows(library)
    assert (first.artist_id, first.status, first.duration) == (1, VideoStatus.MONITORED, 187)
    assert (second.artist_id, library.one(Artist, 2).name, library.one(Artist, 2).monitored) == (2, "Björk", False)
    again = library.client().post(f"{BASE}/1/sync").json
    assert again is not None
    assert again["results"] == {**counted, "new_videos": 0}
    assert (library.count(Video), {call.headers["x-goog-api-key"] for call in fake.calls}) == (2, {KEY})
    second_time = library.client().post(f"{BASE}/", json={"playlist_url": URL})
    assert (second_time.status_code, second_time.json and second_time.json["monitor_id"]) == (409, 1)


def test_new_videos_are_downloaded_where_the_playlist_says_so(library: Library, fake: FakeYouTube) -> None:
    library.add(monitor(auto_download=True, quality="480p"))
    fake.playlists["PL1"] = songs(2)
    for _ in range(2):
        library.client().post(f"{BASE}/1/sync")
    jobs = rows(library, Job)
    assert [(job.subject, job.executor, job.payload["quality"]) for job in jobs] == [
        ("video 1", "legacy", "480p"),
        ("video 2", "legacy", "480p"),
    ]


def test_what_the_library_has_stays_as_it_is(library: Library, fake: FakeYouTube) -> None:
    library.add(artist(1), monitor(keywords='["A"]'))
    library.add(
        video(1, title="own", youtube_id=number(1), playlist_id="PL1", playlist_position=7),
        video(2, title="by id", youtube_id="abcdefghijk"),
    )
    fake.playlists["PL1"] = [
        *songs(1),
        film("abcdefghijk", "A - B"),
        film("ABCDEFGHIJK", "A - in capitals"),
        film("ccccccccccc", "gone - A", gone=1),
        film("ddddddddddd", "Other - Song"),
    ]
    answer = library.client().post(f"{BASE}/1/sync").json
    assert answer is not None
    assert (answer["results"]["new_videos"], answer["results"]["updated_videos"]) == (1, 1)
    places = [(row.youtube_id, row.playlist_id, row.playlist_position) for row in rows(library)]
    assert places == [(number(1), "PL1", 0), ("abcdefghijk", None, None), ("ABCDEFGHIJK", "PL1", 2)]


def test_what_was_stored_stays_when_youtube_breaks_off(library: Library, fake: FakeYouTube) -> None:
    library.add(monitor())
    fake.playlists["PL1"] = songs(60)
    fake.answer = lambda call: refusal(403, "quotaExceeded") if len(fake.asked_for("/videos")) == 2 else None
    answer = library.client().post(f"{BASE}/1/sync")
    assert (answer.status_code, answer.headers["Retry-After"], library.count(Video)) == (503, "600", 50)
    assert answer.json == {"error": "YouTube asks for fewer requests, try again later"}
    assert library.one(PlaylistMonitor, 1).last_check is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ([], "The body must be a JSON object"),
        ({}, "playlist_url is required"),
        ({"playlist_url": 5}, "playlist_url must be text"),
        ({"playlist_url": URL, "name": "x" * 256}, "name must be text of at most 255 characters"),
        ({"playlist_url": URL, "keywords": "a"}, "keywords must be a list of texts"),
        ({"playlist_url": "nope"}, "Invalid YouTube playlist URL"),
    ],
)
def test_what_can_not_be_watched_is_named(library: Library, fake: FakeYouTube, body: Any, error: str) -> None:
    answer = library.client().post(f"{BASE}/", json=body)
    assert (answer.status_code, answer.json, fake.calls) == (400, {"error": error}, [])


def test_unknown_and_private_playlists_are_not_found(library: Library) -> None:
    library.add(monitor())
    client = library.client()
    for path, body, error in (
        ("/", {"playlist_url": URL + "-private"}, "Playlist not found or private"),
        ("/1/sync", None, "Playlist not found or private"),
        ("/9/sync", None, "Playlist monitor not found"),
    ):
        answer = client.post(f"{BASE}{path}", json=body)
        assert (answer.status_code, answer.json) == (404, {"error": error})


def test_without_a_key_nobody_is_asked(library: Library, fake: FakeYouTube) -> None:
    library.add(monitor())
    with library.writing() as session:
        session.query(Setting).filter_by(key="youtube_api_key").update({"value": " "})
    client = library.client()
    for path, more in (("/", {}), ("/1/sync", {}), ("/sync", {"success": False})):
        answer = client.post(f"{BASE}{path}", json={"playlist_url": "nope"})
        assert (answer.status_code, answer.json) == (400, {"error": NO_KEY, **more})
    told = client.post(f"{BASE}/sync-all").json
    assert told is not None
    assert (told["results"]["total_playlists"], told["results"]["errors"]) == (1, [f"List 1: {NO_KEY}"])
    assert fake.calls == []


def test_one_bad_playlist_spoils_no_other(library: Library, fake: FakeYouTube) -> None:
    library.add(monitor(1), monitor(2), monitor(3))
    fake.playlists |= {"PL1": songs(2), "PL3": songs(3, 10)}
    answer = library.client().post(f"{BASE}/sync").json
    assert answer == {
        "success": True,
        "synced_count": 2,
        "new_videos": 5,
        "message": "Synced 2 of 3 playlists, 5 new videos; List 2: Playlist not found or private",
    }
    fake.answer = lambda _call: Reply(500)
    fake.calls.clear()
    told = library.client().post(f"{BASE}/sync-all").json
    assert told is not None
    assert (told["message"], len(fake.calls)) == ("Synced 0 of 3 playlists, 0 new videos", 3)


@pytest.mark.parametrize(
    "reply",
    [
        refusal(400, "keyInvalid"),
        Reply(429),
        Reply(hang_up=True),
        Reply(400, b"<html>"),
        Reply(302, headers=(("Location", "http://evil.example/"),)),
        Reply(body=b"[]"),
        Reply(body=b'{"items": [' + b" " * 3 * 2**20 + b"]}"),
        Reply(headers=(("Content-Encoding", "gzip"),)),
    ],
    ids=range(8),
)
def test_what_is_no_answer_tells_no_secret(fake: FakeYouTube, reply: Reply) -> None:
    fake.answer = lambda _call: reply
    with pytest.raises(YouTubeFailed) as raised:
        YouTube(fake.url).videos(KEY, ["a"])
    assert KEY not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.mariadb
@pytest.mark.long
def test_playlists_with_the_same_videos_store_each_once_on_mariadb(tmp_path: Path, fake: FakeYouTube) -> None:
    """In opposite orders, which is what deadlocks are made of; one of two artists is known, by another spelling."""
    films = [film(number(place), f"{('Björk', 'Nova')[place % 2]} - {place}") for place in range(20)]
    fake.playlists |= {"PL1": films, "PL2": films[::-1], "PL3": films[::2]}
    with start_mariadb(tmp_path) as server:
        url = server.create_database("library")
        config = Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40, youtube_url=fake.url)
        app = build_legacy(config)
        opened = database.of(app)
        try:
            Base.metadata.create_all(opened.engine)
            with Session(opened.engine) as session, session.begin():
                session.add_all([artist(1, "BJORK"), monitor(1), monitor(2), monitor(3)])
                session.add(Setting(key="youtube_api_key", value=KEY))
                session.add(Setting(key="require_authentication", value="false"))
            with ThreadPoolExecutor(6) as threads:
                paths = ("1/sync", "2/sync", "3/sync", "sync-all", "1/sync", "2/sync")
                answers = list(threads.map(lambda path: app.test_client().post(f"{BASE}/{path}"), paths))
            with Session(opened.engine) as session:
                stored = sorted(str(row[0]) for row in session.query(Video.youtube_id))
                names = [row[0] for row in session.query(Artist.name).order_by(Artist.id)]
        finally:
            opened.close()
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    assert (stored, names) == ([number(place) for place in range(20)], ["BJORK", "Nova"])
