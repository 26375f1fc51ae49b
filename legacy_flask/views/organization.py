"""Films are put into the library's folders with their rows, one by one in the request."""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Video, VideoStatus
from legacy_flask.access import Access, requires
from legacy_flask.configuration import LegacySettings, current_settings
from legacy_flask.database import transaction
from legacy_flask.errors import BadRequest, Conflict
from legacy_flask.indexing_files import Film, film_at, films_below, library_folders, real_folder, shown, turn
from legacy_flask.indexing_names import Reading, clean_name, film_name, folder_name, has_its_name, ways_to_read
from legacy_flask.indexing_rows import artist_named, choose, downloads_naming, give, record, videos_naming
from legacy_flask.indexing_rules import CHANGED, UNNAMEABLE, Folders, artist_folder
from legacy_flask.organization_files import Move, artist_folders, begin_move, remove_empty
from legacy_flask.organization_rules import (
    IN_PLACE,
    IS_LINK,
    NOT_MOUNTED,
    UNMOVABLE,
    UNREADABLE_NAME,
    action,
    new_result,
    summarize,
    told,
)
from legacy_flask.video_film_rules import composed
from legacy_flask.video_folders import artist_folders as spelled_folders
from legacy_flask.video_folders import folders_of

blueprint = Blueprint("organization", __name__, url_prefix="/api/video-organization")

_LONGEST_PATH = 500


class Aim(NamedTuple):
    """What a film is, and where it belongs."""

    reading: Reading
    folder: str
    name: str


class Overtaken(Exception):
    """Somebody else changed the rows of a film while it was moved."""


@blueprint.get("/artists")
@requires(Access.READ)
def artists() -> Response:
    """The artists' folders with their numbers of films."""
    found = artist_folders(library_folders().library, current_settings())
    return jsonify(artists=found, count=len(found), total_videos=sum(one["video_count"] for one in found))


@blueprint.get("/downloads/scan")
@requires(Access.READ)
def scan_downloads() -> Response:
    """The names of the films that wait."""
    films = films_below(library_folders().downloads, current_settings())
    return jsonify(files=[shown(film.name) for film in films], count=len(films))


@blueprint.get("/status")
@requires(Access.READ)
def status() -> Response:
    """Both folders and what they hold. A folder that is missing is told, not made."""
    folders, settings = library_folders(), current_settings()
    found = artist_folders(folders.library, settings)
    real = [real_folder(stored, settings) for stored in folders[:2]]
    return jsonify(
        downloads_path=folders.downloads,
        music_videos_path=folders.library,
        pending_downloads=len(films_below(folders.downloads, settings)),
        existing_videos=len(films_below(folders.library, settings)),
        artist_count=len(found),
        total_organized_videos=sum(one["video_count"] for one in found),
        directories_exist=all(folder is not None and folder.is_dir() for folder in real),
    )


@blueprint.post("/cleanup")
@requires(Access.CONFIGURE)
def cleanup() -> Response:
    """Removes the artists' folders that hold nothing."""
    folders = library_folders()
    with turn():
        removed = remove_empty(folders.library, folders.downloads, current_settings())
    return jsonify(success=True, message=f"Removed {removed} empty directories", removed_count=removed)


@blueprint.post("/organize-all")
@requires(Access.CONFIGURE)
def organize_all() -> Response:
    """Files every download. Nothing outside is asked yet."""
    folders = library_folders()
    with turn():
        _check_mounted(folders)
        films = films_below(folders.downloads, current_settings())
        summary = summarize([_file(film, folders, existing=False) for film in films], existing=False)
    message = f"Organized {summary['successful']} of {summary['total_files']} videos"
    return jsonify(success=True, message=message, summary=summary)


@blueprint.post("/organize/<filename>")
@requires(Access.MANAGE)
def organize(filename: str) -> Response:
    """Files one download that lies directly in the folder."""
    folders = library_folders()
    stored = f"{folders.downloads}/{filename}"
    with turn():
        _check_mounted(folders)
        film = film_at(stored, current_settings())
        if film is None or film.stored != stored:
            error = f"File not found: {filename}"
            result = {"success": False, "error": error, "original_path": stored}
        else:
            result = told(_file(film, folders, existing=False), existing=False)
    if not result["success"]:
        raise BadRequest(str(result["error"]), success=False, result=result)
    return jsonify(success=True, message=f"Successfully organized {filename}", result=result)


@blueprint.post("/reorganize-existing")
@requires(Access.CONFIGURE)
def reorganize_existing() -> Response:
    """Files every film of the library anew. What its row says counts for more than its name."""
    folders = library_folders()
    with turn():
        _check_mounted(folders)
        films = films_below(folders.library, current_settings())
        summary = summarize([_file(film, folders, existing=True) for film in films], existing=True)
    message = f"Reorganized {summary['successful']} of {summary['total_files']} videos"
    return jsonify(success=True, message=message, summary=summary)


def _check_mounted(folders: Folders) -> None:
    """A drive that is not mounted gets no folder in its place. Raises Conflict."""
    real = real_folder(folders.library, current_settings())
    with transaction() as session:
        films = session.query(Video.id).filter(Video.status == VideoStatus.DOWNLOADED, Video.local_path.is_not(None))
        has_films = films.first() is not None
    if has_films and (real is None or not real.is_dir()):
        raise Conflict(NOT_MOUNTED, success=False)


def _file(film: Film, folders: Folders, *, existing: bool) -> dict[str, Any]:
    result = new_result(shown(film.stored), shown(clean_name(film.name)))
    if film.is_link or not film.is_nameable:
        return {**result, "error": IS_LINK if film.is_link else UNNAMEABLE, "skipped": True}
    with transaction() as session:
        aim = _aim(session, film, folders, result, existing=existing)
    if aim is not None:
        _move(film, aim, folders, result)
    return result


def _aim(session: Session, film: Film, folders: Folders, result: dict[str, Any], *, existing: bool) -> Aim | None:
    """Where a film is to go; None where it stays, and then the result says why."""
    reading = _read(session, film, folders, existing=existing)
    if reading is None:
        result.update(error=UNREADABLE_NAME, skipped=True)
        return None
    row = artist_named(session, reading.artist)
    artist = row.name if row is not None else reading.artist
    folder = _folder(artist, folders.library, current_settings())
    name = film_name(artist, reading.title, PurePosixPath(film.name).suffix)
    result.update(artist=reading.artist, title=reading.title, new_path=f"{folder}/{name}")
    is_there = composed(str(PurePosixPath(film.stored).parent)) == composed(folder)
    if is_there and has_its_name(film.name, artist, reading.title):
        result.update(success=True, skipped=True, action=IN_PLACE, new_path=film.stored)
        return None
    if len(result["new_path"]) > _LONGEST_PATH:
        result.update(error=UNNAMEABLE)
        return None
    result.update(action=action(film.stored, folder))
    return Aim(reading, folder, name)


def _read(session: Session, film: Film, folders: Folders, *, existing: bool) -> Reading | None:
    """Its row knows best what a film is."""
    owner = next(iter(videos_naming(session, film.stored, current_settings())), None)
    artist: Artist | None = owner.artist if owner is not None else None  # an old database may have lost the row
    if owner is not None and artist is not None and artist.name and owner.title:
        return Reading(composed(artist.name), composed(owner.title))
    return choose(session, *ways_to_read(film.name, artist_folder(film.stored, folders.library) if existing else ""))


def _folder(artist: str, library: str, settings: LegacySettings) -> str:
    """The folder that the artist has, in whatever spelling, or the one to be made."""
    found = spelled_folders(library, settings) or {}
    wanted = folder_name(artist)
    return next(iter((*found.get(wanted, ()), *folders_of(artist, found))), f"{library}/{wanted}")


def _move(film: Film, aim: Aim, folders: Folders, result: dict[str, Any]) -> None:
    """Moves the file and tells its rows, both or neither."""
    try:
        move = begin_move(film.stored, aim.folder, aim.name, current_settings())
    except OSError:
        result.update(error=UNMOVABLE)
        return
    try:
        with transaction() as session:
            _tell(session, film, move, aim.reading, folders)
    except Overtaken:
        move.undo()
        result.update(error=CHANGED)
        return
    except BaseException:  # the edge of the move: whatever ended the transaction, the file keeps its old name only
        move.undo()
        raise
    move.finish()
    result.update(success=True, new_path=move.stored)


def _tell(session: Session, film: Film, move: Move, reading: Reading, folders: Folders) -> None:
    """Tells the rows of a film its new path, or gives it rows. Raises Overtaken."""
    settings = current_settings()
    owners = videos_naming(session, film.stored, settings)
    for download in downloads_naming(session, film.stored, settings):
        download.file_path = move.stored
    session.flush()
    for video in owners:
        if not give(session, video, move.stored):
            raise Overtaken
    if owners:
        return
    moved = Film(move.stored, film.size, film.changed)
    done = record(session, moved, reading, folders.library, settings, makes_rows=folders.indexes)
    if "error" in done:
        raise Overtaken
