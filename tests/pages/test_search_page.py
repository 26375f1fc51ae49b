"""The search page and the page of what is wanted, as HTML: they work without scripts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.models import Download, Job, VideoStatus
from tests.pages.shelf import Item, make_shelf
from tests.search.libraries import playlist, put, writing

SHELF = (
    Item("Björk", "Jóga", 1997),
    *(Item("Nova", f"Star {number:03}", status=VideoStatus.WANTED, file=None) for number in range(70)),
    Item("<b>Bold</b>", "<img src=x> star", status=VideoStatus.FAILED, file=None),
    Item("Nova", "Gone star", file="data/musicvideos/gone.mp4"),
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("shelf") / "data", SHELF)
    film = made.data_dir / "musicvideos" / "film.mp4"
    film.parent.mkdir()
    film.write_bytes(b"film")
    put(made, playlist(1, "Stars on 45", "Radio"))
    return made


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[TestClient]:
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


def hits(page: str) -> list[str]:
    return re.findall(r'<strong dir="auto">([^<]*)</strong>', page)


def test_results_are_grouped_and_lead_on(client: TestClient) -> None:
    page = client.get("/search", params={"q": "star"}).text
    assert re.findall(r'<h2 id="found-[a-z]+">(\w+)</h2>', page) == ["Videos", "Playlists"]
    assert len(hits(page)) == 7
    assert 'href="/search?q=star&amp;kind=videos"' in page


def test_pages_of_one_kind_follow_each_other(client: TestClient) -> None:
    address, seen = "/search?q=star&kind=videos", []
    for _ in range(9):
        page = client.get(address).text
        seen += hits(page)
        links = re.findall(r'href="(/search\?q=star&amp;kind=videos&amp;after=[^"]+)"', page)
        if not links:
            break
        address = links[0].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 72


def test_titles_are_text(client: TestClient) -> None:
    for page in (client.get("/search?q=img").text, client.get("/wanted?lack=failed").text):
        assert "&lt;img src=x&gt; star" in page
        assert "<img src=x>" not in page
        assert "<b>Bold" not in page


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=%20", "?q=zzzz", "?kind=nonsense&q=a", "?q=star&kind=videos&after=x", "?q=%00"]
)
def test_every_address_is_a_page(client: TestClient, query: str) -> None:
    answer = client.get(f"/search{query}")
    assert answer.status_code == 200
    assert 'id="search"' in answer.text


def test_nothing_found_says_so(client: TestClient) -> None:
    assert 'Nothing is called <q dir="auto">zzzz</q>' in client.get("/search?q=zzzz").text


def test_no_address_and_no_code_is_foreign(client: TestClient) -> None:
    for path in ("/search?q=star", "/wanted", "/wanted?lack=missing"):
        page = client.get(path).text
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
        assert not re.findall(r"\son\w+=|style=|javascript:", page)


def test_wanted_videos_come_page_after_page(client: TestClient) -> None:
    first = client.get("/wanted").text
    ids = re.findall(r'name="video" value="(\d+)"', first)
    assert len(ids) == 50
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link is not None
    second = client.get(link[1].replace("&amp;", "&")).text
    assert len({*ids, *re.findall(r'name="video" value="(\d+)"', second)}) == 70
    assert 'rel="next"' not in second


def test_a_failed_video_says_why(client: TestClient, config: Config) -> None:
    assert "Nobody noted why." in client.get("/wanted?lack=failed").text
    with writing(config) as session:
        session.add(Download(artist_id=1, video_id=72, title="x", original_url="", error_message="The site said <no>"))
    assert "The site said &lt;no&gt;" in client.get("/wanted?lack=failed").text


def test_a_file_that_is_gone_is_missing(client: TestClient) -> None:
    page = client.get("/wanted?lack=missing").text
    assert re.findall(r'name="video" value="(\d+)"', page) == ["73"]
    assert "The file is gone: data/musicvideos/gone.mp4" in page


def test_the_chosen_are_handed_in_once(client: TestClient, config: Config, tmp_path: Path) -> None:
    del tmp_path
    for begun in (2, 0):
        answer = client.post("/wanted", data={"lack": "wanted", "video": ["2", "3", "99999", "x"]})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/wanted?lack=wanted&done={begun}"
    with writing(config) as session:
        assert sorted(job.subject for job in session.query(Job)) == ["video 2", "video 3"]
    assert "2 downloads wait for a turn." in client.get("/wanted?lack=wanted&done=2").text
