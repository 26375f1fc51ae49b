"""Discovery: nothing twice, nothing held while IMVDb is waited for, and one bad artist spoils no other."""

from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import anyio
import pytest
from anyio import to_thread
from pydantic import TypeAdapter
from sqlalchemy import delete, select

from fastapi_app.config import Config
from fastapi_app.discovery import schemas
from fastapi_app.discovery.findings import findings
from fastapi_app.models import Artist, Setting, Video, VideoStatus, now
from tests.fastapi_app.conftest import BASE, Client, as_json, vectors
from tests.fastapi_app.library import artist, video
from tests.servers.imvdb import KEY, Call, FakeIMVDb, Reply, fake_imvdb, result, results

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

ONE = "/api/discovery/artist/1"
ALL = "/api/discovery/all"
NO_LIMITS: tuple[Any, ...] = (-1, True, "5", 2.5, [], {}, 2**31)
EMPTY: tuple[Any, ...] = (None, {}, [], "", 0, {"limit": None, "limit_per_artist": None})


@pytest.fixture
def fake() -> Iterator[FakeIMVDb]:
    with fake_imvdb() as server:
        yield server


@pytest.fixture
def config(config: Config, fake: FakeIMVDb) -> Config:
    return config.model_copy(update={"imvdb_url": fake.url})


@pytest.fixture
def with_key(rows: Rows) -> None:
    rows(Setting(id=9, key="imvdb_api_key", value=f" {KEY} "))


def by_artist(**pages: Reply) -> Callable[[Call], Reply]:
    """A reply for each name that is searched for."""
    return lambda call: pages[call.query["q"]]


@pytest.mark.parametrize("case", vectors("imvdb_findings"), ids=lambda case: str(case["name"]))
def test_a_result_means_the_same_on_both_sides(case: dict[str, Any]) -> None:
    expected = [] if case["video"] is None else [case["video"]]
    assert [finding.shown() for finding in findings([case["result"]], "Björk")] == expected


async def stored(client: Client, artist_id: int = 1) -> list[Video]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(Video).where(Video.artist_id == artist_id).order_by(Video.id)))


async def dated(client: Client) -> list[int]:
    async with client.state["database"].reading() as session:
        return list(await session.scalars(select(Artist.id).where(Artist.last_discovery.is_not(None))))


@pytest.mark.usefixtures("with_key")
async def test_what_is_new_is_stored_and_told_and_found_once(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist())
    film: dict[str, Any] = {
        "sources": [{"source": "youtube", "source_data": "abcdefghijk"}],
        "directors": [{"entity_name": "A. B."}],
    }
    fake.answer = lambda _call: results(result(7, **film), result(8, "Nova Kestrels"), result(9, song=1999))
    answer = (await open_client.post(ONE, json={})).json()
    assert (answer["discovered_count"], answer["stored_count"], answer["artist_name"]) == (2, 2, "Nova Kestrel")
    assert answer["videos"][0] == {
        "source": "imvdb",
        "title": "Nova Kestrel - Glass Harbor",
        "song_title": "Glass Harbor",
        "year": 1999,
        "directors": ["A. B."],
        "imvdb_id": 7,
        "thumbnail_url": "https://images.example/7_l.jpg",
        "url": "https://www.youtube.com/watch?v=abcdefghijk",
    }
    assert (answer["videos"][1]["title"], answer["videos"][1]["url"]) == (
        "Nova Kestrel - 1999",
        "https://imvdb.com/video/9",
    )
    TypeAdapter(schemas.Discovery).validate_python(answer, strict=True)
    first, second = await stored(open_client)
    assert (first.imvdb_id, first.youtube_id, first.status) == ("7", "abcdefghijk", VideoStatus.WANTED)
    assert (first.source, first.year, first.discovered_date is not None) == ("imvdb", 1999, True)
    assert (second.imvdb_id, second.youtube_id, second.youtube_url) == ("9", None, None)
    assert (await open_client.post(ONE, json={})).json()["discovered_count"] == 0
    assert len(await stored(open_client)) == 2
    assert fake.calls[0].headers["imvdb-app-key"] == KEY


@pytest.mark.parametrize("value", [None, "", "  "])
async def test_without_a_key_nobody_is_asked(
    open_client: Client, rows: Rows, fake: FakeIMVDb, value: str | None
) -> None:
    rows(artist(), Setting(id=9, key="imvdb_api_key", value=value))
    nothing = {"success": True, "artist_name": "Nova Kestrel", "discovered_count": 0, "stored_count": 0, "videos": []}
    assert (await open_client.post(ONE, json={"limit": 3})).json() == nothing
    answer = (await open_client.post(ALL, json={})).json()
    assert answer["results"] == [{"artist_id": 1, "artist_name": "Nova Kestrel", "result": nothing}]
    assert (fake.calls, await dated(open_client)) == ([], [])


async def test_the_key_is_read_at_each_use(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist())
    for key in ("first", "second"):
        rows(Setting(id=9, key="imvdb_api_key", value=key))
        assert (await open_client.post(ONE, json={})).status_code == 200
    assert [call.headers["imvdb-app-key"] for call in fake.calls] == ["first", "second"]


@pytest.mark.usefixtures("with_key")
async def test_what_the_library_has_is_not_stored_again(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist(), artist(2, "Other"))
    rows(
        video(1, "nova kestrel - gláss HARBOR"),
        video(2, "renamed", imvdb_id="22"),
        video(3, "by address", url="https://imvdb.com/video/23"),
        video(4, "by film", youtube_id="abcdefghijk"),
        video(5, "of another artist", artist_id=2, imvdb_id="25"),
    )
    same_film: dict[str, Any] = {"sources": [{"source": "youtube", "source_data": "abcdefghijk"}]}
    fake.answer = lambda _call: results(
        result(21),
        result(22, song="a"),
        result(23, song="b"),
        result(24, song="c", **same_film),
        result(25, song="d"),
        result(26, song="New"),
        result(27, song="NEW"),
        result(26, song="once more"),
    )
    answer = (await open_client.post(ONE, json={})).json()
    assert ([one["imvdb_id"] for one in answer["videos"]], answer["stored_count"]) == ([25, 26], 1)
    assert [row.imvdb_id for row in await stored(open_client)][4:] == ["26"]


@pytest.mark.usefixtures("with_key")
async def test_pages_are_read_until_there_is_enough(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist(), *(video(number, f"v{number}", imvdb_id=str(number)) for number in range(1, 51)))
    fake.answer = lambda call: results(
        *(result(n, song=f"s{n}") for n in range(int(call.query["page"]) * 50 - 49, int(call.query["page"]) * 50 + 1))
    )
    answer = (await open_client.post(ONE, json={"limit": 3})).json()
    assert [one["imvdb_id"] for one in answer["videos"]] == [51, 52, 53]
    assert [call.query["page"] for call in fake.calls] == ["1", "2"]
    fake.calls.clear()
    assert (await open_client.post(ONE, json={"limit": 2**31 - 1})).json()["stored_count"] == 147
    assert len(fake.calls) == 4
    assert (await open_client.post(ONE, json={"limit": 0})).json()["videos"] == []
    assert len(fake.calls) == 4


@pytest.mark.usefixtures("with_key")
async def test_two_discoveries_at_once_store_everything_once(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist(), artist(2, "Guest"))
    shared: dict[str, Any] = {"artists": [{"name": "Guest"}, {"name": "Nova Kestrel"}]}
    fake.answer = lambda _call: results(*(result(number, song=f"s{number}", **shared) for number in range(1, 9)))
    answers: list[Any] = []

    async def ask(path: str) -> None:
        answers.append(await open_client.post(path, json={}))

    async with anyio.create_task_group() as group:
        for path in (ONE, "/api/discovery/artist/2", ONE, "/api/discovery/artist/2"):
            group.start_soon(ask, path)
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["stored_count"] for answer in answers) == 8
    rows_now = [*await stored(open_client), *await stored(open_client, 2)]
    assert sorted(row.imvdb_id or "" for row in rows_now) == [str(number) for number in range(1, 9)]


@pytest.mark.usefixtures("with_key")
async def test_nothing_is_held_while_imvdb_is_waited_for(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist())
    fake.answer = fake.hold
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: open_client.post(ONE, json={}))
        assert await to_thread.run_sync(fake.waiting.wait, 10)
        assert open_client.state["database"].engine.sync_engine.pool.checkedout() == 0
        with anyio.fail_after(5):  # SQLite has one writer
            assert (await open_client.put("/api/settings/note", json={"value": "x"})).status_code == 200
        fake.release()


@pytest.mark.usefixtures("with_key")
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(403), "IMVDb refuses the key in the settings"),
        (Reply(500), "IMVDb did not answer, try again later"),
        (Reply(302, headers=(("Location", "http://evil.example/"),)), "IMVDb gave an answer that can't be read"),
        (Reply(body=b"<html>"), "IMVDb gave an answer that can't be read"),
        (
            Reply(429, headers=(("Retry-After", "60"),)),
            "IMVDb asks for fewer requests, try again later",
        ),
    ],
    ids=["refused", "broken", "elsewhere", "garbage", "busy"],
)
async def test_a_failure_is_told_and_tells_no_secret(
    open_client: Client, rows: Rows, fake: FakeIMVDb, reply: Reply, error: str
) -> None:
    rows(artist())
    fake.answer = lambda _call: reply
    answer = await open_client.post(ONE, json={})
    assert (answer.status_code, answer.json()) == (503, {"error": error})
    assert int(answer.headers["retry-after"]) >= 30
    assert await stored(open_client) == []


@pytest.mark.usefixtures("with_key")
async def test_results_that_make_no_sense_are_left_out(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist())
    odd: dict[str, Any] = {
        "year": "MCM",
        "image": ["x"],
        "sources": {"youtube": "x"},
        "directors": {"a": 1},
        "song_title": None,
    }
    fake.answer = lambda _call: results(
        None, 5, "x", {}, {"artists": 5}, result(0), result(True), result(10**30), result(-1), result(1, **odd)
    )
    (found,) = (await open_client.post(ONE, json={})).json()["videos"]
    assert (found["title"], found["year"], found["thumbnail_url"], found["directors"]) == (
        "Nova Kestrel - Unknown",
        None,
        None,
        [],
    )


@pytest.mark.usefixtures("with_key")
async def test_one_bad_artist_spoils_no_other(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(*(artist(number, name, monitored=True) for number, name in enumerate(("One", "Two", "Three"), 1)))
    fake.answer = by_artist(One=results(result(1, "One")), Two=Reply(500), Three=results(result(3, "Three")))
    answer = (await open_client.post(ALL, json={})).json()
    TypeAdapter(schemas.Overview).validate_python(answer)
    assert {name: answer[name] for name in answer if name != "results"} == {
        "success": True,
        "total_artists": 3,
        "processed_artists": 3,
        "failed_artists": 1,
        "total_discovered": 2,
        "total_stored": 2,
    }
    assert answer["results"][1] == {
        "artist_id": 2,
        "artist_name": "Two",
        "result": {"success": False, "error": "IMVDb did not answer, try again later"},
    }
    assert [len(await stored(open_client, number)) for number in (1, 2, 3)] == [1, 0, 1]
    assert await dated(open_client) == [1, 3]
    fake.calls.clear()
    fake.answer = lambda _call: results()
    assert (await open_client.post(ALL, json={})).json()["processed_artists"] == 1
    assert fake.asked_for() == ["Two"]


@pytest.mark.usefixtures("with_key")
async def test_only_the_monitored_are_looked_for_once_a_day(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    day = timedelta(hours=24)
    rows(artist(1, "Not", monitored=False))
    answer = (await open_client.post(ALL, json={})).json()
    assert answer == {"success": True, "message": "No monitored artists found", "results": []}
    rows(artist(3, "Lately", monitored=True, last_discovery=now() - day + timedelta(minutes=1)))
    rows(artist(4, "Long ago", monitored=True, last_discovery=now() - day), artist(5, "Never", monitored=True))
    answer = (await open_client.post(ALL, json={"limit_per_artist": 1})).json()
    assert (answer["total_artists"], answer["processed_artists"], fake.asked_for()) == (3, 2, ["Long ago", "Never"])


@pytest.mark.usefixtures("with_key")
async def test_imvdb_is_left_alone_when_it_is_away(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(*(artist(number, f"A{number}", monitored=True) for number in range(1, 7)))
    fake.answer = lambda _call: Reply(403)
    answer = (await open_client.post(ALL, json={})).json()
    assert (answer["processed_artists"], answer["failed_artists"], len(fake.calls)) == (3, 3, 3)


@pytest.mark.usefixtures("with_key")
async def test_an_artist_deleted_meanwhile_is_passed_over(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(artist(1, "One", monitored=True), artist(2, "Two", monitored=True))
    asked, go_on = Event(), Event()

    def answer(call: Call) -> Reply:
        asked.set()
        go_on.wait(10)
        return results(result(1 if call.query["q"] == "One" else 2, call.query["q"]))

    fake.answer = answer
    told: list[Any] = []

    async def ask() -> None:
        told.append((await open_client.post(ALL, json={})).json())

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        assert await to_thread.run_sync(asked.wait, 10)
        async with open_client.state["database"].writing() as session:
            await session.execute(delete(Artist).where(Artist.id == 1))
        go_on.set()
    assert [one["result"]["success"] for one in told[0]["results"]] == [False, True]
    assert told[0]["results"][0]["result"]["error"] == "Artist 1 not found"


@pytest.mark.usefixtures("with_key")
async def test_all_ends_when_the_client_leaves(open_client: Client, rows: Rows, fake: FakeIMVDb) -> None:
    rows(*(artist(number, f"A{number}", monitored=True) for number in range(1, 4)))
    fake.answer = lambda call: results(result(1, "A1")) if call.query["q"] == "A1" else fake.hold(call)
    left = anyio.Event()
    messages: list[Any] = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        """Nobody is there."""

    scope = open_client._transport.app  # type: ignore[attr-defined]  # the application with its state
    with anyio.fail_after(10):
        await leaving(partial(scope, asgi_post(ALL), receive, send), fake, left)
    assert fake.asked_for() == ["A1", "A2"]
    assert (len(await stored(open_client)), await dated(open_client)) == (1, [1])
    assert open_client.state["database"].engine.sync_engine.pool.checkedout() == 0


async def leaving(request: Callable[[], Coroutine[Any, Any, None]], fake: FakeIMVDb, left: anyio.Event) -> None:
    """Sends a request, and leaves while IMVDb keeps it waiting."""
    async with anyio.create_task_group() as group:
        group.start_soon(request)
        assert await to_thread.run_sync(fake.waiting.wait, 10)
        left.set()


def asgi_post(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", BASE.removeprefix("http://").encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


@pytest.mark.parametrize(("path", "name"), [(ONE, "limit"), (ALL, "limit_per_artist")])
async def test_a_limit_that_is_none_is_named(open_client: Client, rows: Rows, path: str, name: str) -> None:
    rows(artist())
    for value in NO_LIMITS:
        answer = await open_client.post(path, json={name: value})
        told = {"error": f"{name} must be a whole number between 0 and 2147483647"}
        assert (answer.status_code, answer.json()) == (400, told), value


@pytest.mark.parametrize("path", [ONE, ALL])
async def test_odd_bodies(open_client: Client, rows: Rows, path: str) -> None:
    rows(artist())
    for body in EMPTY:
        assert (await open_client.post(path, **as_json(body))).status_code == 200, body
    for body in ([1], "x", 5, True):
        assert (await open_client.post(path, **as_json(body))).status_code == 400, body
    assert (await open_client.post(path, content=b"{}")).status_code == 415
    assert (await open_client.post(path, content=b"", headers={"content-type": "application/json"})).status_code == 400


@pytest.mark.parametrize("artist_id", ["2", "9" * 30])
async def test_an_unknown_artist_is_not_found(open_client: Client, artist_id: str) -> None:
    answer = await open_client.post(f"/api/discovery/artist/{artist_id}", json={})
    assert (answer.status_code, answer.json()) == (404, {"error": f"Artist {artist_id} not found", "success": False})
