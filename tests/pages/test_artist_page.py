"""The page about one artist as the server renders it."""

import html
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Artist, Setting, Video, VideoStatus
from tests.pages.shelf import Item, make_shelf
from tests.servers.imvdb import KEY, FakeIMVDb, Reply, fake_imvdb, result, results

HOSTILE = "</title><script>alert(1)</script>"
SHELF = (
    Item("Björk", "Jóga", 1997, picture="data/none.jpg"),
    Item("Björk", "Hyperballad", 1996, status=VideoStatus.WANTED, file=None),
    Item("Björk", "Unravel", 2001, status=VideoStatus.FAILED, file=None),
    Item("Same", "One"),
    Item(HOSTILE, "Title"),
    Item("Changed", "One"),
    Item("Sought", "One"),
    Item("Leaving", "One"),
)
CHANGED, SOUGHT, LEAVING = 4, 5, 6


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeIMVDb]:
    with fake_imvdb() as running:
        yield running


@pytest.fixture
def imvdb(fake: FakeIMVDb) -> FakeIMVDb:
    """It finds nothing yet."""
    fake.answer = fake.known
    return fake


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, fake: FakeIMVDb) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("artist") / "data", SHELF)
    engine = blocking_engine(made)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add(Artist(name="same"))
        session.add(Setting(key="imvdb_api_key", value=KEY))
    engine.dispose()
    return made.model_copy(update={"imvdb_url": fake.url})


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[TestClient]:
    """The tests share it: each changes an artist of its own."""
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


def one(config: Config, artist_id: int) -> Artist | None:
    engine = blocking_engine(config)
    try:
        with Session(engine, expire_on_commit=False) as session:
            return session.get(Artist, artist_id)
    finally:
        engine.dispose()


def key_is(config: Config, key: str) -> None:
    engine = blocking_engine(config)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.scalars(select(Setting).where(Setting.key == "imvdb_api_key")).one().value = key
    engine.dispose()


def titles(page: str) -> list[str]:
    return [html.unescape(title) for title in re.findall(r'href="/video/\d+"[^>]*>(.*?)</a>', page)]


def sibling(page: str, which: str) -> str | None:
    found = re.search(rf'rel="{which}" id="\w+" href="/artist/(\d+)"', page)
    return found and found[1]


def test_the_page_shows_who_it_is_and_whatever_the_name_it_is_text(client: TestClient) -> None:
    page = client.get("/artist/1").text
    assert "<title>Björk - MVidarr</title>" in page
    assert '<h1 dir="auto">Björk</h1>' in page
    assert "3 videos: 1 here, 2 missing" in page
    hostile = client.get("/artist/3").text
    assert "<script>alert" not in hostile
    assert html.escape(HOSTILE) in hostile


@pytest.mark.parametrize("artist", ["99", "0", "99999999999999999999"])
def test_an_artist_that_there_is_not_is_a_page_that_says_so(client: TestClient, artist: str) -> None:
    answer = client.get(f"/artist/{artist}")
    assert answer.status_code == 404
    assert "Artist not found" in answer.text
    assert client.post(f"/artist/{artist}/settings", data={"name": "x"}).status_code == 404
    assert client.post(f"/artist/{artist}/discovery").status_code == 404
    assert client.post(f"/artist/{artist}/deletion").status_code in (400, 404)


def test_videos_are_narrowed_sorted_and_shown_both_ways(client: TestClient) -> None:
    assert titles(client.get("/artist/1").text) == ["Hyperballad", "Jóga", "Unravel"]
    assert titles(client.get("/artist/1?sort=year&view=table").text) == ["Unravel", "Jóga", "Hyperballad"]
    assert titles(client.get("/artist/1?status=failed").text) == ["Unravel"]
    assert "No video is like that" in client.get("/artist/1?status=IGNORED").text
    assert client.get("/artist/1?sort=x&page=-2&status=y").status_code == 200


def test_stepping_passes_everybody_once_also_those_of_one_name(client: TestClient) -> None:
    passed, here = [], "3"
    assert sibling(client.get("/artist/3").text, "prev") is None
    while here not in passed:
        passed.append(here)
        here = sibling(client.get(f"/artist/{here}").text, "next") or here
    assert passed == ["3", "1", "4", "6", "2", "7", "5"]
    back = [sibling(client.get(f"/artist/{row}").text, "prev") for row in reversed(passed)]
    assert back == ["7", "2", "6", "4", "1", "3", None]


def test_settings_are_kept_and_what_is_wrong_is_told_beside_its_field(client: TestClient, config: Config) -> None:
    values = {"name": "Changed, too", "keywords": "a, b", "imvdb_id": "12", "folder_path": "", "auto_download": "on"}
    saved = client.post(f"/artist/{CHANGED}/settings", data=values)
    assert (saved.status_code, saved.headers["location"]) == (303, f"/artist/{CHANGED}?done=saved")
    row = one(config, CHANGED)
    assert row is not None
    assert (row.name, row.keywords, row.imvdb_id, row.monitored, row.auto_download) == (
        "Changed, too", ["a", "b"], "12", False, True,
    )  # fmt: skip
    for artist, changes, field, status in (
        (CHANGED, {"name": " "}, "name", 400),
        (CHANGED, {"imvdb_id": "x"}, "imvdb_id", 400),
        (2, {"imvdb_id": "12"}, "imvdb_id", 409),
        (CHANGED, {"folder_path": "x" * 501}, "folder_path", 400),
    ):
        wrong = client.post(f"/artist/{artist}/settings", data=values | {"name": "Other"} | changes)
        assert wrong.status_code == status
        assert re.search(rf'id="artist-{field}"[^>]*aria-invalid="true"', wrong.text), field
        assert '<details class="panel settings" id="settings" open>' in wrong.text
    assert one(config, 2).name == "Same"  # type: ignore[union-attr]


def test_looking_for_videos_stores_them_and_says_how_many(client: TestClient, imvdb: FakeIMVDb, config: Config) -> None:
    imvdb.answer = lambda _call: results(result(1, "Sought", "Alarm Call"), result(2, "Sought", "Cocoon"))
    found = client.post(f"/artist/{SOUGHT}/discovery")
    assert (found.status_code, found.headers["location"]) == (303, f"/artist/{SOUGHT}?found=2")
    assert "2 new videos found. They are wanted now." in client.get(f"/artist/{SOUGHT}?found=2").text
    engine = blocking_engine(config)
    with Session(engine) as session:
        assert len(session.scalars(select(Video).where(Video.artist_id == SOUGHT)).all()) == 3
    engine.dispose()


def test_a_failure_of_imvdb_is_told_with_a_way_to_the_settings(client: TestClient, imvdb: FakeIMVDb) -> None:
    imvdb.answer = lambda _call: Reply(status=401)
    answer = client.post("/artist/1/discovery")
    assert answer.status_code == 503
    assert "IMVDb refuses the key in the settings" in answer.text
    assert 'href="/settings">See the settings' in answer.text
    assert KEY not in answer.text


def test_without_a_key_the_page_says_what_is_needed(client: TestClient, config: Config) -> None:
    key_is(config, "")
    page = client.get("/artist/1").text
    key_is(config, KEY)
    assert "asks for a key" in page
    assert "/discovery" not in page


def test_deleting_leads_to_where_it_can_be_undone(client: TestClient, config: Config) -> None:
    gone = client.post(f"/artist/{LEAVING}/deletion")
    assert (gone.status_code, gone.headers["location"]) == (303, "/deleted")
    assert one(config, LEAVING) is None
    made = client.get("/api/deletions").json()["deletions"][0]["id"]
    assert client.post(f"/api/deletions/{made}/restore").status_code == 200
    assert one(config, LEAVING) is not None
