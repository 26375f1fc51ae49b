"""Answers kept in memory: the next read sees every write, whoever made it, and errors are never kept."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.caching import building
from fastapi_app.config import Config
from fastapi_app.models import WRITES
from tests.caching.libraries import copied, file_of, shell
from tests.caching.statements import statements
from tests.search.libraries import artist, opened, put, video

LISTS = (
    "/api/videos/",
    "/api/videos/?limit=1&offset=1&sort=artist_name&order=desc",
    "/api/artists/",
    "/api/artists/?search=band&per_page=5",
    "/api/artists/search/advanced?search=band",
    "/api/artists/search/filters",
    "/api/videos/search?q=song",
    "/api/genres",
    "/api/genres/Rock/videos",
    "/api/genres/Rock/artists",
)
ONES = ("/api/videos/1", "/api/artists/1")


@pytest.fixture
def config(tmp_path: Path, new_database: Path) -> Config:
    made = copied(new_database, tmp_path)
    put(made, artist(1, "Band one"), artist(2, "Band two"), video(1, "Song one"), video(2, "Song two", 2))
    return made


@pytest.fixture
def app(config: Config) -> FastAPI:
    return create_app(config)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as connected:
        yield connected


def of_rows(sent: list[str]) -> list[str]:
    """Without the gate, which every request asks for."""
    return [each for each in sent if "FROM settings" not in each]


def test_a_second_question_costs_one_look_at_the_versions(client: TestClient) -> None:
    for path in LISTS:
        first = client.get(path)
        with statements() as sent:
            second = client.get(path)
        assert (first.status_code, second.status_code) == (200, 200)
        assert second.content == first.content
        assert {**second.headers} == {**first.headers}
        assert [each.split("WHERE")[0] for each in of_rows(sent)] == [
            "SELECT tag, MAX(version), SUM(version) FROM cache_tags "
        ]


def test_who_has_the_answer_is_told_so_until_it_changes(client: TestClient, config: Config) -> None:
    had = {path: client.get(path) for path in (*LISTS, *ONES)}
    for path in (LISTS[0], ONES[0]):
        check_conditions(client, path, had[path])
    with closing(shell(config)) as outside:
        outside.execute("UPDATE artists SET name = 'Band three', keywords = '[\"Rock\"]', genres = '[\"Rock\"]'")
        outside.execute("UPDATE videos SET title = 'Song three', genres = '[\"Rock\"]'")
    for path, first in had.items():
        changed = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert first.headers["cache-control"] == "private, no-cache"
        assert changed.status_code == 200, path
        assert changed.content != first.content
        assert changed.headers["etag"] != first.headers["etag"]


def check_conditions(client: TestClient, path: str, first: httpx2.Response) -> None:
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = client.get(path, headers={"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in same.headers
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert client.head(path, headers={"if-none-match": tag}).status_code == 304
    assert client.get(path, headers={"if-none-match": '"other"'}).content == first.content
    assert client.get(path, headers={"if-none-match": tag, "range": "bytes=0-1"}).status_code == 304
    assert client.get(path, headers={"range": "bytes=0-1"}).content == first.content


def test_a_304_costs_one_look_at_the_versions(client: TestClient) -> None:
    tag = client.get("/api/artists/").headers["etag"]
    with statements() as sent:
        assert client.get("/api/artists/", headers={"if-none-match": tag}).status_code == 304
    assert len(of_rows(sent)) == 1


def test_an_error_is_neither_kept_nor_tagged(client: TestClient, config: Config) -> None:
    for path, status in (("/api/videos/9", 404), ("/api/videos/?limit=-1", 400), ("/api/artists/?page=0", 400)):
        answer = client.get(path, headers={"if-none-match": "*"})
        assert (answer.status_code, "etag" in answer.headers) == (status, False)
    put(config, video(9, "Song nine"))
    assert client.get("/api/videos/9").status_code == 200


def test_a_write_in_another_process_is_seen_by_the_next_read(client: TestClient, config: Config) -> None:
    before = client.get("/api/videos/").json()["total"]
    code = (
        "import sqlite3, sys; from fastapi_app.models import CONNECT_ARGUMENTS; "
        "c = sqlite3.connect(sys.argv[1], **CONNECT_ARGUMENTS); c.execute('DELETE FROM videos WHERE id = 2'); c.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(file_of(config))], check=True)
    assert client.get("/api/videos/").json()["total"] == before - 1
    assert client.get("/videos").text.count("Song two") == 0


def test_counts_are_made_anew_for_a_change_of_status_only(client: TestClient, config: Config) -> None:
    def shown() -> tuple[str, int]:
        page = client.get("/wanted").text
        found = re.search(r"Wanted <small>(\d+)</small>", page)
        return found[1] if found else "", client.app_state["caches"].store.tallies["library counts"].misses

    with closing(shell(config)) as outside:
        outside.execute("UPDATE videos SET status = 'WANTED'")
        assert shown() == ("2", 1)
        outside.execute("UPDATE videos SET year = 1999, title = 'Another'")
        assert shown() == ("2", 1)
        outside.execute("UPDATE videos SET status = 'FAILED' WHERE id = 1")
        assert shown() == ("1", 2)
        outside.execute("DELETE FROM videos")
        assert shown() == ("0", 3)


def test_genres_are_made_anew_for_a_change_of_genres_only(client: TestClient, config: Config) -> None:
    tag = client.get("/api/genres").headers["etag"]
    with closing(shell(config)) as outside:
        outside.execute("UPDATE videos SET year = 1999, title = 'Another'")
        outside.execute("UPDATE artists SET name = 'Another'")
        assert client.get("/api/genres", headers={"if-none-match": tag}).status_code == 304
        for change in (
            "UPDATE videos SET genres = '[\"Rock\"]' WHERE id = 1",
            "UPDATE videos SET genres = '[\"rock\"]' WHERE id = 1",
            "UPDATE artists SET genres = '[\"Folk\"]' WHERE id = 1",
            "INSERT INTO videos (id, artist_id, title, genres) VALUES (70, 1, 'More', '[\"Pop\"]')",
            "DELETE FROM videos WHERE id = 70",
        ):
            before = client.get("/api/genres")
            outside.execute(change)
            after = client.get("/api/genres", headers={"if-none-match": before.headers["etag"]})
            assert (after.status_code, after.content == before.content) == (200, False), change


def test_what_is_rolled_back_was_never_there(client: TestClient, config: Config) -> None:
    first = client.get("/api/videos/")
    with closing(shell(config)) as outside:
        outside.execute("BEGIN")
        outside.execute("UPDATE videos SET title = 'Never'")
        outside.rollback()
    assert client.get("/api/videos/", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_an_old_copy_put_back_is_what_the_next_read_sees(client: TestClient, config: Config) -> None:
    """Versions are numbers that never come twice: a counter would count its way back to one that is kept."""
    with closing(shell(config)) as outside:
        with closing(sqlite3.connect(":memory:")) as copy:
            outside.backup(copy)
            outside.execute("UPDATE videos SET title = 'Lost later'")
            assert "Lost later" in client.get("/api/videos/").text
            copy.backup(outside)
        assert "Lost later" not in client.get("/api/videos/").text
        outside.execute("UPDATE videos SET title = 'Another history'")
    assert "Another history" in client.get("/api/videos/").text


def test_without_triggers_nothing_is_kept(config: Config, app: FastAPI) -> None:
    with opened(config) as engine, engine.execution_options(**{WRITES: True}).connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER cache_videos_update")
        connection.commit()
    with TestClient(app) as client:
        assert "etag" not in client.get("/api/videos/").headers
        assert "etag" in client.get("/api/videos/1").headers
    with opened(config) as engine, engine.execution_options(**{WRITES: True}).connect() as connection:
        building.remove(connection)
        connection.commit()
    with TestClient(app) as client:
        assert "etag" not in client.get("/api/videos/").headers
        put(config, video(3, "Song three"))
        assert client.get("/api/videos/").json()["total"] == 3


def test_a_copy_that_nobody_waits_for_has_no_tag(app: FastAPI) -> None:
    """It is compared with an answer of the other side, which has none."""

    async def copied(scope: dict[str, object], receive: object, send: object) -> None:
        await app({**scope, "extensions": {"http.request.copy": {}}}, receive, send)  # type: ignore[arg-type]

    with TestClient(copied) as client:  # type: ignore[arg-type]
        for path in ("/api/videos/", "/api/videos/1"):
            answer = client.get(path, headers={"if-none-match": "*"})
            assert (answer.status_code, "etag" in answer.headers) == (200, False)


def test_metrics_tell_how_often_something_was_found(client: TestClient) -> None:
    tag = client.get("/api/videos/").headers["etag"]
    client.get("/api/videos/")
    client.get("/api/videos/", headers={"if-none-match": tag})
    text = client.get("/metrics").text
    for outcome in ("hit", "miss", "unchanged"):
        assert f'mvidarr_cache_answers_total{{cache="videos",outcome="{outcome}"}} 1.0' in text
    assert 'mvidarr_cache_bytes{cache="videos"}' in text
