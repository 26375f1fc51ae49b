"""The same application over a real MariaDB: its collation, its locks, its errors."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import User, UserRole, VideoStatus
from fastapi_app.schema import upgrade
from tests.fastapi_app.conftest import Client, connected
from tests.fastapi_app.library import artist, log_in, user, video
from tests.servers.mariadb import MariaDB, start_mariadb

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]


def installed(url: str, data: Path) -> Config:
    config = Config(data_dir=data, database_url=url, db_host="", log_level="CRITICAL")
    engine = blocking_engine(config)
    upgrade(engine)
    engine.dispose()
    return config


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


async def test_lists_and_searches(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "Björk", imvdb_id="7"), artist(2, "100%"), artist(3, "Zoé"))
    rows(video(1, "B", status=VideoStatus.MONITORED), video(2, "a", 3, status=VideoStatus.WANTED))
    open_client.queries.clear()
    page = (await open_client.get("/api/artists/?search=BJORK")).json()
    assert [(row["name"], row["video_count"]) for row in page["artists"]] == [("Björk", 1)]
    assert len(open_client.queries) == 3, open_client.queries
    assert (await open_client.get("/api/artists/?search=%25&sort=created_at")).json()["total"] == 3
    videos = (await open_client.get("/api/videos/?sort=status&limit=9&offset=0")).json()["videos"]
    assert [(row["title"], row["artist_name"]) for row in videos] == [("a", "Zoé"), ("B", "Björk")]
    assert (await open_client.get(f"/api/artists/{'9' * 30}")).status_code == 404


async def test_a_long_list_of_genres_is_not_cut(open_client: Client, rows: Rows) -> None:
    long = [f"Genre of many words, number {number}" for number in range(20)]
    rows(artist(), video(1, genres=["Rock"]), video(2, genres=long), video(3))
    assert (await open_client.get("/api/genres")).json()["video_genres"] == sorted(["Rock", *long])


async def test_collisions_are_conflicts(open_client: Client, rows: Rows) -> None:
    rows(artist(1, "Björk", imvdb_id="7"), artist(2, "Other"), video(1, imvdb_id="8"), video(2))
    assert (await open_client.post("/api/artists/", json={"name": "BJORK"})).status_code == 409
    assert (await open_client.post("/api/artists/", json={"name": "New", "imvdb_id": "7"})).status_code == 409
    assert (await open_client.put("/api/artists/2", json={"imvdb_id": 7})).json()["existing_artist"]["id"] == 1
    assert (await open_client.put("/api/videos/2", json={"imvdb_id": "8"})).status_code == 409


async def test_changes_and_deletions(open_client: Client, rows: Rows) -> None:
    rows(artist(), video(1), video(2))
    changed = (await open_client.put("/api/videos/1", json={"genres": ["Rock", "ü"], "status": "failed"})).json()
    assert (changed["genres"], changed["status"]) == (["Rock", "ü"], "FAILED")
    assert (await open_client.get("/api/artists/1")).json()["genres"] == ["Rock", "ü"]
    assert (await open_client.delete("/api/videos/2")).status_code == 200
    gone = (await open_client.delete("/api/artists/1?force=1")).json()["deleted_data"]
    assert (gone["videos_deleted"], gone["downloads_deleted"]) == (1, 0)


async def test_settings_and_the_gate(open_client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN))
    await open_client.put("/api/settings/Golden.Case", json={"value": "🪩"})
    await open_client.put("/api/settings/bulk", json={"settings": {"golden.case": "b", "other": "c"}})
    assert (await open_client.get("/api/settings/Golden.Case")).json()["value"] == "b"
    await open_client.put("/api/settings/require_authentication", json={"value": "true"})
    assert (await open_client.get("/api/artists/")).status_code == 401
    await log_in(open_client, "boss")
    assert (await open_client.get("/api/artists/")).status_code == 200
    assert (await open_client.delete("/api/settings/require_authentication")).status_code == 200
    open_client.cookies.clear()
    assert (await open_client.get("/api/artists/")).status_code == 401


async def test_changes_at_once_lose_nothing(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 9)))
    async with anyio.create_task_group() as group:
        for number in range(1, 9):
            change = {"genres": [f"Genre {number}"]}
            group.start_soon(lambda n, c: open_client.put(f"/api/videos/{n}", json=c), number, change)
    stored = [(await open_client.get(f"/api/videos/{number}")).json()["genres"] for number in range(1, 9)]
    assert stored == [[f"Genre {number}"] for number in range(1, 9)]


async def test_guessing_at_once_is_counted_one_by_one(client: Client, rows: Rows) -> None:
    rows(user())
    async with anyio.create_task_group() as group:
        for _attempt in range(5):
            wrong = {"username": "anna", "password": "wrong"}
            group.start_soon(lambda body: client.post("/auth/login", json=body), wrong)
    async with client.state["database"].reading() as session:
        assert (await session.get_one(User, 1)).locked_until is not None


async def test_a_server_that_dies_is_503_and_one_that_returns_is_used_again(tmp_path: Path) -> None:
    with start_mariadb(tmp_path / "server") as server:
        async with connected(installed(server.create_database("library"), tmp_path)) as client:
            assert (await client.get("/api/artists/")).status_code == 401
            server.kill()
            for path in ("/api/artists/", "/readyz"):
                answer = await client.get(path)
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            with start_mariadb(tmp_path / "server", port=server.port):
                assert (await client.get("/api/artists/")).status_code == 401
