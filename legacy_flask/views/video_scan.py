"""Matching the files of the library to rows."""

from typing import Any, NamedTuple

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video, VideoStatus
from legacy_flask.access import Access, requires
from legacy_flask.configuration import LegacySettings, current_settings
from legacy_flask.database import transaction
from legacy_flask.errors import NotFound
from legacy_flask.request_values import json_body
from legacy_flask.video_film_rules import NO_ARTIST, extracted_title, matching_video, read_scan
from legacy_flask.video_folders import (
    LIBRARY,
    Film,
    artist_folders,
    films_in,
    folders_of,
    is_gone,
    same_file,
    spellings,
)

blueprint = Blueprint("video_scan", __name__, url_prefix="/api/videos")


class Match(NamedTuple):
    """A film that its artist's rows don't name, and the row that it seems to belong to."""

    artist: Artist
    film: Film
    title: str
    video: Video | None


@blueprint.post("/scan-directories")
@requires(Access.CONFIGURE)
def scan_directories() -> Response:
    """Films that no video names; without `dry_run`, rows that have none get them. No row is made."""
    artist_id, dry_run = read_scan(json_body())
    settings = current_settings()
    folders = artist_folders(LIBRARY, settings)
    if folders is None:
        raise NotFound("Video directory not found")
    matches: list[Match] = []
    errors: list[dict[str, str]] = []
    with transaction() as session:
        artists = _artists(session, artist_id)
        for artist in artists:
            films = _films(artist, folders_of(artist.name, folders), settings, errors)
            matches += _matches(session, artist, films, settings) if films else []
        found = [_told(match) for match in matches[:50]]
        updated = [] if dry_run else _update(session, matches, settings)
    summary = {
        "artists_scanned": len(artists),
        "video_files_found": len(matches),
        "videos_updated": len(updated),
        "errors": len(errors),
    }
    return jsonify(
        success=True, dry_run=dry_run, summary=summary, found_videos=found, updated_videos=updated, errors=errors[:10]
    )


def _artists(session: Session, artist_id: int | None) -> list[Artist]:
    every = session.query(Artist).order_by(Artist.id)
    if artist_id is None:
        return every.all()
    one = every.filter(Artist.id == artist_id).all()
    if not one:
        raise NotFound(NO_ARTIST)
    return one


def _films(artist: Artist, folders: list[str], settings: LegacySettings, errors: list[dict[str, str]]) -> list[Film]:
    found: list[Film] = []
    for folder in folders:
        try:
            found += films_in(folder, settings)
        except OSError:
            errors.append({"artist": artist.name, "error": "The folder can't be read"})
    for film in found:
        if not film.is_nameable:
            name = film.name.encode("utf-8", "backslashreplace").decode()
            error = "The name of the file is not text, or too long"
            errors.append({"artist": artist.name, "file": name, "error": error})
    return [film for film in found if film.is_nameable]


def _matches(session: Session, artist: Artist, films: list[Film], settings: LegacySettings) -> list[Match]:
    videos = session.query(Video).filter(Video.artist_id == artist.id).order_by(Video.id).all()
    named = {same_file(video.local_path, settings) for video in videos if video.local_path}
    unnamed = [film for film in films if same_file(film.stored, settings) not in named]
    titles = [extracted_title(film.name.rpartition(".")[0], artist.name) for film in unnamed]
    return [
        Match(artist, film, title, matching_video(title, videos)) for film, title in zip(unnamed, titles, strict=True)
    ]


def _update(session: Session, matches: list[Match], settings: LegacySettings) -> list[dict[str, Any]]:
    """Gives films to rows that have none. No row gets two, and none gets the film of another row."""
    updated: dict[int, dict[str, Any]] = {}
    for artist, film, _, video in matches:
        if video is None or video.id in updated or (video.local_path and not is_gone(video.local_path, settings)):
            continue
        if _is_free(session, film.stored, video.id, settings) and _give(session, video, film.stored):
            updated[video.id] = {
                "video_id": video.id,
                "title": video.title,
                "artist_name": artist.name,
                "old_status": video.status,
                "new_status": VideoStatus.DOWNLOADED,
                "old_path": video.local_path,
                "new_path": film.stored,
            }
    return list(updated.values())


def _is_free(session: Session, stored: str, video_id: int, settings: LegacySettings) -> bool:
    """Whether no other row names the file."""
    others = session.query(Video.local_path).filter(
        Video.local_path.in_(spellings(stored, settings)), Video.id != video_id
    )
    return all(same_file(path, settings) != same_file(stored, settings) for (path,) in others if path)


def _give(session: Session, video: Video, stored: str) -> bool:
    """False when somebody gave the row another film meanwhile."""
    same = Video.local_path.is_(None) if video.local_path is None else Video.local_path == video.local_path
    row = session.query(Video).filter(Video.id == video.id, same)
    values: dict[Any, Any] = {"local_path": stored, "status": VideoStatus.DOWNLOADED}
    return row.update(values, synchronize_session=False) > 0


def _told(match: Match) -> dict[str, Any]:
    video = match.video
    return {
        "artist_id": match.artist.id,
        "artist_name": match.artist.name,
        "file_path": match.film.stored,
        "filename": match.film.name,
        "extracted_title": match.title,
        "file_size": match.film.size,
        "existing_video_id": video.id if video else None,
        "existing_video_title": video.title if video else None,
        "existing_status": video.status if video else None,
        "existing_local_path": video.local_path if video else None,
    }
