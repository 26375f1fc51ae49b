"""Playlists over a real MariaDB: its locks keep the order whole, its text rules find the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import literal, select, text

from fastapi_app.config import Config
from fastapi_app.models import Playlist
from fastapi_app.playlists.shuffling import MOST_SEED, key
from tests.fastapi_app.conftest import NOBODY_OUTSIDE, Client
from tests.fastapi_app.library import artist, user, video
from tests.fastapi_app.test_mariadb import installed
from tests.playlists.lists import entry_of, make, playlist, videos
from tests.playlists.test_dynamic import CASES, library, make_dynamic, preview
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb, pytest.mark.long]
Rows = Callable[..., None]

FILMS = 12


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    made = installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)
    return made.model_copy(update=NOBODY_OUTSIDE)


async def test_rules_find_what_they_find_on_sqlite(open_client: Client, rows: Rows) -> None:
    library(rows)
    for rules, expected in CASES:
        found = await preview(open_client, rules)
        assert [row["id"] for row in found["preview_videos"]] == expected, rules
        assert found["total_matches"] == len(expected), rules


async def test_playing_and_lists(open_client: Client, rows: Rows) -> None:
    library(rows)
    made = [
        await make(open_client, 2, 3, 1),
        await make_dynamic(open_client, {"genres": ["rock"], "sort": "artist", "order": "desc"}),
        await make_dynamic(open_client, {"sort": "title", "limit": 2}, auto_update=False),
        await make_dynamic(open_client, {"sort": "artist", "limit": 4}),
    ]
    for playlist_id in made:
        for query in ("", "?shuffle=5", "?after=1", "?before=2&shuffle=9"):
            answer = await open_client.get(f"/api/playlists/{playlist_id}/queue{query}")
            assert answer.status_code == 200, answer.text
    listed = (await open_client.get("/api/playlists/?search=rul&sort=updated_at&owner=mine&can_modify=1")).json()
    assert [row["video_count"] for row in listed["playlists"]] == [2, 2, 4]
    assert await videos(open_client, made[2]) == [1, 2]
    assert (await open_client.post(f"/api/playlists/{made[2]}/refresh")).json()["result"]["removed_count"] == 0
    async with open_client.state["database"].reading() as session:
        for video_id in (1, 2, 999_983, 2**31 - 1):
            found = await session.scalar(select(key(literal(video_id, Playlist.id.type), MOST_SEED)))
            assert found == key(video_id, MOST_SEED)


async def test_many_who_change_one_playlist_at_once_keep_it_whole(open_client: Client, rows: Rows) -> None:
    """Moves, additions of the same videos in opposite orders, removals, and videos deleted underneath."""
    rows(artist(), *(video(number, f"Song {number}") for number in range(1, 2 * FILMS + 1)))
    made = await make(open_client, *range(1, FILMS + 1))
    base = f"/api/playlists/{made}/videos"
    numbers = {number: await entry_of(open_client, made, number) for number in range(1, FILMS + 1)}
    more = list(range(FILMS + 1, 2 * FILMS + 1))
    answers: list[Any] = []

    async def ask(method: str, path: str, body: Any = None) -> None:
        answers.append(await open_client.request(method, path, json=body))

    async with anyio.create_task_group() as group:
        for number, entry_id in numbers.items():
            group.start_soon(ask, "POST", f"{base}/reorder", {"entry_id": entry_id, "new_position": FILMS - number + 1})
        group.start_soon(ask, "POST", base, {"video_ids": more, "position": 1})
        group.start_soon(ask, "POST", base, {"video_ids": more[::-1], "position": 3})
        group.start_soon(ask, "DELETE", f"{base}/{numbers[2]}")
        group.start_soon(ask, "DELETE", "/api/videos/3")
        group.start_soon(ask, "POST", "/api/videos/bulk/delete", {"video_ids": [4, 5]})
    assert {answer.status_code for answer in answers} <= {200, 404, 409}, [answer.text for answer in answers]
    left = sorted(await videos(open_client, made))
    assert set(left) >= {*range(6, FILMS + 1), 1, *more}
    assert len(left) == len(set(left))


async def test_accounts_and_videos_go_with_what_refers_to_them(open_client: Client, rows: Rows) -> None:
    """As 0.9 deletes them: by statements that know nothing of playlists."""
    rows(artist(), video(1), video(2), user(1, "anna"), playlist(1, user_id=1))
    mine = await make(open_client, 1, 2)
    async with open_client.state["database"].writing() as session:
        await session.execute(text("DELETE FROM videos WHERE id = 1"))
        await session.execute(text("DELETE FROM users WHERE id = 1"))
    assert await videos(open_client, mine) == [2]
    async with open_client.state["database"].reading() as session:
        assert list(await session.scalars(select(Playlist.id))) == [mine]
