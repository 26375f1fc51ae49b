"""The page of artists as the server renders it: found, paged, added, merged."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Artist, Video, VideoStatus
from tests.pages.shelf import Item, make_shelf
from tests.pages.test_library_page import Forbidden, statements

HOSTILE = '<script>alert("a")</script>'
SHELF = (
    Item("Björk", "Jóga"),
    Item("Björk", "Hyperballad", status=VideoStatus.WANTED, file=None),
    Item("Björk", "Unravel", status=VideoStatus.IGNORED, file=None),
    Item("Åsa", "Jailer"),
    Item("AC/DC", "Thunder"),
    Item("Zoë", "Wait", status=VideoStatus.FAILED, file=None),
    Item(HOSTILE, "<img src=x onerror=alert(1)>"),
    Item("فرقة الميناء", "أغنية"),
    Item("2raumwohnung", "Wir werden sehen"),
)
FORM = {"name": "Nova Kestrel", "keywords": "live, , indie", "monitored": "on"}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return make_shelf(tmp_path_factory.mktemp("artists") / "data", SHELF)


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[TestClient]:
    """Nothing that the tests with this client do changes what the others see."""
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Config]]:
    """Another library, in which each test changes artists of its own."""
    config = make_shelf(tmp_path_factory.mktemp("changing") / "data", SHELF)
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected, config


def names(page: str) -> list[str]:
    """The artists on a page, as a person reads them."""
    found = re.findall(r'<a class="plain" href="/artist/\d+" dir="auto">(.*?)</a>', page)
    found += re.findall(r'<span class="person-name" dir="auto">(.*?)</span>', page)
    return [html.unescape(name) for name in found]


def stored(config: Config) -> dict[str, Artist]:
    engine = blocking_engine(config)
    try:
        with Session(engine, expire_on_commit=False) as session:
            return {artist.name: artist for artist in session.scalars(select(Artist))}
    finally:
        engine.dispose()


def test_the_page_names_itself_and_keeps_the_policy_whatever_the_names(client: TestClient) -> None:
    for path in (
        "/artists",
        "/artists?view=table",
        "/artists?q=%3Cscript%3E",
        "/artists/new",
        "/artists/merge?artist=5",
    ):
        answer = client.get(path)
        forbidden = Forbidden()
        forbidden.feed(answer.text)
        assert (answer.status_code, forbidden.found) == (200, []), path
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    assert "<title>Artists - MVidarr</title>" in client.get("/artists").text


def test_names_are_in_the_order_of_the_alphabet_in_both_views(client: TestClient) -> None:
    expected = [HOSTILE, "2raumwohnung", "AC/DC", "Åsa", "Björk", "Zoë", "فرقة الميناء"]
    page = client.get("/artists").text
    assert names(page) == names(client.get("/artists?view=table").text) == expected
    assert "1–7 of 7 artists" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("letter=a", ["AC/DC", "Åsa"]),
        ("letter=B", ["Björk"]),
        ("letter=Z", ["Zoë"]),
        ("letter=0", [HOSTILE, "2raumwohnung", "فرقة الميناء"]),
        ("letter=Q", []),
        ("q=bjork", ["Björk"]),
        ("q=%D8%A7%D9%84%D9%85%D9%8A", ["فرقة الميناء"]),
        ("monitored=no", []),
        ("genre=Rock", []),
        ("sort=videos&per_page=x&page=99", ["Björk", "Åsa", "AC/DC", "Zoë", HOSTILE, "فرقة الميناء", "2raumwohnung"]),
    ],
)
def test_artists_are_found(client: TestClient, query: str, found: list[str]) -> None:
    assert names(client.get(f"/artists?{query}").text) == found


def test_a_card_counts_videos_and_those_that_are_missing(client: TestClient) -> None:
    page = client.get("/artists?q=bj").text
    assert re.sub(r"<.*?>", " ", page).split("3 videos")[1].split()[:2] == ["1", "missing"]
    assert "67 percent of the videos of Björk are here" in page


def test_nobody_found_offers_to_add_what_was_typed(client: TestClient) -> None:
    page = client.get("/artists?q=Sigur+R%C3%B3s").text
    assert "Nobody found" in page
    assert 'href="/artists/new?name=Sigur%20R%C3%B3s"' in page
    assert 'value="Sigur Rós"' in client.get("/artists/new?name=Sigur%20R%C3%B3s").text


def test_a_full_page_asks_as_little_as_a_page_of_one(tmp_path: Path) -> None:
    shelf = [Item(f"Artist {number}", f"Song {number}") for number in range(60)]
    with TestClient(create_app(make_shelf(tmp_path / "data", shelf))) as client:
        client.get("/artists")
        asked = []
        for query in ("?per_page=48", "?q=Artist+59"):
            with statements() as sent:
                assert client.get(f"/artists{query}").status_code == 200
            asked.append(len([one for one in sent if one.lstrip().upper().startswith("SELECT")]))
        page = client.get("/artists").text
    assert max(asked) <= 8
    assert len(names(page)) == 48
    assert 'href="/artists?page=2"' in page


def test_adding_leads_to_the_new_page_and_a_taken_name_to_the_one_that_has_it(
    changing: tuple[TestClient, Config],
) -> None:
    client, config = changing
    made = client.post("/artists/new", data=FORM)
    assert (made.status_code, made.headers["location"]) == (303, "/artist/8?done=added")
    row = stored(config)["Nova Kestrel"]
    assert (row.keywords, row.monitored, row.auto_download) == (["live", "indie"], True, False)
    taken = client.post("/artists/new", data={"name": "bjork", "auto_download": "on"})
    assert taken.status_code == 409
    assert re.search(
        r'aria-invalid="true".*?<a data-existing dir="auto" href="/artist/1">Björk</a>', taken.text, re.DOTALL
    )
    assert 'name="auto_download" checked' in taken.text
    told = client.post("/artists/new", json={"name": "BJORK"})
    assert told.status_code == 409
    assert (told.json()["field"], told.json()["existing"]) == ("name", {"name": "Björk", "address": "/artist/1"})
    assert client.post("/artists/new", json=FORM | {"name": "Another"}).json() == {
        "id": 9,
        "address": "/artist/9?done=added",
    }


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"name": "  "}, "name", "Name must be given."),
        ({"name": "x" * 256}, "name", "Name must be text of at most 255 characters."),
        ({"name": "a\0b"}, "name", "Name must be text without NUL"),
        ({"name": "x", "keywords": "a\0b"}, "keywords", "Keywords must be text without NUL"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    client: TestClient, values: dict[str, str], field: str, words: str
) -> None:
    page = client.post("/artists/new", data=values)
    told = client.post("/artists/new", json=values)
    assert (page.status_code, told.status_code, told.json()["field"]) == (400, 400, field)
    assert told.json()["error"].startswith(words)
    assert re.search(rf'data-wrong="{field}"><span>{words}', page.text)
    assert client.post("/artists/new", json=["x"]).status_code == 400


def test_a_merge_does_what_its_preview_said(changing: tuple[TestClient, Config]) -> None:
    client, config = changing
    page = client.get("/artists/merge?artist=2&artist=1&artist=99&artist=x").text
    assert "1 video of <bdi>Åsa</bdi>" in page
    assert re.search(r'value="1" checked', page)
    assert "Merge 2 artists into one" in page
    assert "This can't be undone" in page
    done = client.post("/artists/merge", data={"artist": ["2", "1"], "into": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/artist/1?done=merged")
    assert "Åsa" not in stored(config)
    engine = blocking_engine(config)
    with Session(engine) as session:
        assert len(session.scalars(select(Video).where(Video.artist_id == 1)).all()) == 4
    engine.dispose()


@pytest.mark.parametrize(
    ("values", "status"),
    [({}, 400), ({"artist": ["1"], "into": "1"}, 400), ({"artist": ["1", "98"], "into": "1"}, 404)],
)
def test_a_merge_that_can_not_be_changes_nothing(
    client: TestClient, config: Config, values: dict[str, object], status: int
) -> None:
    before = len(stored(config))
    answer = client.post("/artists/merge", data=values)
    assert answer.status_code == status
    assert 'class="form-error"' in answer.text
    assert len(stored(config)) == before


def test_somebody_to_merge_is_found_by_name(client: TestClient) -> None:
    page = client.get("/artists/merge?artist=1&q=%C3%A5").text
    assert re.search(r'name="artist" value="2">.*?Åsa', page)
    assert "Nobody else has" in client.get("/artists/merge?artist=1&q=zzz").text


def test_a_genre_from_an_artists_page_narrows_the_list(changing: tuple[TestClient, Config]) -> None:
    client, config = changing
    engine = blocking_engine(config)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.get_one(Artist, 4).genres = ["電子音楽", "Trip hop"]
    engine.dispose()
    link = re.search(r'href="(/artists\?genre=[^"]+)"', client.get("/artist/4").text)
    assert link is not None
    page = client.get(html.unescape(link[1])).text
    assert names(page) == ["Zoë"]
    assert 'name="genre" value="電子音楽"' in page


def test_an_empty_page_says_what_to_do_next(tmp_path: Path) -> None:
    with TestClient(create_app(make_shelf(tmp_path / "data", ()))) as client:
        page = client.get("/artists").text
    assert "No artists yet" in page
    assert '<a class="button primary" href="/artists/new">' in page
