"""The one door, on both databases: what is found, in which order, page after page, whatever somebody types."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, text, update
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.models import Artist, PlaylistMonitor, Video
from fastapi_app.search import building, mariadb_tiers
from tests.search.libraries import SIDES, artist, library, opened, playlist, put, video, writing


@pytest.fixture(scope="module", params=[*SIDES, "large mariadb"])
def config(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The large one is asked as if it were: FULLTEXT instead of looking through the rows."""
    side = request.param.split()[-1]
    with pytest.MonkeyPatch.context() as patch, library(side, tmp_path_factory.mktemp(side)) as made:
        if request.param != side:
            patch.setattr(mariadb_tiers, "FAR", 0)
            patch.setattr(mariadb_tiers, "COMMON", 2.0)
        yield made


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[TestClient]:
    with TestClient(create_app(config)) as connected:
        yield connected


@pytest.fixture(autouse=True)
def empty(config: Config) -> None:
    with writing(config) as session:
        for table in (Video, Artist, PlaylistMonitor):
            session.execute(delete(table))


def found(client: TestClient, words: str, kind: str = "videos", limit: int = 50) -> list[str]:
    answer = client.get("/api/search", params={"q": words, "kind": kind, "limit": limit})
    assert answer.status_code == 200, answer.text
    return [item.get("title") or item["name"] for item in answer.json()[kind]["items"]]


def test_titles_come_before_artists_and_these_before_descriptions(client: TestClient, config: Config) -> None:
    put(
        config,
        artist(1, "Low Orbit"),
        artist(2, "Queen"),
        video(1, "In the news", 1, "an evening with queen at the lake"),
        video(2, "Radio", 2),
        video(3, "Long live the Queen", 1),
        video(4, "Queens of noise", 1),
        video(5, "Queen", 1),
        video(6, "The Queensway", 1),
        video(7, "Nothing of it", 1),
    )
    wanted = ["Queen", "Queens of noise", "Long live the Queen", "The Queensway", "Radio", "In the news"]
    assert found(client, "queen") == wanted
    assert found(client, "  QUEEN ") == wanted


def test_words_are_looked_for_across_title_artist_and_description(client: TestClient, config: Config) -> None:
    put(config, artist(1, "Björk"), video(1, "Jóga", 1, "filmed on Iceland"), video(2, "Bachelorette", 1))
    assert found(client, "bjork jog") == ["Jóga"]
    assert found(client, "ICELAND björ") == ["Jóga"]
    assert found(client, "bjork mars") == []


@pytest.mark.parametrize("words", ["cafe", "café", "CAFÉ", "caf", "cafe\u0301"])
def test_accents_and_capitals_do_not_matter(client: TestClient, config: Config, words: str) -> None:
    put(config, artist(1, "Ågren"), video(1, "Le Café noir"))
    assert found(client, words) == ["Le Café noir"]


@pytest.mark.parametrize(
    ("words", "title"),
    [("u2", "Live with U2 in it"), ("the who", "All of the Who"), ("a", "What a day"), ("i o", "Input (I/O) song")],
)
def test_short_and_common_words_are_words(client: TestClient, config: Config, words: str, title: str) -> None:
    put(config, artist(1, "Somebody"), video(1, title), video(2, "Zero"))
    assert found(client, words) == [title]


@pytest.mark.parametrize(
    "typed",
    [
        '"', '""', "'", "*", "a*", "-a", "+a -b", "(a", "a)", "a AND", "NOT", "a NEAR b", "title:a", "{title}: a", "^a",
        "~", "<>", "@5", "%", "_", "\\", "a\0b", "🪩", "a" * 5000, "- - -", "a;b--", "NULL", "\ufffd", "(" * 300,
        " ".join(["word"] * 500), "ʼ", "١٢٣", "日本", "²", "\u0301",
    ],
)  # fmt: skip
def test_nothing_typed_is_an_error(client: TestClient, config: Config, typed: str) -> None:
    put(config, artist(1, "Somebody"), video(1, "A song"))
    for kind in ("artists", "videos", "playlists"):
        found(client, typed, kind)


def test_signs_alone_find_titles_that_begin_so(client: TestClient, config: Config) -> None:
    put(config, artist(1, "Ed"), video(1, "100%"), video(2, "!!! (live)"), video(3, "100 times"))
    assert found(client, "!!!") == ["!!! (live)"]
    assert found(client, "100%") == ["100%", "100 times"]


def test_pages_hold_every_row_once(client: TestClient, config: Config) -> None:
    put(config, artist(1, "Star one"), *(video(number, f"Star {number % 7}") for number in range(1, 40)))
    put(config, *(video(number, f"A starry night {number}") for number in range(40, 60)))
    put(config, *(video(number, f"Far {number}", 1, "a star") for number in range(60, 70)))
    titles: list[int] = []
    after = ""
    for _ in range(30):
        answer = client.get("/api/search", params={"q": "star", "kind": "videos", "limit": 7, "after": after}).json()
        titles += [item["id"] for item in answer["videos"]["items"]]
        after = answer["videos"]["after"]
        if after is None:
            break
    assert sorted(titles) == list(range(1, 70))


def test_all_kinds_are_answered_at_once(client: TestClient, config: Config) -> None:
    put(
        config,
        artist(1, "Nova"),
        video(1, "Novae"),
        playlist(1, "Best of Nova", "Radio"),
        playlist(2, "Other", "Nova TV"),
    )
    answer = client.get("/api/search", params={"q": "nova"}).json()
    assert [item["name"] for item in answer["artists"]["items"]] == ["Nova"]
    assert answer["artists"]["items"][0]["video_count"] == 1
    assert [item["title"] for item in answer["videos"]["items"]] == ["Novae"]
    assert [item["name"] for item in answer["playlists"]["items"]] == ["Best of Nova", "Other"]


def test_what_anybody_writes_is_found_at_once(client: TestClient, config: Config) -> None:
    put(config, artist(1, "Old name"), artist(2, "Second"), video(1, "First title", 1, "word one"))
    with writing(config) as session:
        session.execute(update(Video).where(Video.id == 1).values(title="Another heading"))
        session.execute(update(Artist).where(Artist.id == 1).values(name="Fresh"))
    assert found(client, "first") == []
    assert found(client, "old") == []
    assert found(client, "heading") == found(client, "fresh") == ["Another heading"]
    assert found(client, "fresh", "artists") == ["Fresh"]
    with writing(config) as session:
        session.execute(update(Video).where(Video.id == 1).values(artist_id=2, description=None))
    assert found(client, "fresh") == []
    assert found(client, "word") == []
    assert found(client, "second") == ["Another heading"]
    with writing(config) as session:
        session.execute(delete(Video).where(Video.id == 1))
    assert found(client, "heading") == []


def test_without_an_index_beginnings_are_found_and_it_can_be_made_anew(client: TestClient, config: Config) -> None:
    put(config, artist(1, "Nova"), video(1, "Star"), video(2, "Far star"))
    with opened(config) as engine, engine.execution_options(writes=True).connect() as connection:
        building.remove(connection)
        connection.commit()
        assert found(client, "star") == ["Star"]
        put(config, video(3, "Another star"))
        told: list[tuple[int, int]] = []
        assert building.build(connection, lambda done, total: told.append((done, total))) == 4
        connection.commit()
    assert told[-1] == (4, 4)
    assert found(client, "star") == ["Star", "Another star", "Far star"]


def test_a_common_word_is_found_beside_a_rare_one(client: TestClient, config: Config) -> None:
    put(config, artist(1, "Nova"), *(video(number, f"Song {number} official video") for number in range(1, 300)))
    put(config, video(300, "Rare bird (Official Video)"), video(301, "A rare bird"))
    assert found(client, "video bird") == ["Rare bird (Official Video)"]
    assert len(found(client, "official video")) == 50
    assert found(client, "bird rare") == ["A rare bird", "Rare bird (Official Video)"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "songs"}, "kind"),
        ({"limit": "0"}, "limit"),
        ({"limit": "51"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"after": "abc"}, "after"),
        ({"kind": "videos", "after": "abc"}, "after"),
        ({"kind": "videos", "after": "WzksMSwiIl0"}, "after"),
        ({"kind": "videos", "after": "WzAsMSwiXHVkODAwIl0"}, "after"),
        ({"kind": "videos", "after": "x" * 9000}, "after"),
    ],
)
def test_a_wrong_question_names_its_field(client: TestClient, query: dict[str, str], field: str) -> None:
    answer = client.get("/api/search", params={"q": "a", **query})
    assert answer.status_code == 400
    assert json.loads(answer.text)["error"].startswith(field)


def test_writes_without_the_index_of_searches_are_written(config: Config) -> None:
    put(config, artist(1, "Nova"))
    with writing(config) as session:
        session.execute(text("INSERT INTO videos (id, artist_id, title) VALUES (7, 1, 'Plain')"))
        session.execute(text("UPDATE videos SET status = 'WANTED' WHERE id = 7"))
        session.execute(text("DELETE FROM videos WHERE id = 7"))
