"""The searches for videos and for artists."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import ColumnElement, String, or_, type_coerce
from sqlalchemy.orm import Query, Session

from fastapi_app.models import Artist, Video
from legacy_flask.access import Access, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.fields import query_flag
from legacy_flask.request_values import query
from legacy_flask.video_search_rules import Wish, comparable, day, read_wish, sqlite_pattern

blueprint = Blueprint("video_search", __name__, url_prefix="/api/videos")

_SORTS: dict[str, Any] = {
    "artist_name": Artist.name,
    "artist": Artist.name,
    "year": Video.year,
    "created_at": Video.created_at,
    "date_added": Video.created_at,
    "status": Video.status,
    "quality": Video.quality,
    "duration": Video.duration,
}


@blueprint.get("/search")
@requires(Access.READ)
def search_videos() -> Response:
    """Videos that have everything that is asked for. Their artists are loaded one by one, as in 0.9."""
    wish = read_wish(query())
    if wish.filters["status"] and wish.status is None:
        return _answer([], 0, wish)
    with transaction() as session:
        found = _narrowed(_filtered(session.query(Video).join(Artist), wish, session), wish)
        column: ColumnElement[Any] = _SORTS.get(wish.sort, Video.title)
        found = found.order_by(column.desc() if wish.descending else column.asc())
        total = found.count()
        return _answer(found.offset(wish.offset).limit(wish.limit).all(), total, wish)


@blueprint.get("/search-artists")
@requires(Access.READ)
def search_artists() -> Response:
    """At most ten artists by part of the name; one character finds nobody. Their videos are loaded to be counted."""
    wanted = query().get("q", "").strip()
    if len(wanted) < 2:
        return jsonify(artists=[])
    with transaction() as session:
        named = session.query(Artist).filter(Artist.name.ilike(f"%{wanted}%"), Artist.name != "Unknown Artist")
        artists = named.order_by(Artist.name).limit(10).all()
        return jsonify(
            artists=[{"id": artist.id, "name": artist.name, "video_count": len(artist.videos)} for artist in artists]
        )


def _filtered(found: Query[Video], wish: Wish, session: Session) -> Query[Video]:
    """Words: what is written in the row."""
    given = wish.filters
    if given["query"]:
        pattern = f"%{given['query']}%"
        found = found.filter(or_(Video.title.like(pattern), Artist.name.like(pattern)))
    if given["artist"]:
        found = found.filter(Artist.name.like(f"%{given['artist']}%"))
    if wish.status is not None:
        found = found.filter(Video.status == wish.status)
    if given["genre"]:
        found = found.filter(_has_genre(given["genre"], session))
    if given["quality"]:
        found = found.filter(Video.quality == given["quality"])
    for word in wish.keywords:
        found = found.filter(Video.title.like(f"%{word}%"))
    return found


def _narrowed(found: Query[Video], wish: Wish) -> Query[Video]:
    """Ranges, and what is known at all."""
    given = wish.filters
    conditions: list[tuple[Any, Any]] = [
        (wish.year, Video.year.__eq__),
        (comparable(given["duration_min"]), Video.duration.__ge__),
        (comparable(given["duration_max"]), Video.duration.__le__),
        (day(given["date_from"]), Video.created_at.__ge__),
        (day(given["date_to"]), Video.created_at.__le__),
    ]
    for value, compare in conditions:
        if value is not None:
            found = found.filter(compare(value))
    if given["has_thumbnail"]:
        has = query_flag(given["has_thumbnail"])
        found = found.filter(Video.thumbnail_path.is_not(None) if has else Video.thumbnail_path.is_(None))
    return _of_source(found, given["source"])


def _of_source(found: Query[Video], source: str) -> Query[Video]:
    if source == "youtube":
        return found.filter(Video.youtube_id.is_not(None))
    if source == "imvdb":
        return found.filter(Video.imvdb_id.is_not(None))
    if source == "manual":
        return found.filter(Video.youtube_id.is_(None), Video.imvdb_id.is_(None))
    return found


def _has_genre(genre: str, session: Session) -> ColumnElement[bool]:
    """Whether the JSON text has this whole entry; capitals matter."""
    written = type_coerce(Video.genres, String)
    pattern = f'%"{genre}"%'
    if session.get_bind().dialect.name == "sqlite":
        return written.op("GLOB", is_comparison=True)(sqlite_pattern(pattern))
    return written.like(pattern)


def _answer(videos: list[Video], total: int, wish: Wish) -> Response:
    return jsonify(
        videos=[_found(video) for video in videos],
        count=len(videos),
        total=total,
        offset=wish.offset,
        limit=wish.limit,
        filters=wish.filters,
    )


def _found(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "title": video.title,
        "artist_id": video.artist_id,
        "artist_name": video.artist.name,
        "status": video.status,
        "imvdb_id": video.imvdb_id,
        "video_url": video.url,
        "local_path": video.local_path,
        "thumbnail_url": video.thumbnail_url,
        "duration": video.duration,
        "year": video.year,
        "genres": video.genres or [],
        "quality": video.quality,
        "created_at": iso(video.created_at),
    }
