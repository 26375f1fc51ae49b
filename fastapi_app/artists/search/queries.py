"""The SQL of searching artists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, case, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists import sorting
from fastapi_app.artists.queries import video_count
from fastapi_app.artists.search.json_text import has_entry, has_part, may_have_part
from fastapi_app.artists.search.rules import Search, Typed
from fastapi_app.containing import contains
from fastapi_app.genres.queries import lists_in_use
from fastapi_app.models import Artist, Video
from fastapi_app.transaction import Record

_FOUND = (
    Artist.id,
    Artist.name,
    Artist.imvdb_id,
    Artist.thumbnail_url,
    Artist.thumbnail_path,
    Artist.auto_download,
    Artist.keywords,
    Artist.monitored,
    Artist.folder_path,
    Artist.last_discovery,
    Artist.created_at,
    Artist.updated_at,
    Artist.imvdb_metadata,
)


async def count_found(session: AsyncSession, wanted: Search) -> int:
    return await session.scalar(_filtered(select(func.count(Artist.id)), wanted, _dialect(session))) or 0


async def page_of_found(session: AsyncSession, wanted: Search) -> Sequence[Record]:
    """The rows of one page, each with its number of videos."""
    place = sorting.place(wanted.sort)
    chosen = _filtered(select(Artist.id, place), wanted, _dialect(session))
    chosen = chosen.order_by(*sorting.ordered(place, Artist.id, descending=wanted.descending))
    page = chosen.limit(wanted.per_page).offset(wanted.offset).subquery("page")
    videos = page.c.place.label("video_count") if wanted.sort == sorting.BY_VIDEOS else video_count()
    query = select(*_FOUND, videos).join(page, page.c.id == Artist.id)
    query = query.order_by(*sorting.ordered(page.c.place, page.c.id, descending=wanted.descending))
    return (await session.execute(query)).all()


async def names_like(session: AsyncSession, wanted: Typed) -> Sequence[str]:
    query = select(Artist.name).where(contains(Artist.name, wanted.text)).order_by(Artist.name, Artist.id)
    return (await session.scalars(query.limit(wanted.limit))).all()


async def keyword_lists(session: AsyncSession) -> Sequence[str]:
    """The different JSON texts of keywords."""
    return await lists_in_use(session, type_coerce(Artist.keywords, Text))


async def stored_keywords(session: AsyncSession, typed: str) -> Sequence[str]:
    """The JSON texts of the keywords of artists, among which are all that contain `typed`."""
    stored = type_coerce(Artist.keywords, Text)
    query = select(stored).where(stored.not_in(("[]", "null"))).order_by(Artist.id)
    return (await session.scalars(query.where(may_have_part(Artist.keywords, typed)))).all()


async def totals(session: AsyncSession) -> Record:
    """Counts and dates over all artists, in one pass."""
    pictured = or_(Artist.thumbnail_url.is_not(None), Artist.thumbnail_path.is_not(None))
    query = select(
        func.count(Artist.id).label("artists"),
        func.count(case((Artist.monitored == True, 1))).label("monitored"),  # noqa: E712 - NULL is not monitored
        func.count(case((Artist.auto_download == True, 1))).label("auto_download"),  # noqa: E712 - the same
        func.count(case((pictured, 1))).label("pictured"),
        func.count(Artist.imvdb_id).label("imvdb"),
        func.min(Artist.created_at).label("earliest"),
        func.max(Artist.created_at).label("latest"),
    )
    return (await session.execute(query)).one()


async def video_span(session: AsyncSession) -> Record:
    """The least and the most videos of an artist that has any, and their mean."""
    counts = select(func.count(Video.id).label("videos")).group_by(Video.artist_id).subquery("counts")
    videos = counts.c.videos
    query = select(func.min(videos).label("least"), func.max(videos).label("most"), func.avg(videos).label("mean"))
    return (await session.execute(query)).one()


def _filtered(query: Select[Any], wanted: Search, dialect: str) -> Select[Any]:
    if wanted.text:
        query = query.where(contains(Artist.name, wanted.text))
    if wanted.monitored is not None:
        query = query.where(Artist.monitored == wanted.monitored)
    if wanted.auto_download is not None:
        query = query.where(Artist.auto_download == wanted.auto_download)
    if wanted.has_imvdb_id is not None:
        query = query.where(Artist.imvdb_id.is_not(None) if wanted.has_imvdb_id else Artist.imvdb_id.is_(None))
    if wanted.genre:
        query = query.where(has_entry(Artist.genres, wanted.genre, dialect))
    for keyword in wanted.keywords:
        query = query.where(has_part(Artist.keywords, keyword, dialect))
    if wanted.since is not None:
        query = query.where(Artist.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Artist.created_at <= wanted.until)
    return query


def _dialect(session: AsyncSession) -> str:
    return session.get_bind().dialect.name
