"""The SQL of the searches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, String, func, or_, select, type_coerce, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from fastapi_app.containing import contains
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.page import rows_on
from fastapi_app.videos.search.rules import MOST_ARTISTS, Search, glob

NOBODY = "Unknown Artist"
"""The artist that holds videos of unknown ones; nobody looks for it."""

_FEW_ARTISTS = 100
_MANY_ARTISTS = 1000
Artists = Sequence[int] | Select[Any]
_FOUND: tuple[Any, ...] = (
    Video.id,
    Video.title,
    Video.artist_id,
    Artist.name.label("artist_name"),
    Video.status,
    Video.imvdb_id,
    Video.url,
    Video.local_path,
    Video.thumbnail_url,
    Video.duration,
    Video.year,
    Video.genres,
    Video.quality,
    Video.created_at,
)
_SORTS: dict[str, Any] = {
    "title": Video.title,
    "artist_name": Artist.name,
    "year": Video.year,
    "created_at": Video.created_at,
    "status": Video.status,
    "quality": Video.quality,
    "duration": Video.duration,
}


@dataclass(frozen=True)
class Named:
    """The artists whose names contain the text of a search, and those that its artist filter means: as ids where they
    are few, else as a query.
    """

    by_text: Artists = ()
    by_filter: Artists = ()
    is_common: bool = False
    """Whether so many artists have the text in their name that most videos may match."""


async def named_artists(session: AsyncSession, wanted: Search) -> Named:
    """Looked up first: names are few, and a join with them would read every video in the order of its artist."""
    by_text = await _artist_ids(session, wanted.text)
    by_filter = await _artist_ids(session, wanted.artist)
    return Named(
        _as_condition(by_text, wanted.text), _as_condition(by_filter, wanted.artist), len(by_text) > _MANY_ARTISTS
    )


async def count_found(session: AsyncSession, wanted: Search, named: Named) -> int:
    """By title and by artist apart, each from its index, unless the two would name the same videos over again."""
    ids: Select[Any] = select(Video.id)
    if named.is_common:
        conditions = (*_conditions(wanted, session), *_artist_condition(wanted, named))
        branches = [ids.where(*conditions, *_text_conditions(wanted, named))]
    else:
        branches = _branches(ids, wanted, named, session)
    return await session.scalar(select(func.count()).select_from(_union(branches))) or 0


async def found_videos(session: AsyncSession, wanted: Search, named: Named) -> Sequence[Record]:
    """One page."""
    query = rows_on(_chosen(wanted, named, session), _FOUND)
    rows: Sequence[Record] = (await session.execute(_ordered(query, wanted))).all()
    return rows


async def artists_like(session: AsyncSession, fragment: str) -> Sequence[Record]:
    """A few artists whose name contains `fragment`, each with its number of videos."""
    videos = select(func.count(Video.id)).where(Video.artist_id == Artist.id).correlate(Artist).scalar_subquery()
    query = select(Artist.id, Artist.name, videos.label("video_count"))
    query = query.where(contains(Artist.name, fragment), Artist.name != NOBODY)
    return (await session.execute(query.order_by(Artist.name, Artist.id).limit(MOST_ARTISTS))).all()


async def _artist_ids(session: AsyncSession, fragment: str) -> Sequence[int]:
    return (await session.scalars(_artists_with(fragment).limit(_MANY_ARTISTS + 1))).all() if fragment else ()


def _as_condition(ids: Sequence[int], fragment: str) -> Artists:
    return ids if len(ids) <= _FEW_ARTISTS else _artists_with(fragment)


def _artists_with(fragment: str) -> Select[Any]:
    return select(Artist.id).where(contains(Artist.name, fragment))


def _chosen(wanted: Search, named: Named, session: AsyncSession) -> Select[Any]:
    """The ids of the page.

    Titles come in order from their index, which is read as far as the page goes. Where a few artists match besides,
    their videos are sorted apart: looking up the artist of every title would read the whole table.
    """
    if wanted.sort == "title" and _is_few(named.by_text):
        reach = wanted.offset + wanted.limit
        branches = _branches(select(Video.id).add_columns(Video.title), wanted, named, session)
        both = _union([_ordered(branch, wanted).limit(reach) for branch in branches])
        order = both.c.title.desc() if wanted.descending else both.c.title, _tie(both.c.id, wanted)
        return select(both.c.id).order_by(*order).limit(wanted.limit).offset(wanted.offset)
    query: Select[Any] = select(Video.id).where(*_conditions(wanted, session), *_text_conditions(wanted, named))
    if isinstance(named.by_filter, Select) or wanted.sort == "artist_name":
        query = _with_artist(query, wanted, session.get_bind().dialect.name)
    if isinstance(named.by_filter, Select):
        query = query.where(contains(Artist.name, wanted.artist))
    else:
        query = query.where(*_artist_condition(wanted, named))
    is_everything = wanted.sort == "artist_name" and query.whereclause is None
    query = _by_artist(wanted) if is_everything else _ordered(query, wanted)
    return query.limit(wanted.limit).offset(wanted.offset)


def _with_artist(query: Select[Any], wanted: Search, dialect: str) -> Select[Any]:
    """MariaDB reads videos first: it would begin with the artists, and look up their videos row by row. SQLite reads
    artists first where their names decide the order: it would call Python for every comparison of a sort.
    """
    if dialect == "sqlite" and wanted.sort == "artist_name":
        unindexed: UnaryExpression[int] = UnaryExpression(Artist.__table__.c.id, operator=custom_op("+"))
        return query.select_from(Artist).join(Video, Video.artist_id == unindexed)
    return query.prefix_with("STRAIGHT_JOIN", dialect="mysql").join(Artist, Artist.id == Video.artist_id)


def _by_artist(wanted: Search) -> Select[Any]:
    """Every video in the order of its artist: two indexes, read as far as the page goes."""
    tie = _tie(Artist.id, wanted)
    joined = select(Video.id).select_from(Artist).join(Video, Video.artist_id == Artist.id)
    return joined.prefix_with("STRAIGHT_JOIN", dialect="mysql").order_by(_direction(Artist.name, wanted), tie)


def _branches(query: Select[Any], wanted: Search, named: Named, session: AsyncSession) -> list[Select[Any]]:
    """Selects that together find everything: by title, and by artist."""
    narrowed = query.where(*_artist_condition(wanted, named), *_conditions(wanted, session))
    if not wanted.text:
        return [narrowed]
    by_title = narrowed.where(contains(Video.title, wanted.text))
    return [by_title, narrowed.where(Video.artist_id.in_(named.by_text))] if _is_any(named.by_text) else [by_title]


def _is_any(artists: Artists) -> bool:
    return isinstance(artists, Select) or bool(artists)


def _is_few(artists: Artists) -> bool:
    return not isinstance(artists, Select) and bool(artists)


def _union(branches: Sequence[Select[Any]]) -> FromClause:
    """One table of all branches, each row once. Members of a union have no order of their own unless wrapped."""
    wrapped = [select(branch.subquery()) for branch in branches]
    return union(*wrapped).subquery() if len(wrapped) > 1 else branches[0].subquery()


def _text_conditions(wanted: Search, named: Named) -> Iterator[ColumnElement[bool]]:
    if wanted.text:
        by_title = contains(Video.title, wanted.text)
        yield or_(by_title, Video.artist_id.in_(named.by_text)) if _is_any(named.by_text) else by_title


def _artist_condition(wanted: Search, named: Named) -> Iterator[ColumnElement[bool]]:
    if wanted.artist:
        yield Video.artist_id.in_(named.by_filter)


def _conditions(wanted: Search, session: AsyncSession) -> Iterator[ColumnElement[bool]]:
    """Everything but the text and the artist."""
    dialect = session.get_bind().dialect.name
    if wanted.status:
        yield _has_status(VideoStatus(wanted.status), dialect)
    if wanted.genre:
        yield _has_genre(wanted.genre, dialect)
    if wanted.quality:
        yield Video.quality == wanted.quality
    for word in wanted.keywords:
        yield contains(Video.title, word)
    yield from _known(wanted)
    yield from _ranges(wanted)


def _known(wanted: Search) -> Iterator[ColumnElement[bool]]:
    """What is known of a video, and what is not."""
    if wanted.has_picture is not None:
        yield Video.thumbnail_path.is_not(None) if wanted.has_picture else Video.thumbnail_path.is_(None)
    if wanted.source == "youtube":
        yield Video.youtube_id.is_not(None)
    if wanted.source == "imvdb":
        yield Video.imvdb_id.is_not(None)
    if wanted.source == "manual":
        yield Video.youtube_id.is_(None) & Video.imvdb_id.is_(None)


def _ranges(wanted: Search) -> Iterator[ColumnElement[bool]]:
    if wanted.year is not None:
        yield Video.year == wanted.year
    if wanted.least_duration is not None:
        yield Video.duration >= wanted.least_duration
    if wanted.most_duration is not None:
        yield Video.duration <= wanted.most_duration
    if wanted.since is not None:
        yield Video.created_at >= wanted.since
    if wanted.until is not None:
        yield Video.created_at <= wanted.until


def _has_status(status: VideoStatus, dialect: str) -> ColumnElement[bool]:
    """SQLite compares bytes, which is the same for a name that there is: the order of the column is Python's to tell,
    and would be asked for every row.
    """
    return (Video.status.collate("BINARY") if dialect == "sqlite" else Video.status) == status


def _has_genre(genre: str, dialect: str) -> ColumnElement[bool]:
    """Whether the JSON text holds the genre as a whole entry; capitals matter."""
    text = type_coerce(Video.genres, String)
    pattern = f'%"{genre}"%'
    return text.op("GLOB", is_comparison=True)(glob(pattern)) if dialect == "sqlite" else text.like(pattern)


def _ordered(query: Select[Any], wanted: Search) -> Select[Any]:
    return query.order_by(_direction(_SORTS[wanted.sort], wanted), _tie(Video.id, wanted))


def _direction(column: Any, wanted: Search) -> ColumnElement[Any]:
    ordered: ColumnElement[Any] = column.desc() if wanted.descending else column.asc()
    return ordered


def _tie(row_id: Any, wanted: Search) -> ColumnElement[Any]:
    """In the direction of the sort, so that an index serves both."""
    return _direction(row_id, wanted)
