"""Searching artists: what counts, what is ignored, and that no answer is remembered."""

from collections.abc import Callable
from datetime import datetime
from itertools import product
from typing import Any

import pytest

from fastapi_app.models import Artist
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

SEARCH = "/api/artists/search/advanced"
FOUND = {
    "search=VELVET": [3, 2],
    "search=%20bjork%20": [1],
    "search=v%25t_g": [2],
    "monitored=no": [2],
    "auto_download=YES": [2],
    "has_imvdb_id=1": [1],
    "has_imvdb_id=": [4, 3, 2],
    "has_thumbnail=true&sort=created_at": [3, 1, 2, 4],
    "genre=Rock": [1],
    "genre=rock": [2],
    "genre=R%26B": [1],
    "genre=Ro%3Fk": [4],
    "genre=Ro_k": [4, 1],
    "genre=Ro": [],
    "keywords=live": [2],
    "keywords=Liv": [1],
    "keywords=Live,100": [1],
    "keywords=Live,live": [],
    "keywords=t%C3%BCrk": [2],
    "keywords=%00": [],
    "keywords=%22": [],
    "keywords=\\": [],
    "keywords=,": [4, 1, 3, 2],
    "date_to=2020-05-06T00:00:00Z": [3],
    "date_from=2020-05-07": [4, 1, 2],
    "date_from=2020-02-31": [4, 1, 3, 2],
    "min_videos=1": [3, 2],
    "max_videos=1&min_videos=1": [3],
    "min_videos=x": [4, 1, 3, 2],
    "sort=video_count&order=DESC": [2, 3, 1, 4],
    "sort=bogus&order=desc": [2, 3, 1, 4],
}
SUGGESTED = {
    "q=vel": ["velvet", "Velvet Garden"],
    "q=LIVE": ["Live", "live"],
    "q=t%C3%9Crk": ["türkçe"],
    "q=00%25": ["100%"],
    "q=ve&limit=3": ["velvet", "Velvet Garden", "Live"],
    "q=ve&limit=0": [],
    "q=\\": [],
    "q=%20v%20": [],
    "q=te": [],
}


@pytest.fixture
async def library(open_client: Client, rows: Rows) -> Client:
    rows(
        artist(1, "Björk", imvdb_id="7", genres=["Rock", "R&B"], keywords=["Live", "100%"], monitored=True),
        artist(2, "Velvet Garden", genres=["rock"], keywords=["live", "türkçe"], monitored=False, auto_download=True),
        artist(3, "velvet", keywords=None, thumbnail_path="a.jpg", created_at=datetime(2020, 5, 6)),  # noqa: DTZ001
        artist(4, "[odd]*", keywords="text", genres=["Ro?k"]),
        *(video(number, artist_id=2) for number in range(1, 4)),
        video(9, artist_id=3),
    )
    return open_client


async def found(client: Client, query: str) -> list[int]:
    answer = await client.get(f"{SEARCH}?{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["artists"]]


async def test_every_criterion_finds_what_it_says(library: Client) -> None:
    assert {query: await found(library, query) for query in FOUND} == FOUND


async def test_paging_forgives_text_and_caps_the_page(library: Client) -> None:
    page = (await library.get(f"{SEARCH}?page=x&per_page=999")).json()
    assert page["pagination"] == {
        "page": 1, "per_page": 200, "total": 4, "pages": 1, "has_next": False, "has_prev": False,
    }  # fmt: skip
    past = (await library.get(f"{SEARCH}?per_page=3&page=3&min_videos=0")).json()
    assert (past["artists"], past["pagination"]["has_prev"], past["analytics"]["page_count"]) == ([], True, 2)
    assert [name for name, named in past["analytics"]["filters_applied"].items() if named] == ["video_count_range"]


async def test_numbers_that_no_page_has_are_refused_by_name(library: Client) -> None:
    for query in ("per_page=0", "per_page=-1", "page=0", "page=-5", "page=99999999999"):
        answer = await library.get(f"{SEARCH}?{query}")
        assert answer.status_code == 400, query
        assert query.partition("=")[0] in answer.json()["error"]


async def test_a_page_costs_two_queries_however_it_is_sorted(library: Client) -> None:
    for sort in ("name", "video_count"):
        library.queries.clear()
        await library.get(f"{SEARCH}?sort={sort}")
        assert len(library.queries) == 3, library.queries  # the gate, the count, the page


async def test_what_was_written_is_found_at_once_and_no_cookie_is_replayed(library: Client) -> None:
    await library.get(f"{SEARCH}?search=velvet")
    await library.put("/api/artists/3", json={"name": "Nobody"})
    answer = await library.get(f"{SEARCH}?search=velvet")
    assert [row["id"] for row in answer.json()["artists"]] == [2]
    assert "set-cookie" not in answer.headers


async def test_filters_know_lists_of_keywords_only(library: Client) -> None:
    known = (await library.get("/api/artists/search/filters")).json()
    assert known["filters"]["keywords"] == ["100%", "Live", "live", "türkçe"]
    assert known["filters"]["video_count_range"] == {"min": 1, "max": 3, "average": 2.0}
    assert known["filters"]["date_range"] == {"earliest": "2020-05-06T00:00:00", "latest": "2026-01-02T03:04:05"}
    assert known["statistics"] == {
        "total_artists": 4, "monitored_artists": 3, "auto_download_artists": 1, "artists_with_thumbnails": 1,
        "artists_with_imvdb": 1, "monitoring_percentage": 75.0, "thumbnail_coverage": 25.0, "imvdb_coverage": 25.0,
    }  # fmt: skip


async def test_an_empty_library_has_filters_too(open_client: Client) -> None:
    known = (await open_client.get("/api/artists/search/filters")).json()
    assert known["filters"]["date_range"] == {"earliest": None, "latest": None}
    assert known["statistics"]["imvdb_coverage"] == 0


async def test_suggestions_are_names_and_then_keywords(library: Client) -> None:
    assert {query: await suggested(library, query) for query in SUGGESTED} == SUGGESTED


async def suggested(client: Client, query: str) -> list[str]:
    answer: dict[str, Any] = (await client.get(f"/api/artists/search/suggestions?{query}")).json()
    assert ("count" in answer) == (len(answer.get("query", "")) >= 2)
    return [row["text"] for row in answer["suggestions"]]


async def test_a_limit_that_is_none_is_refused_by_name(library: Client) -> None:
    for limit in ("abc", "-1", "", "1.5", "9" * 5000):
        answer = await library.get(f"/api/artists/search/suggestions?limit={limit}")
        assert answer.status_code == 400, limit
        assert "limit" in answer.json()["error"]


async def test_counts_by_status_are_true(open_client: Client, rows: Rows) -> None:
    statuses = ("WANTED", "WANTED", "DOWNLOADED", "FAILED", "IGNORED", "DOWNLOADING", "MONITORED")
    rows(artist(keywords=None))
    rows(*(video(n, status=s, duration=n * 10 if n < 4 else None) for n, s in enumerate(statuses, 1)))
    page = (await open_client.get("/api/artists/1/detailed")).json()
    assert page["keywords"] == []
    assert [row["id"] for row in page["videos"]] == list(range(1, 8))
    assert page["statistics"] == {
        "total_videos": 7, "downloaded_videos": 1, "wanted_videos": 2, "downloading_videos": 1, "failed_videos": 1,
        "ignored_videos": 1, "latest_video_date": None, "earliest_video_date": None, "total_duration": 60,
        "average_duration": 20.0,
    }  # fmt: skip


async def test_a_page_of_many_videos_is_whole(open_client: Client, rows: Rows) -> None:
    rows(artist(), *(video(number) for number in range(1, 251)))
    assert (await open_client.get("/api/artists/1/detailed")).json()["statistics"]["wanted_videos"] == 250


async def test_unknown_artists_have_no_pages(open_client: Client, rows: Rows) -> None:
    rows(artist())
    for page, row_id in product(("detailed", "navigation"), ("0", "2", "2147483648", "9" * 23, "abc")):
        assert (await open_client.get(f"/api/artists/{row_id}/{page}")).status_code == 404, (page, row_id)


async def test_navigation_steps_through_everybody_once(open_client: Client, rows: Rows) -> None:
    names = ("b", "B", "a", "ä", "🎤", "🔥")
    rows(*(Artist(id=number, name=name) for number, name in enumerate(names, 1)), video(1, artist_id=2))
    assert await walked(open_client, "name", "asc") == [3, 4, 1, 2, 5, 6]
    assert await walked(open_client, "name", "DESC") == [5, 6, 1, 2, 3, 4]
    assert await walked(open_client, "video_count", "desc") == [2, 1, 3, 4, 5, 6]
    for sort, order in product(("created_at", "updated_at", "bogus", ""), ("asc", "desc", "x")):
        assert sorted(await walked(open_client, sort, order)) == [1, 2, 3, 4, 5, 6]


async def walked(client: Client, sort: str, order: str) -> list[int]:
    """The artists from the first to the last, as the steps lead."""
    first = [row for row in range(1, 7) if (await step(client, row, sort, order))["prev_artist"] is None]
    walk = first
    while (after := (await step(client, walk[-1], sort, order))["next_artist"]) is not None:
        walk.append(after["id"])
    return walk


async def step(client: Client, start: int, sort: str, order: str) -> dict[str, Any]:
    client.queries.clear()
    answer: dict[str, Any] = (await client.get(f"/api/artists/{start}/navigation?sort={sort}&order={order}")).json()
    assert len(client.queries) == 3, client.queries  # the gate, the place, the neighbours
    assert (answer["navigation"]["sort_by"], answer["navigation"]["sort_order"]) == (sort, order)
    return answer
