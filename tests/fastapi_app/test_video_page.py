"""The short ways to a page must give what sorting everything gives, whatever is stored, on both databases."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Select, event, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.models import WRITES, Artist, Video, VideoStatus
from fastapi_app.schema import upgrade
from fastapi_app.videos.queries import count_videos, listed_videos
from fastapi_app.videos.rules import Listing
from fastapi_app.videos.search import queries as searches
from fastapi_app.videos.search.rules import search
from tests.fastapi_app.conftest import write
from tests.fastapi_app.library import artist, video

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]
VIDEOS = 60
WORDS = ("River", "rivér", "RIVER ", "Ágata", "agata", "ガラス", "からす", "100%", "a", "")
COLUMNS: dict[str, Any] = {
    "title": Video.title,
    "artist_name": Artist.name,
    "year": Video.year,
    "created_at": Video.created_at,
    "status": Video.status,
    "duration": Video.duration,
}
PAGES = tuple(product((0, 1, 7, VIDEOS), (0, 1, 20, VIDEOS - 3, VIDEOS, VIDEOS + 5)))


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """A new installation on either database."""
    url = ""
    if request.param == "mariadb":
        url = request.getfixturevalue("mariadb").create_database(f"test_{uuid4().hex}")
    return Config(data_dir=tmp_path, database_url=url, db_host="", log_level="CRITICAL")


@pytest.fixture
def library(config: Config) -> Random:
    """Videos that agree in everything now and then: in title and name but for accents, in dates, in having none."""
    random = Random(20261121)
    engine = blocking_engine(config)
    upgrade(engine)
    write(engine, *(artist(number, random.choice(WORDS) or "Nova") for number in range(1, 9)))
    write(engine, *(_video(number, random) for number in range(1, VIDEOS + 1)))
    with engine.execution_options(**{WRITES: True}).begin() as connection:  # a default would fill them
        connection.execute(update(Video).where(Video.id % 7 == 0).values(created_at=None))
        connection.execute(update(Video).where(Video.id % 11 == 0).values(status=None))
    engine.dispose()
    return random


def _video(number: int, random: Random) -> Video:
    first = datetime(2026, 1, 1)  # noqa: DTZ001 - columns are naive, and mean UTC
    return video(
        number,
        f"{random.choice(WORDS)} {random.choice(WORDS)}".strip() or "-",
        random.randint(1, 8),
        status=random.choice(tuple(VideoStatus)),
        year=random.choice((1999, 2000, None)),
        duration=random.choice((100, 200, None)),
        created_at=first + timedelta(days=random.randint(0, 3)),
    )


@pytest.fixture
async def session(config: Config, library: Random) -> AsyncIterator[AsyncSession]:
    database = Database(config)
    async with database.reading() as opened:
        yield opened
    await database.close()


async def ids(session: AsyncSession, query: Select[Any]) -> list[int]:
    return list(await session.scalars(query))


async def test_every_page_of_the_list_is_part_of_the_whole(session: AsyncSession) -> None:
    assert await count_videos(session) == VIDEOS
    for sort, descending in product(("title", "artist_name", "year", "created_at", "status"), (False, True)):
        column = COLUMNS[sort]
        plain = select(Video.id).join(Artist, Artist.id == Video.artist_id)
        whole = await ids(session, plain.order_by(column.desc() if descending else column.asc(), Video.id))
        assert len(whole) == VIDEOS
        for limit, offset in PAGES:
            rows = await listed_videos(session, Listing(sort, descending, limit, offset))
            assert [row.id for row in rows] == whole[offset : offset + limit], (sort, descending, limit, offset)


@pytest.mark.usefixtures("library")
async def test_dates_that_were_stored_differently_stay_in_the_list(config: Config) -> None:
    if config.database_url:
        pytest.skip("a date is no text on MariaDB")
    database = Database(config)
    async with database.writing() as session:
        await session.execute(text("UPDATE videos SET created_at = '2026-01-09 00:00:00' WHERE id IN (3, 4, 5)"))
        rows = await listed_videos(session, Listing("created_at", True, 2, 1))
    await database.close()
    assert [row.id for row in rows] == [4, 5]


async def test_a_search_finds_what_the_plain_query_finds(session: AsyncSession, library: Random) -> None:
    for number in range(120):
        wanted = search(_asked(library))
        query = select(Video.id).join(Artist, Artist.id == Video.artist_id).where(*_plainly(wanted))
        named = await searches.named_artists(session, wanted)
        rows = await searches.found_videos(session, wanted, named)
        order = [by.desc() if wanted.descending else by.asc() for by in (COLUMNS[wanted.sort], Video.id)]
        plain = query.order_by(*order).limit(wanted.limit).offset(wanted.offset)
        assert [row.id for row in rows] == await ids(session, plain), (number, wanted)
        total = await session.scalar(select(func.count()).select_from(query.subquery()))
        assert await searches.count_found(session, wanted, named) == total, (number, wanted)


@pytest.mark.parametrize(
    ("narrowed", "read"),
    [
        ({"duration_min": "150"}, "SCAN videos USING COVERING INDEX idx_video_search"),
        ({"year": "1999"}, "SEARCH videos USING COVERING INDEX idx_video_by_year (year=?)"),
    ],
)
async def test_rows_are_looked_up_for_the_page_only(session: AsyncSession, narrowed: dict[str, str], read: str) -> None:
    """A search that filters reads one index, as the plan of SQLite tells."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("MariaDB plans by the size of a table, and this one is small")
    asked: list[tuple[str, Any]] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    wanted = search({"q": "agata", "status": "WANTED", **narrowed, "limit": "1"})
    await searches.found_videos(session, wanted, searches.Named())
    await searches.count_found(session, wanted, searches.Named())
    connection = await session.connection()
    for statement, values in [each for each in asked if each[0].startswith("SELECT")]:
        plan = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert read in plan, (statement, plan)


def _asked(random: Random) -> dict[str, str]:
    """A query of a client, in which every filter is there now and then."""
    some = {
        "q": ("river", "RIVÉR", "agata", "ガラス", "r_v%", "x", "a"),
        "artist": ("river", "a", "x"),
        "status": ("wanted", "DOWNLOADED"),
        "year": ("1999",),
        "duration_min": ("150",),
        "keywords": ("river,a", "agata"),
        "date_from": ("2026-01-02",),
    }
    chosen = {name: random.choice(values) for name, values in some.items() if random.random() < 0.35}
    return {
        **chosen,
        "sort": random.choice(("title", "year", "created_at", "duration", "status")),
        "order": random.choice(("asc", "desc")),
        "limit": random.choice(("3", "100")),
        "offset": random.choice(("0", "2")),
    }


def _plainly(wanted: Any) -> Iterator[Any]:
    if wanted.text:
        pattern = f"%{wanted.text}%"
        yield or_(Video.title.like(pattern), Artist.name.like(pattern))
    if wanted.artist:
        yield Artist.name.like(f"%{wanted.artist}%")
    if wanted.status:
        yield Video.status == VideoStatus(wanted.status)
    if wanted.year:
        yield Video.year == wanted.year
    if wanted.least_duration:
        yield Video.duration >= wanted.least_duration
    for word in wanted.keywords:
        yield Video.title.like(f"%{word}%")
    if wanted.since:
        yield Video.created_at >= wanted.since
