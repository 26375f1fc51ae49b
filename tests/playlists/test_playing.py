"""Playing through: films only, in an order that stays while the playlist changes under it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from fastapi_app.models import Playlist
from fastapi_app.playlists import m3u
from fastapi_app.playlists.shuffling import MOST_SEED, key
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video
from tests.playlists.lists import make
from tests.playlists.test_dynamic import make_dynamic

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

FILMS = range(1, 31)


@pytest.fixture
def films(rows: Rows) -> None:
    rows(artist(1, "Nova\nKestrel"))
    rows(*(video(number, f"Song {number:02}", local_path=f"{number}.mp4", duration=61) for number in FILMS))
    rows(video(50, "No film"), video(51, "Lost", local_path=""))


async def queue(client: Client, playlist_id: int, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"/api/playlists/{playlist_id}/queue{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def ids(told: dict[str, Any]) -> list[int]:
    return [film["id"] for film in told["films"]]


async def test_films_come_in_order_a_stretch_at_a_time(open_client: Client, films: None) -> None:
    made = await make(open_client, 3, 50, 1, 51, 2)
    told = await queue(open_client, made)
    assert (told["total"], told["has_prev"], told["has_next"], ids(told)) == (3, False, False, [3, 1, 2])
    assert told["films"][0] == {
        "id": 3, "place": 1, "title": "Song 03", "artist": "Nova\nKestrel", "artist_id": 1, "year": None,
        "duration": 61, "has_thumbnail": False, "source": "/api/videos/3/stream",
    }  # fmt: skip
    after = await queue(open_client, made, "?after=3&limit=1")
    assert (ids(after), after["has_prev"], after["has_next"]) == ([1], True, True)
    assert ids(await queue(open_client, made, "?before=2&limit=2")) == [3, 1]
    assert ids(await queue(open_client, made, "?after=50")) == [3, 1, 2]
    assert ids(await queue(open_client, made, "?before=50")) == ids(await queue(open_client, made, "?after=2")) == []
    for wrong in ("shuffle=x", "shuffle=-1", "after=0", "limit=0", "limit=201", "after=1&before=2"):
        assert (await open_client.get(f"/api/playlists/{made}/queue?{wrong}")).status_code == 400, wrong


async def test_a_shuffled_order_survives_what_comes_and_goes(open_client: Client, films: None) -> None:
    made = await make(open_client, *FILMS)
    told = ids(await queue(open_client, made, "?shuffle=7"))
    assert told != list(FILMS)
    assert sorted(told) == list(FILMS)
    assert told == sorted(FILMS, key=lambda video_id: key(video_id, 7))
    assert told != ids(await queue(open_client, made, "?shuffle=8"))
    walked: list[int] = ids(await queue(open_client, made, "?shuffle=7&limit=4"))
    await open_client.delete(f"/api/videos/{told[0]}")
    while stretch := ids(await queue(open_client, made, f"?shuffle=7&limit=4&after={walked[-1]}")):
        walked += stretch
    assert walked == told
    assert ids(await queue(open_client, made, f"?shuffle=7&before={told[3]}")) == told[1:3]


async def test_rules_are_played_like_entries(open_client: Client, films: None) -> None:
    sides = [
        (await make_dynamic(open_client, {"sort": "title", "order": "desc"}), list(FILMS)[::-1]),
        (await make_dynamic(open_client, {"sort": "artist"}), list(FILMS)),
        (await make_dynamic(open_client, {"sort": "artist", "limit": 5}, auto_update=False), list(range(1, 6))),
        (await make_dynamic(open_client, {"sort": "title", "order": "asc", "limit": 5}), [1, 2, 3]),
    ]
    for made, expected in sides:
        told = await queue(open_client, made, "?limit=200")
        assert (ids(told), told["total"]) == (expected, len(expected))
        shuffled = ids(await queue(open_client, made, "?limit=200&shuffle=3"))
        assert shuffled == sorted(expected, key=lambda video_id: key(video_id, 3))
        assert ids(await queue(open_client, made, f"?after={expected[1]}&limit=1")) == expected[2:3]


async def test_other_players_get_addresses_and_no_secrets(open_client: Client, films: None) -> None:
    made = await make(open_client, 2, 50, 1, name='Sun"day\n#EXTINF: é')
    answer = await open_client.get(f"/api/playlists/{made}/export.m3u8?apikey=secret")
    assert answer.status_code == 401  # a key that proves nobody
    answer = await open_client.get(f"/api/playlists/{made}/export.m3u8")
    assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.text.splitlines() == [
        "#EXTM3U",
        '#PLAYLIST:Sun"day #EXTINF: é',
        "#EXTINF:61,Nova Kestrel - Song 02",
        "http://music.example.org/api/videos/2/stream",
        "#EXTINF:61,Nova Kestrel - Song 01",
        "http://music.example.org/api/videos/1/stream",
    ]


def test_a_length_that_nobody_knows_is_minus_one() -> None:
    assert m3u.written("a", [m3u.Film("b\r\nhttp://evil", None, None, "c")]) == (
        "#EXTM3U\n#PLAYLIST:a\n#EXTINF:-1,b http://evil\nc\n"
    )
    assert m3u.file_name("../a/b\n.") == "_a_b_.m3u8"
    assert m3u.file_name("???") == "___.m3u8"


@given(st.integers(0, MOST_SEED))
@settings(max_examples=50, deadline=None)
def test_every_seed_shuffles_and_keeps_each_number_apart(seed: int) -> None:
    keys = [key(video_id, seed) for video_id in range(1, 201)]
    assert len(set(keys)) > 190
    order = sorted(range(200), key=lambda place: keys[place])
    neighbours = sum(1 for left, right in itertools.pairwise(order) if right == left + 1)
    assert neighbours < 20


async def test_the_database_shuffles_as_python_does(open_client: Client) -> None:
    pairs = [(video_id, seed) for video_id in (1, 2, 999_983, 2**31 - 1) for seed in (0, 1, 12_345, MOST_SEED)]
    async with open_client.state["database"].reading() as session:
        for video_id, seed in pairs:
            found = await session.scalar(select(key(literal(video_id, Playlist.id.type), seed)))
            assert found == key(video_id, seed), (video_id, seed)
