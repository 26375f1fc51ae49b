"""Rules as SQL: which videos fit, in which order."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, UnaryExpression, and_, case, func, or_, select, type_coerce
from sqlalchemy.sql.operators import custom_op

from fastapi_app.containing import contains
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.playlists.criteria import Criteria, Match, Sort, Source, Values
from fastapi_app.playlists.genre_spellings import glob_pattern, like_pattern, spellings

Condition = ColumnElement[bool]

_COLUMNS: dict[Sort, Any] = {
    Sort.TITLE: Video.title,
    Sort.YEAR: Video.year,
    Sort.ADDED: Video.created_at,
    Sort.DURATION: Video.duration,
}
_LITERAL = "\\%_"
"""What means something to LIKE."""


def fitting(wanted: Criteria, moment: datetime, dialect: str, *columns: Any) -> Select[Any]:
    """`columns` of the videos that fit, in no order; their number is not limited yet. `moment` is now."""
    chosen: list[Condition] = []
    conditions = list(_conditions(wanted, moment, dialect))
    if conditions:
        chosen.append(and_(*conditions) if wanted.match is Match.ALL else or_(*conditions))
    excluded = list(_of_values(wanted.exclude, Criteria(), dialect))
    if excluded:
        # What is not known of a video does not exclude it: NOT would make nothing of null.
        chosen.append(case((or_(*excluded), 0), else_=1) == 1)
    return select(*columns).where(*chosen)


def in_order(query: Select[Any], wanted: Criteria, dialect: str) -> Select[Any]:
    """The same in the order that the rules want, without the limit."""
    return _from_artists(query, wanted, dialect).order_by(*order(wanted))


def order(wanted: Criteria) -> tuple[Any, ...]:
    """An order without ties. That by artist needs the artists joined: `in_order` does it."""
    columns: tuple[Any, ...] = (_COLUMNS.get(wanted.sort), Video.id)
    if wanted.sort is Sort.ARTIST:
        columns = (Artist.name, Artist.id, Video.year, Video.id)
    return tuple(column.desc() if wanted.descending else column.asc() for column in columns)


def _from_artists(query: Select[Any], wanted: Criteria, dialect: str) -> Select[Any]:
    """Names of artists are sorted by their index: SQLite would call Python for every comparison of a sort."""
    if wanted.sort is not Sort.ARTIST:
        return query
    if dialect == "sqlite":
        unindexed: UnaryExpression[int] = UnaryExpression(Artist.__table__.c.id, operator=custom_op("+"))
        return query.select_from(Artist).join(Video, Video.artist_id == unindexed)
    return query.join(Artist, Artist.id == Video.artist_id)


def _conditions(wanted: Criteria, moment: datetime, dialect: str) -> Iterator[Condition]:
    """One for each rule that is there."""
    yield from _of_values(wanted.wanted, wanted, dialect)
    yield from _between(Video.year, wanted.year_from, wanted.year_to)
    yield from _between(Video.duration, wanted.duration_from, wanted.duration_to)
    if wanted.added_within_days is not None:
        yield Video.created_at >= moment - timedelta(days=wanted.added_within_days)
    if wanted.has_file is not None:
        yield playable() if wanted.has_file else or_(Video.local_path.is_(None), Video.local_path == "")


def playable() -> Condition:
    """Whether a video says that it has a film."""
    return and_(Video.local_path.is_not(None), Video.local_path != "")


def _of_values(values: Values, wanted: Criteria, dialect: str) -> Iterator[Condition]:
    if values.artists:
        yield Video.artist_id.in_(values.artists)
    if values.artist_names:
        yield Video.artist_id.in_(select(Artist.id).where(or_(*(Artist.name == name for name in values.artist_names))))
    if values.genres:
        yield _together(wanted.genres_match, [_has_genre(genre, dialect) for genre in values.genres])
    if values.words:
        yield _together(wanted.words_match, [_has_word(word) for word in values.words])
    if values.status:
        yield or_(*(_has_status(status, dialect) for status in values.status))
    if values.quality:
        yield Video.quality.in_(values.quality)
    if values.source:
        yield or_(*(_comes_from(source) for source in values.source))


def _together(match: Match, conditions: list[Condition]) -> Condition:
    return and_(*conditions) if match is Match.ALL else or_(*conditions)


def _between(column: Any, least: int | None, most: int | None) -> Iterator[Condition]:
    """One rule, so that it stays one where any of several is enough."""
    parts = [column >= least] if least is not None else []
    parts += [column <= most] if most is not None else []
    if parts:
        yield and_(*parts)


def _has_genre(genre: str, dialect: str) -> Condition:
    """Whether one whole entry of the JSON list is this genre, capitals aside."""
    small = func.lower(type_coerce(Video.genres, Text), type_=Text)
    found = spellings(genre)
    if dialect == "sqlite":
        return or_(*(small.op("GLOB", is_comparison=True)(glob_pattern(spelling)) for spelling in found))
    return or_(*(small.like(like_pattern(spelling)) for spelling in found))


def _has_word(word: str) -> Condition:
    """Part of the title, blind to case and accents. What is typed is meant: no wildcards."""
    return contains(Video.title, "".join(f"\\{char}" if char in _LITERAL else char for char in word))


def _has_status(status: VideoStatus, dialect: str) -> Condition:
    """SQLite compares bytes, which is the same for a name that there is, and calls no Python for each row."""
    column: Any = Video.status
    found: Condition = (column.collate("BINARY") if dialect == "sqlite" else column) == status
    return found


def _comes_from(source: Source) -> Condition:
    """As the search of videos understands it."""
    if source is Source.YOUTUBE:
        return Video.youtube_id.is_not(None)
    if source is Source.IMVDB:
        return Video.imvdb_id.is_not(None)
    return and_(Video.youtube_id.is_(None), Video.imvdb_id.is_(None))
