"""The searches: every filter, odd input, and the number of queries."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text

from fastapi_app.bodies import keep_undecodable
from fastapi_app.models import VideoStatus
from fastapi_app.videos.search.rules import glob
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
OLD = datetime(2020, 5, 6, 7, 8, 9)  # noqa: DTZ001 - columns are naive, and mean UTC

FOUND: tuple[tuple[str, list[int]], ...] = (
    ("q=BJORK", [3, 4]),
    ("q=%25", [3, 4, 1, 2]),
    ("q=l_ve", [3, 2]),
    ("artist=kestrel", [1, 2]),
    ("artist=kestrel&q=love", [2]),
    ("status=downloaded", [3]),
    ("status=bogus", []),
    ("status=WANTED,FAILED", []),
    ("year=1999", [1]),
    ("year=%D9%A1999", [1]),
    ("year=abc", [3, 4, 1, 2]),
    (f"year={'9' * 40}", []),
    ("genre=Rock", [1]),
    ("genre=rock", [2]),
    ("genre=Roc", []),
    ("genre=Ro%25", [1]),
    ("genre=Lo-F_", [1]),
    ("genre=Chanson%20Fran%C3%A7aise", []),
    ("quality=1080P", [1]),
    ("has_thumbnail=yes", [2]),
    ("has_thumbnail=no", [3, 4, 1]),
    ("has_thumbnail=", [3, 4, 1, 2]),
    ("source=youtube", [2]),
    ("source=imvdb", [1]),
    ("source=manual", [3, 4]),
    ("source=YouTube", [3, 4, 1, 2]),
    ("duration_min=150", [1]),
    ("duration_max=150", [2]),
    (f"duration_max={'9' * 40}", [1, 2]),
    ("date_to=2021-01-01", [3]),
    ("date_from=2021-01-01&date_to=2026-01-02", []),
    ("date_from=2021-02-30", [3, 4, 1, 2]),
    ("keywords=love,remix", [2]),
    ("keywords=%20,", [3, 4, 1, 2]),
    ("sort_by=year&sort_order=DESC", [2, 1, 4, 3]),
    ("sort=year&sort_by=title", [3, 4, 1, 2]),
    ("sort_by=&sort=year&order=desc", [2, 1, 4, 3]),
    ("sort_by=artist&order=desc", [4, 2, 1, 3]),
    ("sort_by=status", [1, 2, 3, 4]),
    ("limit=1&offset=1", [4]),
    ("limit=0", []),
    ("limit=x&offset=y", [3, 4, 1, 2]),
)


@pytest.fixture
def library(rows: Rows) -> None:
    rows(artist(1, "Nova Kestrel"), artist(2, "Björk"), artist(3, "Unknown Artist"), artist(4, "bjork cover"))
    rows(
        video(1, "Glass Harbor", 1, year=1999, duration=200, genres=["Rock", "Lo-Fi"], quality="1080p", imvdb_id="7"),
        video(2, "Love (Remix)", 1, year=2001, duration=100, genres=["rock"], youtube_id="y", thumbnail_path="p"),
        video(3, "100% Love", 2, genres=["Chanson Française"], status=VideoStatus.DOWNLOADED, created_at=OLD),
        video(4, "bjork song", 3, genres=None, status=VideoStatus.MONITORED),
    )


async def found(client: Client, query: str) -> list[int]:
    answer = await client.get(f"/api/videos/search?{query}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["count"] == len(body["videos"])
    return [row["id"] for row in body["videos"]]


@pytest.mark.usefixtures("library")
async def test_every_filter_finds_what_it_means(open_client: Client) -> None:
    assert [(query, await found(open_client, query)) for query, _ in FOUND] == list(FOUND)


async def test_numbers_that_no_page_has_are_named(open_client: Client) -> None:
    for query in ("limit=-1", "offset=-1", f"limit={'9' * 20}", "offset=99999999999"):
        answer = await open_client.get(f"/api/videos/search?{query}")
        assert (answer.status_code, query.partition("=")[0] in answer.json()["error"]) == (400, True), query


@pytest.mark.usefixtures("library")
async def test_a_search_costs_few_queries_however_many_artists_it_has(open_client: Client) -> None:
    costs = {
        "status=bogus": 1,  # the gate
        "sort_by=artist_name": 2,  # and the page, which tells the total by itself
        "limit=2&offset=3": 2,
        "limit=2": 3,  # and the count
        "limit=2&offset=9": 3,
        "q=o&artist=e&limit=1": 5,  # and the artists that are meant
    }
    for query, cost in costs.items():
        open_client.queries.clear()
        await found(open_client, query)
        assert len(open_client.queries) == cost, (query, open_client.queries)


@pytest.mark.usefixtures("library")
async def test_the_total_does_not_depend_on_the_page(open_client: Client) -> None:
    for query in ("limit=2", "limit=0", "limit=3&offset=3", "offset=9", "limit=2&offset=9", "limit=4", "limit=5"):
        assert (await open_client.get(f"/api/videos/search?{query}")).json()["total"] == 4, query


async def test_names_of_many_artists_are_not_carried_about(open_client: Client, rows: Rows) -> None:
    rows(*(artist(number, f"Band {number:03}") for number in range(1, 121)))
    rows(*(video(number, f"Song {121 - number:03}", number) for number in range(1, 121)), video(121, "Band practice"))
    for query in ("q=band", "artist=band", "q=band&artist=band&sort_by=artist_name"):
        answer = (await open_client.get(f"/api/videos/search?limit=2&{query}")).json()
        first = [1, 121] if "sort" in query else [121, 120]
        assert (answer["total"], [row["id"] for row in answer["videos"]]) == (121, first), query
        assert max(len(statement) for statement in open_client.queries) < 1500
    assert await found(open_client, "q=band%20001&order=desc") == [1, 121]
    assert await found(open_client, "q=practice") == [121]


@pytest.mark.usefixtures("library")
async def test_the_answer_repeats_the_filters_also_what_is_no_text(open_client: Client) -> None:
    answer = (await open_client.get("/api/videos/search?q=%20a%C3%A9%FF%2B+&duration_min=%2B5&year=x")).json()
    assert answer["filters"] == {
        "query": "aé%FF+",
        **dict.fromkeys(("artist", "status", "genre", "quality", "has_thumbnail", "source"), ""),
        **dict.fromkeys(("date_from", "date_to", "keywords"), ""),
        "year": "x",
        "duration_min": 5,
        "duration_max": None,
    }
    assert (answer["total"], answer["offset"], answer["limit"]) == (0, 0, 100)


@pytest.mark.usefixtures("library")
async def test_old_rows_do_not_break_a_search(open_client: Client) -> None:
    async with open_client.state["database"].writing() as session:
        await session.execute(text("UPDATE videos SET status = 'queued', created_at = NULL, genres = 'null'"))
    row = (await open_client.get("/api/videos/search?limit=1")).json()["videos"][0]
    assert (row["status"], row["created_at"], row["genres"]) == (None, None, [])


@pytest.mark.usefixtures("library")
async def test_artists_are_found_by_two_letters_and_counted_in_one_query(open_client: Client) -> None:
    open_client.queries.clear()
    answer = (await open_client.get("/api/videos/search-artists?q=%20bj%C3%96rk")).json()
    assert answer == {
        "artists": [{"id": 2, "name": "Björk", "video_count": 1}, {"id": 4, "name": "bjork cover", "video_count": 0}]
    }
    assert len(open_client.queries) == 2
    for query in ("q=b", "q=unknown", "q=%20%20", ""):
        assert (await open_client.get(f"/api/videos/search-artists?{query}")).json() == {"artists": []}


@pytest.mark.parametrize(
    ("like", "expected"), [("%a_", "*a?"), (r"\%\_", "%_"), ("*?[", "[*][?][[]"), (r"\*", "[*]"), ("a\\", "a\\")]
)
def test_a_pattern_for_sqlite_means_the_same(like: str, expected: str) -> None:
    assert glob(like) == expected


@pytest.mark.parametrize(
    ("sent", "kept"), [(b"q=%FF", b"q=%25FF"), (b"q=a%C3%A9%ff+b", b"q=a%C3%A9%25FF+b"), (b"q=%2B&x=%", b"q=%2B&x=%")]
)
def test_bytes_that_are_no_text_are_kept(sent: bytes, kept: bytes) -> None:
    assert keep_undecodable(sent) == kept
