"""Films of the library that have no rows yet."""

from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response, jsonify

from fastapi_app.models import Artist, Download, Video, VideoStatus
from legacy_flask import thumbnail_files
from legacy_flask.access import Access, requires
from legacy_flask.configuration import current_settings
from legacy_flask.database import transaction
from legacy_flask.errors import BadRequest
from legacy_flask.indexing_files import Film, film_at, films_below, library_folders, shown, turn
from legacy_flask.indexing_names import ways_to_read
from legacy_flask.indexing_rows import choose, record
from legacy_flask.indexing_rules import (
    NO_ARTIST,
    UNNAMEABLE,
    artist_folder,
    new_result,
    percentage,
    read_limit,
    read_path,
    summarize,
)
from legacy_flask.request_values import json_body, query

blueprint = Blueprint("indexing", __name__, url_prefix="/api/video-indexing")


@blueprint.get("/stats")
@requires(Access.READ)
def statistics() -> Response:
    """Counts of the library, one query each, and of the picture folder."""
    with transaction() as session:
        videos, downloads = session.query(Video), session.query(Download)
        has_file = (Download.file_path.isnot(None), Download.status == "completed")
        counts: dict[str, Any] = {
            "total_artists": session.query(Artist).count(),
            "total_videos": videos.count(),
            "total_downloads": downloads.count(),
            "videos_with_imvdb": videos.filter(Video.imvdb_id.isnot(None)).count(),
            "downloaded_videos": videos.filter(Video.status == VideoStatus.DOWNLOADED).count(),
            "videos_with_files": downloads.filter(*has_file).count(),
        }
    coverage = percentage(counts["videos_with_imvdb"], counts["total_videos"])
    return jsonify(**counts, imvdb_coverage=coverage, thumbnail_stats=thumbnail_files.storage())


@blueprint.get("/scan-files")
@requires(Access.READ)
def scan_files() -> Response:
    """Every film below a folder of the library. What lies outside does not exist."""
    directory = query().get("directory", "")
    films = films_below(directory or library_folders().library, current_settings())
    told = shown(str(PurePosixPath(directory))) if directory else "default"
    return jsonify(files=[shown(film.stored) for film in films], count=len(films), directory=told)


@blueprint.post("/index-all")
@requires(Access.CONFIGURE)
def index_all() -> Response:
    """Gives every film its rows, one by one. Nothing outside is asked yet."""
    most = read_limit(json_body())
    library = library_folders().library
    with turn():
        films = films_below(library, current_settings())[:most]
        summary = summarize([_index(film, library) for film in films])
    message = f"Indexed {summary['successful']} of {summary['total_files']} videos"
    return jsonify(success=True, message=message, summary=summary)


@blueprint.post("/index-single")
@requires(Access.MANAGE)
def index_single() -> Response:
    """Gives one film its rows. Files outside the configured folders count as missing."""
    path = read_path(json_body())
    library = library_folders().library
    with turn():
        film = film_at(path, current_settings())
        result = _index(film, library) if film is not None else {**new_result(path), "error": NO_ARTIST}
    if not result["success"]:
        raise BadRequest(result["error"], success=False, result=result)
    return jsonify(success=True, message=f"Successfully indexed {path}", result=result)


def _index(film: Film, library: str) -> dict[str, Any]:
    """One film in a transaction of its own."""
    result = new_result(shown(film.stored))
    if not film.is_nameable:
        return {**result, "error": UNNAMEABLE}
    with transaction() as session:
        reading = choose(session, *ways_to_read(film.name, artist_folder(film.stored, library)))
        if reading is None:
            return {**result, "error": NO_ARTIST}
        done = record(session, film, reading, library, current_settings())
    named = {"artist_name": reading.artist, "video_title": reading.title, "success": "error" not in done}
    return {**result, **named, **done}
