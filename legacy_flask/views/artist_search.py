"""Searching artists. 0.9 remembered its answers for minutes, with the cookies that were in them; this does not."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import ColumnElement, Text, func, or_, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Query, Session

from fastapi_app.models import Artist, Video
from legacy_flask import artist_search_rules as rules
from legacy_flask import genre_rules
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.request_values import query

blueprint = Blueprint("artist_search", __name__, url_prefix="/api/artists/search")

_SHORTEST = 2
_SORTS: dict[str, Any] = {
    "name": Artist.name,
    "created_at": Artist.created_at,
    "updated_at": Artist.updated_at,
}


@blueprint.get("/advanced")
@requires(Access.READ)
def search_artists() -> Response:
    """A page of the artists that meet every criterion. The bounds on videos thin out the page, not the total."""
    wanted = rules.read_criteria(query())
    with transaction() as session:
        counts = session.query(Video.artist_id, func.count(Video.id).label("video_count")).group_by(Video.artist_id)
        videos = counts.subquery()
        count = func.coalesce(videos.c.video_count, 0)
        found = session.query(Artist).outerjoin(videos, Artist.id == videos.c.artist_id)
        found = _filtered(session, found, wanted)
        column: ColumnElement[Any] = count if wanted.sort == "video_count" else _SORTS.get(wanted.sort, Artist.name)
        ordered = found.add_columns(count.label("video_count"))
        ordered = ordered.order_by(column.desc() if wanted.descending else column.asc())
        total = ordered.count()
        rows = ordered.offset((wanted.page - 1) * wanted.per_page).limit(wanted.per_page).all()
        artists = [_found(artist, number) for artist, number in rows if wanted.allows(number)]
        return jsonify(artists=artists, count=len(artists), **_numbers(wanted, total))


@blueprint.get("/filters")
@requires(Access.READ)
def search_filters() -> Response:
    """Every keyword, the span of dates and of video counts, and what share of the artists has what."""
    with transaction() as session:
        stored = session.query(Artist.keywords).filter(Artist.keywords.isnot(None)).all()
        words = rules.distinct_words(row[0] for row in stored)
        dates = session.query(func.min(Artist.created_at), func.max(Artist.created_at)).one()
        counts = session.query(func.count(Video.id).label("count"), Video.artist_id).group_by(Video.artist_id)
        videos = counts.subquery()
        least, most, mean = session.query(
            func.min(videos.c.count), func.max(videos.c.count), func.avg(videos.c.count)
        ).one()
        average = round(float(mean), 4) if mean else 0
        filters = {
            "keywords": sorted({word.strip() for word in words}),
            "date_range": {"earliest": iso(dates[0]), "latest": iso(dates[1])},
            "video_count_range": {"min": least or 0, "max": most or 0, "average": average},
        }
        return jsonify(filters=filters, statistics=_statistics(session))


@blueprint.get("/suggestions")
@requires(Access.READ)
def suggest() -> Response:
    """Names that contain what was typed, then keywords where there is room."""
    typed, limit = rules.read_suggestions(query())
    if len(typed) < _SHORTEST:
        return jsonify(suggestions=[])
    with transaction() as session:
        names = session.query(Artist.name).filter(Artist.name.like(f"%{typed}%")).order_by(Artist.name)
        found = [{"text": name, "type": "artist_name"} for (name,) in names.limit(limit)]
        if len(found) < limit:
            stored = session.query(Artist.keywords).filter(Artist.keywords.isnot(None)).all()
            words = rules.distinct_words(row[0] for row in stored)
            matching = [word for word in words if typed.lower() in word.lower()]
            found += [{"text": word, "type": "keyword"} for word in matching[: limit - len(found)]]
        return jsonify(suggestions=found, query=typed, count=len(found))


def _filtered(session: Session, found: Query[Artist], wanted: rules.Criteria) -> Query[Artist]:
    if wanted.search:
        found = found.filter(Artist.name.like(f"%{wanted.search}%"))
    if wanted.monitored is not None:
        found = found.filter(Artist.monitored == wanted.monitored)
    if wanted.auto_download is not None:
        found = found.filter(Artist.auto_download == wanted.auto_download)
    if wanted.has_imvdb_id is not None:
        found = found.filter(Artist.imvdb_id.isnot(None) if wanted.has_imvdb_id else Artist.imvdb_id.is_(None))
    if wanted.genre:
        found = found.filter(_holds(session, Artist.genres, wanted.genre, whole=True))
    for word in wanted.words:
        found = found.filter(_holds(session, Artist.keywords, word, whole=False))
    earliest, latest = rules.moment(wanted.date_from), rules.moment(wanted.date_to)
    if earliest is not None:
        found = found.filter(Artist.created_at >= earliest)
    if latest is not None:
        found = found.filter(Artist.created_at <= latest)
    return found


def _holds(session: Session, column: InstrumentedAttribute[Any], text: str, *, whole: bool) -> ColumnElement[bool]:
    """Whether the JSON as it is stored holds `text`, as one whole entry or as a part of one; case counts."""
    for_glob = session.get_bind().dialect.name == "sqlite"
    patterns = genre_rules.patterns(text, for_glob=for_glob)
    if not whole:
        patterns = [f"{pattern[0]}{pattern[2:-2]}{pattern[-1]}" for pattern in patterns]  # without the two quotes
    stored = type_coerce(column, Text)
    return or_(False, *(func.glob(pattern, stored) if for_glob else stored.like(pattern) for pattern in patterns))


def _numbers(wanted: rules.Criteria, total: int) -> Mapping[str, Any]:
    pages = (total + wanted.per_page - 1) // wanted.per_page
    steps = {"has_next": wanted.page < pages, "has_prev": wanted.page > 1}
    return {
        "pagination": {"page": wanted.page, "per_page": wanted.per_page, "total": total, "pages": pages, **steps},
        "analytics": {"total_artists": total, "page_count": pages, "filters_applied": wanted.applied(), **steps},
    }


def _statistics(session: Session) -> Mapping[str, Any]:
    """Five counts, as 0.9 asked for them."""
    pictured = or_(Artist.thumbnail_url.isnot(None), Artist.thumbnail_path.isnot(None))
    total = session.query(Artist).count()
    monitored = session.query(Artist).filter(Artist.monitored == True).count()  # noqa: E712 - SQL
    automatic = session.query(Artist).filter(Artist.auto_download == True).count()  # noqa: E712 - SQL
    with_pictures = session.query(Artist).filter(pictured).count()
    with_imvdb = session.query(Artist).filter(Artist.imvdb_id.isnot(None)).count()
    return {
        "total_artists": total,
        "monitored_artists": monitored,
        "auto_download_artists": automatic,
        "artists_with_thumbnails": with_pictures,
        "artists_with_imvdb": with_imvdb,
        "monitoring_percentage": _percent(monitored, total),
        "thumbnail_coverage": _percent(with_pictures, total),
        "imvdb_coverage": _percent(with_imvdb, total),
    }


def _percent(part: int, total: int) -> float:
    return round(part / total * 100, 2) if total > 0 else 0


def _found(artist: Artist, video_count: int) -> Mapping[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "imvdb_id": artist.imvdb_id,
        "thumbnail_url": artist.thumbnail_url,
        "thumbnail_path": artist.thumbnail_path,
        "auto_download": artist.auto_download,
        "keywords": artist.keywords or [],
        "monitored": artist.monitored,
        "folder_path": artist.folder_path,
        "last_discovery": iso(artist.last_discovery),
        "created_at": iso(artist.created_at),
        "updated_at": iso(artist.updated_at),
        "video_count": video_count,
        "has_thumbnail": bool(artist.thumbnail_url or artist.thumbnail_path),
        "has_imvdb_data": bool(artist.imvdb_id),
        "imvdb_metadata": artist.imvdb_metadata,
    }
