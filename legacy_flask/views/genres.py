"""The genre routes."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy import ColumnElement, Text, func, or_, type_coerce
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video
from legacy_flask import genre_rules
from legacy_flask.access import Access, requires
from legacy_flask.artist_rules import most_frequent_genres
from legacy_flask.database import transaction
from legacy_flask.errors import Conflict, NotFound
from legacy_flask.genre_rules import genre_names
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist

blueprint = Blueprint("genres", __name__, url_prefix="/api/genres")


@blueprint.get("")
@requires(Access.READ)
def list_genres() -> Response:
    """Every genre that a video or an artist has, from all rows that have any."""
    with transaction() as session:
        of_videos = session.query(Video.genres).filter(Video.genres.is_not(None)).all()
        of_artists = session.query(Artist.genres).filter(Artist.genres.is_not(None)).all()
    videos = genre_rules.sorted_genres(row[0] for row in of_videos)
    artists = genre_rules.sorted_genres(row[0] for row in of_artists)
    return jsonify(video_genres=videos, artist_genres=artists, all_genres=sorted({*videos, *artists}))


@blueprint.get("/videos/<int:video_id>")
@requires(Access.READ)
def video_genres(video_id: int) -> Response:
    """The genres of a video; none for an unknown one."""
    with transaction() as session:
        video = session.query(Video).filter(Video.id == video_id).first() if may_exist(video_id) else None
        return jsonify(genres=genre_names(video.genres if video is not None else None))


@blueprint.put("/videos/<int:video_id>")
@requires(Access.MODIFY)
def set_video_genres(video_id: int) -> Response:
    """Replaces the genres of a video, and computes those of its artist anew."""
    genres = genre_rules.new_genres(json_body())
    with transaction() as session:
        found = session.query(Video.artist_id).filter(Video.id == video_id).first() if may_exist(video_id) else None
        if found is None:
            raise NotFound("Failed to update video genres")
        _set(session, video_id, found[0], genres)
    return jsonify(message="Video genres updated successfully")


@blueprint.get("/artists/<int:artist_id>")
@requires(Access.READ)
def artist_genres(artist_id: int) -> Response:
    """The genres of an artist; none for an unknown one."""
    with transaction() as session:
        artist = session.query(Artist).filter(Artist.id == artist_id).first() if may_exist(artist_id) else None
        return jsonify(genres=genre_names(artist.genres if artist is not None else None))


@blueprint.get("/<genre>/videos")
@requires(Access.READ)
def videos_of_genre(genre: str) -> Response:
    """The videos that have exactly this genre. Their artists are loaded one by one."""
    limit = genre_rules.read_limit(query())
    with transaction() as session:
        videos = session.query(Video).filter(_has(session, Video.genres, genre)).order_by(Video.id).limit(limit)
        return jsonify(videos=[_video(video) for video in videos.all()])


@blueprint.get("/<genre>/artists")
@requires(Access.READ)
def artists_of_genre(genre: str) -> Response:
    """The artists that have exactly this genre. Their videos are counted one by one."""
    limit = genre_rules.read_limit(query())
    with transaction() as session:
        artists = session.query(Artist).filter(_has(session, Artist.genres, genre)).order_by(Artist.id).limit(limit)
        return jsonify(artists=[_artist(session, artist) for artist in artists.all()])


def _set(session: Session, video_id: int, artist_id: int, genres: list[str]) -> None:
    """The artist's row is locked first, so that two videos of one artist count one after the other."""
    artist = session.query(Artist).filter(Artist.id == artist_id).with_for_update().first()
    video = session.query(Video).filter(Video.id == video_id).with_for_update().first()
    if video is None or video.artist_id != artist_id:
        raise Conflict("Somebody else changed this video at the same moment")
    video.genres = genres
    session.flush()
    if artist is not None:
        rows = session.query(Video.genres).filter(Video.artist_id == artist_id).order_by(Video.id)
        artist.genres = most_frequent_genres(row[0] for row in rows.with_for_update(read=True).all())


def _has(session: Session, column: Any, genre: str) -> ColumnElement[bool]:
    """Whether one whole entry of the column is `genre`, case and accents included."""
    for_glob = session.get_bind().dialect.name == "sqlite"
    text = type_coerce(column, Text)
    found = genre_rules.patterns(genre, for_glob=for_glob)
    return or_(False, *(func.glob(pattern, text) if for_glob else text.like(pattern) for pattern in found))


def _video(video: Video) -> dict[str, Any]:
    artist: Artist | None = video.artist  # an old database may have lost the row
    return {
        "id": video.id,
        "title": video.title,
        "artist_name": artist.name if artist is not None else None,
        "artist_id": video.artist_id,
        "genres": genre_names(video.genres),
        "year": video.year,
        "duration": video.duration,
        "status": video.status,
    }


def _artist(session: Session, artist: Artist) -> dict[str, Any]:
    return {
        "id": artist.id,
        "name": artist.name,
        "genres": genre_names(artist.genres),
        "monitored": artist.monitored,
        "video_count": session.query(Video).filter(Video.artist_id == artist.id).count(),
    }
