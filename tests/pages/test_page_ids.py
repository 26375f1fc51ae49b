"""Pages that lack a row, or have one twice, because where they begin was computed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.pages import queries
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.page_ids import ORDERS, found
from fastapi_app.pages.paging import Paging
from tests.search.libraries import library, put

pytestmark = pytest.mark.anyio


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("mariadb", marks=[pytest.mark.mariadb, pytest.mark.long])]
)
def config(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    names = ("Band", "Band", "Ånd", "and", "Zed")
    statuses = (VideoStatus.WANTED, VideoStatus.DOWNLOADED, VideoStatus.FAILED)
    with library(request.param, tmp_path_factory.mktemp(request.param)) as made:
        put(made, *(Artist(id=number, name=name) for number, name in enumerate(names, 1)))
        put(
            made,
            *(
                Video(
                    id=number,
                    artist_id=number % 4 + 1,
                    title=("Song", "song", "Söng", "Other")[number % 4 if number % 3 else 0],
                    year=(None, 1999, 2001, 1999, 2020)[number % 5],
                    status=statuses[number % 3],
                )
                for number in range(1, 41)
            ),
        )
        yield made


async def ids(session: AsyncSession, criteria: Criteria) -> list[int]:
    """Page after page."""
    found: list[int] = []
    for page in range(1, 9):
        found += [row.id for row in await queries.rows(session, criteria, Paging(40, page, 5))]
    return found


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("status", [None, VideoStatus.WANTED])
@pytest.mark.parametrize("search", ["", "song", "zed", "an"])
async def test_pages_are_the_whole_in_order(
    config: Config, sort: Sort, status: VideoStatus | None, search: str
) -> None:
    database = Database(config)
    try:
        async with database.reading() as session:
            whole = select(Video.id, Video.title, Artist.name).join(Artist, Artist.id == Video.artist_id)
            whole = whole.where(Video.status == status) if status else whole
            whole = whole.where(found(search)) if search else whole
            rows = (await session.execute(whole.order_by(*ORDERS[sort]))).all()
            assert await ids(session, Criteria(search, status, sort)) == [row.id for row in rows]
            assert sum((await queries.matches(session, search)).values()) >= len(rows)
    finally:
        await database.close()
