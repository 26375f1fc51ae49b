"""The queue of MvTV: an order without a sort that everybody sees alike, and only films that can be played."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.errors import BadField
from fastapi_app.models import WRITES, Video, VideoStatus
from fastapi_app.pages.mvtv import rules
from fastapi_app.pages.mvtv.captions import is_language
from fastapi_app.playlists.shuffling import MOST_SEED, key
from tests.pages.shelf import Item, make_shelf

FILMS = 60
SHELF = (
    *(Item("Low Orbit", f"Crater {number}", 1990 + number % 20) for number in range(FILMS - 2)),
    Item("Björk", "Jóga", 1997, picture="data/thumbnails/none.jpg", file="data/musicvideos/Jóga.mkv"),
    Item("Björk", "Hyperballad", None),
    *(Item("Björk", f"Lost {number}", file=None) for number in range(45)),
    Item("Björk", "Wanted", status=VideoStatus.WANTED),
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("shelf") / "data", SHELF)
    engine = blocking_engine(made)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.execute(update(Video).where(Video.title == "Jóga").values(genres=["Pop", "Röck"]))
    engine.dispose()
    return made


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[TestClient]:
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


def ask(client: TestClient, **query: object) -> dict[str, Any]:
    answer = client.get("/api/mvtv/queue", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(answer: dict[str, Any]) -> list[int]:
    return [film["id"] for film in answer["films"]]


def programme(client: TestClient, **query: object) -> list[int]:
    """The whole order, part by part."""
    found: list[int] = []
    query = {"limit": 40, **query}
    part = ask(client, **query)
    for _ in range(FILMS):
        found += ids(part)
        if part["more"] is None:
            return found
        part = ask(client, after=part["more"], **query)
    raise AssertionError("the programme has no end")


@pytest.mark.parametrize("query", [{"limit": 13}, {"seed": MOST_SEED}, {"seed": 77, "limit": 13}])
def test_every_film_comes_once_and_no_other(client: TestClient, query: dict[str, int]) -> None:
    assert sorted(programme(client, **query)) == list(range(1, FILMS + 1))


def test_without_a_seed_the_newest_come_first(client: TestClient) -> None:
    assert programme(client) == list(range(FILMS, 0, -1))


def test_a_seed_is_an_order_and_another_seed_another(client: TestClient) -> None:
    first, second = programme(client, seed=5), programme(client, seed=6)
    assert first == programme(client, seed=5)
    assert first != second
    neighbours = sum(abs(one - other) == 1 for one, other in pairwise(first))
    assert neighbours < FILMS / 10


def test_what_python_and_the_database_compute_is_the_same(client: TestClient) -> None:
    assert programme(client, seed=5) == sorted(range(1, FILMS + 1), key=lambda number: (key(number, 5), number))


def test_the_programme_can_be_entered_anywhere_and_walked_backwards(client: TestClient) -> None:
    queries: list[dict[str, object]] = [{}, {"seed": 9}]
    for query in queries:
        whole = programme(client, **query)
        place = whole[30]
        assert ids(ask(client, at=place, limit=3, **query)) == whole[30:33]
        assert ids(ask(client, after=place, limit=3, **query)) == whole[31:34]
        assert ids(ask(client, before=place, limit=3, **query)) == whole[27:30]
        assert ids(ask(client, before=whole[0], **query)) == []


def test_a_film_that_is_gone_still_has_its_place(client: TestClient) -> None:
    gone = FILMS + 20
    behind = ids(ask(client, at=gone, seed=3))
    assert gone not in behind
    assert behind == ids(ask(client, after=gone, seed=3))


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"artist": "bjork"}, ["Hyperballad", "Jóga"]),
        ({"genre": "Röck"}, ["Jóga"]),
        ({"artist": "Björk", "decade": 1990}, ["Jóga"]),
        ({"artist": "Nobody"}, []),
        ({"genre": "Roc"}, []),
    ],
)
def test_filters_narrow_the_programme(client: TestClient, query: dict[str, object], titles: list[str]) -> None:
    assert [film["title"] for film in ask(client, **query)["films"]] == titles


def test_a_film_says_whether_it_is_converted(client: TestClient) -> None:
    (film,) = ask(client, genre="Pop")["films"]
    assert (film["is_converted"], film["has_thumbnail"], film["artist"]) == (True, True, "Björk")


@pytest.mark.parametrize(
    "query", ["seed=0", f"seed={MOST_SEED + 1}", "decade=1995", "decade=1", "limit=51", "at=1&after=2", "before=x"]
)
def test_bad_values_are_named(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/mvtv/queue?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].split()[0] in query


def test_the_page_reads_nonsense_as_nothing() -> None:
    wish = rules.lenient({"seed": "x", "decade": "7", "film": "-1", "artist": "a" * 300, "genre": "Pop"}, 42)
    assert wish == rules.Wish(rules.Filters(genre="Pop"), 42)
    assert rules.lenient({"order": "newest", "seed": "5"}, 42).seed is None
    with pytest.raises(BadField):
        rules.wish({"playlist": "all"})


def test_the_page_plays_without_scripts_and_resumes_at_a_film(client: TestClient) -> None:
    page = client.get("/mvtv?seed=4&film=17").text
    assert "<title>MvTV - MVidarr</title>" in page
    assert 'src="/api/videos/17/stream"' in page
    shown = [int(number) for number in re.findall(r'data-film="([1-9]\d*)"', page)]
    assert shown == ids(ask(client, seed=4, at=17))
    assert f"{FILMS + 45} films" in page, "files are not looked for when counting"


def test_an_empty_programme_says_what_to_do(client: TestClient) -> None:
    page = client.get("/mvtv?artist=Nobody").text
    assert "Nothing to play here" in page
    assert "<video" not in page
    assert "mvtv.js" not in page


def test_captions_beside_a_film_are_found_and_nothing_else(client: TestClient, config: Config) -> None:
    folder = config.data_dir / "musicvideos"
    folder.mkdir()
    for name in ("Jóga.en.vtt", "Jóga.pt-BR.vtt", "Jóga.vtt", "Jóga.en.srt", "Jógurt.de.vtt", "Jóga.a..b.vtt"):
        (folder / name).write_text("WEBVTT\n")
    (folder / "Jóga.de.vtt").symlink_to("/etc/hostname")
    address = f"/api/videos/{FILMS - 1}/captions"
    assert client.get(address).json() == {"languages": ["de", "en", "pt-BR"]}
    answer = client.get(f"{address}/pt-BR")
    assert (answer.text, answer.headers["content-type"]) == ("WEBVTT\n", "text/vtt; charset=utf-8")
    for language in ("de", "fr", "..%2fen", "en.srt"):
        assert client.get(f"{address}/{language}").status_code == 404
    assert client.get(f"/api/videos/{10**12}/captions").status_code == 404


def test_a_language_is_no_path() -> None:
    assert [text for text in ("en", "pt-BR", "zh-Hant-TW", "..", "e", "en/x", "en\n", "") if is_language(text)] == [
        "en",
        "pt-BR",
        "zh-Hant-TW",
    ]
