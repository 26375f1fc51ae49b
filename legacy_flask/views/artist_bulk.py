"""Changing, deleting and merging many artists at once."""

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify
from sqlalchemy import func
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Download, Video
from legacy_flask import artist_bulk_rules as rules
from legacy_flask import artist_merge_rules as merging
from legacy_flask import thumbnail_files
from legacy_flask.access import Access, requires
from legacy_flask.artist_locks import alone, locked, locked_with_videos
from legacy_flask.artist_rules import most_frequent_genres
from legacy_flask.errors import NotFound
from legacy_flask.playlist_succession import list_instead
from legacy_flask.request_values import json_body
from legacy_flask.thumbnail_rules import stored_files

blueprint = Blueprint("artist_bulk", __name__, url_prefix="/api/artists")


@blueprint.post("/bulk-edit")
@requires(Access.MODIFY)
def edit_artists() -> Response:
    """Gives many artists the same flags or keywords. Ids that no artist has are skipped."""
    ids, changes = rules.read_edit(json_body())

    def edit(session: Session) -> int:
        artists = locked(session, ids)
        for artist in artists:
            for column, value in changes.items():
                setattr(artist, column, value)
        return len(artists)

    return jsonify(updated_count=alone(edit), error=None)


@blueprint.post("/bulk-delete")
@requires(Access.MANAGE)
def delete_artists() -> Response:
    """Deletes artists with their videos and downloads, without asking again. Files and pictures stay."""
    ids = rules.read_doomed(json_body())
    names = alone(lambda session: _delete_all(session, locked_with_videos(session, ids)))
    return _deleted(names, f"Successfully deleted {len(names)} artist(s)")


@blueprint.post("/cleanup-zero-videos")
@requires(Access.MANAGE)
def delete_artists_without_videos() -> Response:
    """Deletes every artist that has no video, with its pictures. No body is read."""
    names, pictures = alone(_delete_without_videos)
    # The pictures go after the commit: a failed deletion leaves them where they are.
    thumbnail_files.remove(pictures)
    if not names:
        return _deleted(names, "No artists with 0 videos found")
    return _deleted(names, f"Successfully deleted {len(names)} artists with 0 videos")


@blueprint.post("/merge")
@requires(Access.MANAGE)
def merge_artists() -> Response:
    """Everything that belongs to some artists goes to another one, all or nothing. Files and pictures stay."""
    wanted = merging.read_merge(json_body())
    name, names = alone(lambda session: _merge(session, wanted))
    return jsonify(
        success=True,
        message=f"Successfully merged {len(names)} artist(s) into {name}",
        merged_count=len(names),
        merged_artists=names,
        primary_artist_id=wanted.primary,
        primary_artist_name=name,
    )


def _merge(session: Session, wanted: merging.Merge) -> tuple[str, list[str]]:
    """The names of the artist that stays, and of those that went into it."""
    artists = locked_with_videos(session, wanted.ids)
    primary = next((artist for artist in artists if artist.id == wanted.primary), None)
    if primary is None:
        raise NotFound("Primary artist not found")
    if len(artists) != len(wanted.secondaries) + 1:
        raise NotFound("One or more secondary artists not found")
    others = [artist for artist in artists if artist is not primary]
    names = [artist.name for artist in others]
    _unite_videos(session, primary, others)
    _unite(session, primary, others)
    return primary.name, names


def _unite(session: Session, primary: Artist, others: Sequence[Artist]) -> None:
    """Moves everything, deletes the others, and only then writes what was theirs: IMVDb ids are unique."""
    changes = merging.changes(primary, others)
    moved = 0
    for other in others:
        moved += session.query(Video).filter(Video.artist_id == other.id).update({Video.artist_id: primary.id})
        session.query(Download).filter(Download.artist_id == other.id).update({Download.artist_id: primary.id})
        session.expire(other, ["videos", "downloads"])
        session.delete(other)
    session.flush()
    for column, value in changes.items():
        setattr(primary, column, value)
    if moved:
        rows = session.query(Video.genres).filter(Video.artist_id == primary.id).order_by(Video.id).all()
        genres = most_frequent_genres(row[0] for row in rows)
        if genres:
            primary.genres = genres


def _unite_videos(session: Session, primary: Artist, others: Sequence[Artist]) -> None:
    """Makes one row of two that are the same YouTube video, where nothing gets lost by it."""
    columns = (Video.id, Video.artist_id, Video.youtube_id, Video.imvdb_id, Video.local_path, Video.status)
    rows = session.query(*columns).filter(
        Video.artist_id.in_([primary.id, *(other.id for other in others)]), Video.youtube_id != ""
    )
    copies = [merging.Copy(*row) for row in rows.order_by(Video.id)]
    for kept_id, dropped_id in merging.same_videos(copies, primary.id):
        kept, dropped = session.get_one(Video, kept_id), session.get_one(Video, dropped_id)
        changes = merging.lacking(kept, dropped)
        session.query(Download).filter(Download.video_id == dropped_id).update({Download.video_id: kept_id})
        list_instead(session, kept_id, dropped_id)
        session.delete(dropped)
        session.flush()
        for column, value in changes.items():
            setattr(kept, column, value)
        session.flush()


def _delete_all(session: Session, artists: Sequence[Artist]) -> list[str]:
    names = [artist.name for artist in artists]
    for artist in artists:
        _delete(session, artist)
    return names


def _delete_without_videos(session: Session) -> tuple[list[str], list[str]]:
    """The names and pictures of the artists that are gone."""
    artists = locked(session, _without_videos(session))
    # Asked again under the locks: a video may have come in between.
    still = set(_without_videos(session))
    empty = [artist for artist in artists if artist.id in still]
    pictures = [path for one in empty for path in stored_files(one.thumbnail_path, one.thumbnail_metadata)]
    return _delete_all(session, empty), pictures


def _delete(session: Session, artist: Artist) -> None:
    """The rows of one artist, children first; downloads of its videos may be another artist's."""
    videos = [row[0] for row in session.query(Video.id).filter(Video.artist_id == artist.id)]
    session.query(Download).filter(Download.artist_id == artist.id).delete()
    session.query(Download).filter(Download.video_id.in_(videos)).delete()
    session.query(Video).filter(Video.artist_id == artist.id).delete()
    session.delete(artist)
    session.flush()


def _without_videos(session: Session) -> list[int]:
    counts = session.query(Artist.id, func.count(Video.id).label("video_count"))
    counts = counts.outerjoin(Video, Artist.id == Video.artist_id).group_by(Artist.id)
    videos = counts.subquery()
    return [row[0] for row in session.query(videos.c.id).filter(videos.c.video_count == 0).order_by(videos.c.id)]


def _deleted(names: Sequence[str], message: str) -> Response:
    return jsonify(success=True, message=message, deleted_count=len(names), deleted_artists=list(names))
