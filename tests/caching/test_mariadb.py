"""Versions on MariaDB: no writer waits for another one because of them, and rows that go with others are noticed."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import Connection, Engine, text
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.caching import building, triggers
from fastapi_app.caching.tags import Tag
from fastapi_app.config import Config
from fastapi_app.models import Playlist, PlaylistEntry
from tests.search.libraries import artist, library, opened, put, video

pytestmark = [pytest.mark.mariadb, pytest.mark.long]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with library("mariadb", tmp_path_factory.mktemp("mariadb")) as made:
        put(made, artist(1, "Band one"), artist(2, "Band two"), *(video(n, f"Song {n}") for n in range(1, 9)))
        yield made


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    with opened(config) as made:
        yield made


def versions(engine: Engine, *tags: Tag) -> list[tuple[str, int, int]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(triggers.versions("mysql", tags)))]


def impatient(engine: Engine) -> Connection:
    connection = engine.connect()
    connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
    connection.commit()
    return connection


def test_a_writer_waits_for_no_other_writer_of_other_rows(engine: Engine) -> None:
    with impatient(engine) as first, impatient(engine) as second:
        first.exec_driver_sql("UPDATE videos SET year = 1999 WHERE id = 1")
        first.exec_driver_sql("UPDATE artists SET source = 'first' WHERE id = 1")
        second.exec_driver_sql("UPDATE artists SET source = 'second' WHERE id = 2")
        second.exec_driver_sql("UPDATE videos SET year = 1999 WHERE id = 2")
        before = versions(engine, Tag.VIDEOS)
        second.commit()
        between = versions(engine, Tag.VIDEOS)
        first.commit()
    assert len({str(each) for each in (before, between, versions(engine, Tag.VIDEOS))}) == 3


def test_a_column_is_noticed_for_itself(engine: Engine) -> None:
    tags = [Tag.VIDEO_GENRES]
    seen = [versions(engine, *tags)]
    for change in (
        "year = 1955",
        "genres = '[\"Rock\"]'",
        "genres = '[\"Rock\"]'",
        "genres = '[\"rock\"]'",
        "genres = NULL",
    ):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE videos SET {change} WHERE id = 3")
        seen.append(versions(engine, *tags))
    assert [before != after for before, after in pairwise(seen)] == [False, True, False, True, True]


def test_rows_that_go_with_others_are_noticed(config: Config, engine: Engine) -> None:
    put(config, Playlist(id=7, name="Hers"), PlaylistEntry(id=7, playlist_id=7, video_id=8, position=1))
    before = versions(engine, Tag.PLAYLIST_ENTRIES)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM videos WHERE id = 8")
    assert versions(engine, Tag.PLAYLIST_ENTRIES) != before


def test_the_next_read_sees_every_write(config: Config, engine: Engine) -> None:
    with TestClient(create_app(config)) as client, TestClient(create_app(config)) as other:
        for number in range(20):
            shown = [each.get("/api/videos/?limit=1").json()["videos"][0]["year"] for each in (client, other)]
            assert shown[0] == shown[1]
            with engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE videos SET year = {1900 + number}")
            tag = client.get("/api/videos/").headers["etag"]
            assert client.get("/api/videos/", headers={"if-none-match": tag}).status_code == 304
            assert other.get("/api/videos/?limit=1").json()["videos"][0]["year"] == 1900 + number
            assert other.get("/api/videos/", headers={"if-none-match": tag}).status_code == 304
        assert client.app_state["caches"].store.tallies["videos"].misses >= 20


def test_an_account_without_the_right_keeps_nothing(config: Config, engine: Engine) -> None:
    """And answers all the same."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER cache_videos_insert")
    try:
        with TestClient(create_app(config)) as client:
            assert "etag" not in client.get("/api/videos/").headers
    finally:
        with engine.begin() as connection:
            assert building.build(connection)
    with TestClient(create_app(config)) as client:
        assert "etag" in client.get("/api/videos/").headers
