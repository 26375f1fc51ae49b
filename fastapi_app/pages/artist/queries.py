"""The SQL of the page about one artist."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.discovery.rules import KEY
from fastapi_app.models import Artist, Setting, Video, VideoStatus
from fastapi_app.pages.artists.queries import video_counts
from fastapi_app.pages.cards import VideoRow
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.paging import Paging
from fastapi_app.transaction import Record

_SHOWN = (
    Artist.id,
    Artist.name,
    Artist.imvdb_id,
    Artist.monitored,
    Artist.auto_download,
    Artist.keywords,
    Artist.genres,
    Artist.folder_path,
    Artist.thumbnail_path,
    Artist.last_discovery,
    Artist.created_at,
)
_ORDERS = {
    Sort.YEAR: (Video.year.desc(), Video.title, Video.id),
    Sort.NEWEST: (Video.created_at.desc(), Video.id.desc()),
}
_BY_TITLE = (Video.title, Video.id)


async def artist(session: AsyncSession, artist_id: int) -> Record | None:
    """What is shown and can be changed, and the `key` of IMVDb."""
    key = select(Setting.value).where(Setting.key == KEY).scalar_subquery().label("key")
    return (await session.execute(select(*_SHOWN, key).where(Artist.id == artist_id))).one_or_none()


async def counts(session: AsyncSession, artist_id: int) -> dict[VideoStatus | None, int]:
    """How many videos there are, by status."""
    return (await video_counts(session, [artist_id]))[artist_id]


async def videos(session: AsyncSession, of: Record, criteria: Criteria, paging: Paging) -> list[VideoRow]:
    """One page of the artist's videos."""
    columns = (Video.year, Video.duration, Video.status, Video.thumbnail_path, Video.local_path)
    query = select(Video.id, Video.title, *columns).where(Video.artist_id == of.id)
    if criteria.status:
        query = query.where(Video.status == criteria.status)
    query = query.order_by(*_ORDERS.get(criteria.sort, _BY_TITLE)).limit(paging.size).offset(paging.offset)
    rows = await session.execute(query)
    return [VideoRow(artist_id=of.id, artist=of.name, **row._asdict()) for row in rows]


async def neighbours(session: AsyncSession, of: Record) -> tuple[Record | None, Record | None]:
    """`id` and `name` of the artists before and after, by name.

    Two steps in the index of names. `/api/artists/{artist_id}/navigation`, which also tells the place among all, has to
    look at every artist.
    """
    name: ColumnElement[str] = Artist.name  # type: ignore[assignment]
    before = and_(name <= of.name, or_(name < of.name, Artist.id < of.id))
    after = and_(name >= of.name, or_(name > of.name, Artist.id > of.id))
    query = select(Artist.id, Artist.name).limit(1)
    return (
        (await session.execute(query.where(before).order_by(name.desc(), Artist.id.desc()))).one_or_none(),
        (await session.execute(query.where(after).order_by(name, Artist.id))).one_or_none(),
    )
