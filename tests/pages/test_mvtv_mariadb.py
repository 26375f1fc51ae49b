"""The queue of MvTV over MariaDB: its whole numbers come to the same, and no film is lost between two parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Artist, Playlist, PlaylistEntry, Setting, Video, VideoStatus
from fastapi_app.playlists.shuffling import MOST_SEED, key
from fastapi_app.schema import upgrade
from tests.pages.shelf import SECRET
from tests.servers.mariadb import start_mariadb

pytestmark = [pytest.mark.mariadb, pytest.mark.long]

FILMS = 70
LARGEST = 2**31 - 1


def film(number: int) -> Video:
    genres = ["Röck"] if number % 2 else ["Pop"]
    path = f"data/musicvideos/{number}.mp4"
    columns = {"title": f"Song {number}", "year": 1985 + number % 20, "genres": genres, "local_path": path}
    return Video(id=number, artist_id=1, status=VideoStatus.DOWNLOADED, **columns)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("library")
    with start_mariadb(folder / "mariadb") as mariadb:
        config = Config(data_dir=folder, database_url=mariadb.create_database("films"), secret_key=SECRET)
        engine = blocking_engine(config)
        upgrade(engine)
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.add_all([Setting(key="require_authentication", value="false"), Artist(id=1, name="Björk")])
            session.flush()
            session.add_all([film(number) for number in (*range(1, FILMS), LARGEST)])
            session.add(Playlist(id=1, name="Mine", is_public=True))
            session.flush()
            session.add_all([PlaylistEntry(playlist_id=1, video_id=n, position=1000 - n) for n in (4, 9, 2)])
        engine.dispose()
        with TestClient(create_app(config)) as connected:
            yield connected


def programme(client: TestClient, query: str) -> list[int]:
    found: list[int] = []
    part = client.get(f"/api/mvtv/queue?{query}").json()
    while True:
        found += [film["id"] for film in part["films"]]
        if part["more"] is None:
            return found
        part = client.get(f"/api/mvtv/queue?{query}&after={part['more']}").json()


@pytest.mark.parametrize("seed", [1, 5, MOST_SEED])
def test_a_seed_is_the_order_that_python_computes(client: TestClient, seed: int) -> None:
    ids = [*range(1, FILMS), LARGEST]
    assert programme(client, f"seed={seed}") == sorted(ids, key=lambda number: (key(number, seed), number))


def test_filters_and_playlists_find_what_they_find_on_sqlite(client: TestClient) -> None:
    assert programme(client, "") == [LARGEST, *range(FILMS - 1, 0, -1)]
    assert programme(client, "genre=R%C3%B6ck") == [n for n in programme(client, "") if n % 2]
    assert programme(client, "artist=bjork&decade=1990") == [
        n for n in programme(client, "") if 1990 <= 1985 + n % 20 < 2000
    ]
    assert programme(client, "playlist=1") == [9, 4, 2]
    for path in ("/mvtv?seed=3", "/mvtv?playlist=1", "/playlists", "/playlist/1", "/youtube-playlists"):
        assert client.get(path).status_code == 200, path
