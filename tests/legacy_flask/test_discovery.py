"""Discovery: nothing twice, nothing held while IMVDb is waited for, and one bad artist spoils no other."""

import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.models import Artist, Base, Setting, Video, VideoStatus, now
from legacy_flask import database
from legacy_flask.front_door import build_legacy
from legacy_flask.imvdb import IMVDb, IMVDbFailed
from legacy_flask.imvdb_findings import found_videos
from tests.legacy_flask.library import Library, artist, make_library, video
from tests.servers.imvdb import KEY, Call, FakeIMVDb, Reply, fake_imvdb, result, results
from tests.servers.mariadb import start_mariadb

ONE = "/api/discovery/artist/1"
ALL = "/api/discovery/all"
NO_LIMITS: tuple[Any, ...] = (-1, True, "5", 2.5, [], {}, 2**31)
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors/imvdb_findings.json").read_text("utf-8")
)["cases"]


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@pytest.fixture
def fake() -> Iterator[FakeIMVDb]:
    with fake_imvdb() as server:
        yield server


@pytest.fixture
def library(tmp_path: Path, fake: FakeIMVDb) -> Iterator[Library]:
    with make_library(tmp_path, imvdb_url=fake.url, imvdb_interval=0.0) as made:
        made.add(Setting(key="imvdb_api_key", value=f" {KEY} "))
        yield made


def ids(library: Library, artist_id: int = 1) -> list[str | None]:
    with library.writing() as session:
        rows = session.query(Video.imvdb_id).filter_by(artist_id=artist_id).order_by(Video.id)
        return [row[0] for row in rows]


def dated(library: Library) -> list[int]:
    with library.writing() as session:
        return [row[0] for row in session.query(Artist.id).filter(Artist.last_discovery.is_not(None))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_result_means_the_same_on_both_sides(case: dict[str, Any]) -> None:
    expected = [] if case["video"] is None else [case["video"]]
    assert found_videos([case["result"]], "Björk") == expected


def test_what_is_new_is_stored_and_told_and_found_once(library: Library, fake: FakeIMVDb) -> None:
    library.add(artist(1))
    film: dict[str, Any] = {"sources": [{"source": "youtube", "source_data": "abcdefghijk"}]}
    fake.answer = lambda _call: results(result(7, **film), result(8, "Nova Kestrels"), result(9, song=1999))
    answer: Any = library.client().post(ONE, json={}).json
    assert (answer["discovered_count"], answer["stored_count"], answer["success"]) == (2, 2, True)
    assert [one["title"] for one in answer["videos"]] == ["Nova Kestrel - Glass Harbor", "Nova Kestrel - 1999"]
    row = library.one(Video, 1)
    assert (row.imvdb_id, row.youtube_id, row.status, row.source) == ("7", "abcdefghijk", VideoStatus.WANTED, "imvdb")
    again: Any = library.client().post(ONE, json={}).json
    assert (again["discovered_count"], ids(library)) == (0, ["7", "9"])
    assert fake.calls[0].headers["imvdb-app-key"] == KEY


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_a_key_nobody_is_asked(library: Library, fake: FakeIMVDb, value: str | None) -> None:
    library.add(artist(1))
    with library.writing() as session:
        session.query(Setting).filter_by(key="imvdb_api_key").update({"value": value})
    nothing = {"success": True, "artist_name": "Nova Kestrel", "discovered_count": 0, "stored_count": 0, "videos": []}
    assert library.client().post(ONE, json={}).json == nothing
    answer: Any = library.client().post(ALL, json={}).json
    assert answer["results"] == [{"artist_id": 1, "artist_name": "Nova Kestrel", "result": nothing}]
    assert (fake.calls, dated(library)) == ([], [])


def test_what_the_library_has_is_not_stored_again(library: Library, fake: FakeIMVDb) -> None:
    library.add(artist(1), artist(2, "Other"))
    library.add(video(1, title="nova kestrel - gláss HARBOR"), video(2, imvdb_id="22"))
    library.add(video(3, url="https://imvdb.com/video/23"), video(4, artist_id=2, imvdb_id="25"))
    fake.answer = lambda _call: results(
        result(21), result(22, song="a"), result(23, song="b"), result(25, song="d"), result(26, song="New")
    )
    answer: Any = library.client().post(ONE, json={}).json
    assert ([one["imvdb_id"] for one in answer["videos"]], answer["stored_count"]) == ([25, 26], 1)
    assert ids(library)[3:] == ["26"]


def test_two_discoveries_at_once_store_everything_once(library: Library, fake: FakeIMVDb) -> None:
    library.add(artist(1), artist(2, "Guest"))
    shared: dict[str, Any] = {"artists": [{"name": "Guest"}, {"name": "Nova Kestrel"}]}
    fake.answer = lambda _call: results(*(result(number, song=f"s{number}", **shared) for number in range(1, 9)))

    def ask(path: str) -> Any:
        return library.client().post(path, json={})

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(ask, (ONE, "/api/discovery/artist/2") * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json["stored_count"] for answer in answers) == 8
    assert sorted([*ids(library), *ids(library, 2)], key=str) == [str(number) for number in range(1, 9)]


def test_nothing_is_held_while_imvdb_is_waited_for(library: Library, fake: FakeIMVDb) -> None:
    library.add(artist(1))
    fake.answer = fake.hold
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(lambda: library.client().post(ONE, json={}).status_code)
        assert fake.waiting.wait(10)
        assert database.of(library.app).engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool
        assert library.client().put("/api/settings/note", json={"value": "x"}).status_code == 200
        fake.release()
        assert asked.result() == 200


def test_one_bad_artist_spoils_no_other(library: Library, fake: FakeIMVDb) -> None:
    library.add(*(artist(number, name) for number, name in enumerate(("One", "Two", "Three"), 1)))
    library.add(artist(4, "Not", monitored=False), artist(5, "Lately", last_discovery=now() - timedelta(hours=23)))

    def answer(call: Call) -> Reply:
        return Reply(500) if call.query["q"] == "Two" else results(result(len(fake.calls), call.query["q"]))

    fake.answer = answer
    told: Any = library.client().post(ALL, json={"limit_per_artist": 2}).json
    assert {name: told[name] for name in told if name != "results"} == {
        "success": True,
        "total_artists": 4,
        "processed_artists": 3,
        "failed_artists": 1,
        "total_discovered": 2,
        "total_stored": 2,
    }
    assert told["results"][1]["result"] == {"success": False, "error": "IMVDb did not answer, try again later"}
    assert ([len(ids(library, number)) for number in (1, 2, 3)], dated(library)) == ([1, 0, 1], [1, 3, 5])


def test_imvdb_is_left_alone_when_it_is_away(library: Library, fake: FakeIMVDb) -> None:
    library.add(*(artist(number, f"A{number}") for number in range(1, 7)))
    fake.answer = lambda _call: Reply(403)
    told: Any = library.client().post(ALL, json={}).json
    assert (told["processed_artists"], told["failed_artists"], len(fake.calls)) == (3, 3, 3)


def test_nobody_is_monitored(library: Library) -> None:
    answer = library.client().post(ALL, json={}).json
    assert answer == {"success": True, "message": "No monitored artists found", "results": []}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), "IMVDb refuses the key in the settings"),
        (Reply(500, b"Traceback"), "IMVDb did not answer, try again later"),
        (Reply(hang_up=True), "IMVDb did not answer, try again later"),
        (Reply(429), "IMVDb asks for fewer requests, try again later"),
        (Reply(400), "IMVDb gave an answer that can't be read"),
        (Reply(body=b"<html>"), "IMVDb gave an answer that can't be read"),
        (Reply(body=b"[]"), "IMVDb gave an answer that can't be read"),
        (Reply(body=b"[" * 100_000), "IMVDb gave an answer that can't be read"),
        (Reply(body=b"\xff\xfe"), "IMVDb gave an answer that can't be read"),
        (Reply(body=b" " * 3 * 2**20), "IMVDb gave an answer that can't be read"),
        (
            Reply(body=gzip.compress(b" " * 2**26), headers=(("Content-Encoding", "gzip"),)),
            "IMVDb gave an answer that can't be read",
        ),
    ],
    ids=range(11),
)
def test_a_failure_is_told_and_tells_no_secret(fake: FakeIMVDb, reply: Reply, error: str) -> None:
    fake.answer = lambda _call: reply
    clock = Clock()
    with pytest.raises(IMVDbFailed) as raised:
        IMVDb(fake.url, 1.0, clock=clock, sleep=clock.sleep).search_videos(KEY, "x", 1)
    assert (raised.value.message, raised.value.status, len(fake.calls)) == (error, 503, 1)
    assert clock.slept == ([5] if reply.status == 429 else [])


def test_no_redirect_takes_the_key_elsewhere(fake: FakeIMVDb) -> None:
    with fake_imvdb() as other:
        fake.answer = lambda _call: Reply(302, headers=(("Location", f"{other.url}/search/videos"),))
        with pytest.raises(IMVDbFailed):
            IMVDb(fake.url, 0).search_videos(KEY, "x", 1)
        assert (len(fake.calls), other.calls) == (1, [])


def test_calls_keep_their_distance(fake: FakeIMVDb) -> None:
    clock = Clock()
    imvdb = IMVDb(fake.url, 1.0, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        imvdb.search_videos(KEY, "x", 1)
    assert clock.slept == [1.0, 1.0]


@pytest.mark.parametrize("key", ["a b", "a\nX-Evil: 1", "schlüssel", "\0"])
def test_a_key_that_no_header_can_hold_is_not_sent(fake: FakeIMVDb, key: str) -> None:
    with pytest.raises(IMVDbFailed):
        IMVDb(fake.url, 0).search_videos(key, "x", 1)
    assert fake.calls == []


def test_nobody_there_is_a_clear_answer(library: Library, fake: FakeIMVDb, tmp_path: Path) -> None:
    with fake_imvdb() as gone:
        url = gone.url
    with make_library(tmp_path / "other", imvdb_url=url, imvdb_interval=0.0) as lonely:
        lonely.add(artist(1), Setting(key="imvdb_api_key", value=KEY))
        answer = lonely.client().post(ONE, json={})
    assert (answer.status_code, answer.json) == (503, {"error": "IMVDb did not answer, try again later"})
    assert answer.headers["Retry-After"] == "30"


def test_bad_bodies_and_unknown_artists(library: Library) -> None:
    library.add(artist(1))
    client = library.client()
    for path, name in ((ONE, "limit"), (ALL, "limit_per_artist")):
        for value in NO_LIMITS:
            answer = client.post(path, json={name: value})
            told = {"error": f"{name} must be a whole number between 0 and 2147483647"}
            assert (answer.status_code, answer.json) == (400, told), value
        for body, status in (("[1]", 400), ('"x"', 400), ("", 400), ("null", 200), ("[]", 200)):
            assert client.post(path, data=body, content_type="application/json").status_code == status, body
        assert client.post(path, data=b"{}").status_code == 415
    for number in ("2", "9" * 30):
        answer = client.post(f"/api/discovery/artist/{number}", json={})
        assert (answer.status_code, answer.json) == (404, {"error": f"Artist {number} not found", "success": False})


@pytest.mark.mariadb
@pytest.mark.long
def test_artists_with_the_same_videos_store_each_once_on_mariadb(tmp_path: Path, fake: FakeIMVDb) -> None:
    """In opposite orders, which is what deadlocks are made of."""
    everybody = [{"name": f"A{number}"} for number in range(1, 5)]

    def page(call: Call) -> Reply:
        found = [result(number, song=f"s{number}", artists=everybody) for number in range(1, 31)]
        return results(*(reversed(found) if call.query["q"] in ("A1", "A3") else found))

    fake.answer = page
    with start_mariadb(tmp_path) as server:
        url = server.create_database("library")
        app = build_legacy(
            Config(data_dir=tmp_path, database_url=url, secret_key="k" * 40, imvdb_url=fake.url, imvdb_interval=0)
        )
        opened = database.of(app)
        try:
            Base.metadata.create_all(opened.engine)
            with Session(opened.engine) as session, session.begin():
                session.add_all(artist(number, f"A{number}") for number in range(1, 5))
                session.add(Setting(key="imvdb_api_key", value=KEY))
                session.add(Setting(key="require_authentication", value="false"))
            with ThreadPoolExecutor(8) as threads:
                paths = [f"/api/discovery/artist/{number}" for number in (1, 2, 3, 4) * 2]
                answers = list(threads.map(lambda path: app.test_client().post(path, json={"limit": 30}), paths))
            with Session(opened.engine) as session:
                stored = [row[0] for row in session.query(Video.imvdb_id)]
        finally:
            opened.close()
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    assert sorted(map(str, stored)) == sorted(str(number) for number in range(1, 31))
    told: list[Any] = [answer.json for answer in answers]
    assert sum(answer["stored_count"] for answer in told) == 30
