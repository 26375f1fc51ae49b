"""The rows of films: asked for film by film, as in 0.9."""

from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from fastapi_app.models import INTEGER_MAX, Artist, Download, Video, VideoStatus
from legacy_flask.configuration import LegacySettings
from legacy_flask.indexing_files import Film
from legacy_flask.indexing_names import Reading, alike, bare, folded, folder_name
from legacy_flask.indexing_rules import CHANGED
from legacy_flask.video_folders import is_gone, same_file, spellings


def artist_named(session: Session, name: str) -> Artist | None:
    """The oldest artist of this name: the same but for case, else but for accents and punctuation."""
    equal = session.query(Artist).filter(Artist.name == name).order_by(Artist.id).all()
    exact = next((artist for artist in equal if folded(artist.name) == folded(name)), None)
    if exact is not None:
        return exact
    wanted = bare(name)
    every = session.query(Artist.id, Artist.name).order_by(Artist.id).all() if wanted else []
    found = next((artist_id for artist_id, known in every if bare(known) == wanted), None)
    return None if found is None else session.get(Artist, found)


def choose(session: Session, ways: list[Reading], likely: Reading | None) -> Reading | None:
    """The first reading whose artist is known, else the likely one."""
    return next((way for way in ways if artist_named(session, way.artist) is not None), likely)


def videos_naming(session: Session, stored: str, settings: LegacySettings) -> list[Video]:
    """The videos whose film a file is, in whatever spelling their rows name it."""
    rows = session.query(Video).filter(Video.local_path.in_(spellings(stored, settings))).order_by(Video.id)
    return [row for row in rows if row.local_path and _is(row.local_path, stored, settings)]


def downloads_naming(session: Session, stored: str, settings: LegacySettings) -> list[Download]:
    """The downloads of videos that a file came from."""
    named = Download.file_path.in_(spellings(stored, settings)), Download.video_id.is_not(None)
    rows = session.query(Download).filter(*named).order_by(Download.id)
    return [row for row in rows if row.file_path and _is(row.file_path, stored, settings)]


def record(
    session: Session, film: Film, reading: Reading, library: str, settings: LegacySettings, *, makes_rows: bool = True
) -> dict[str, Any]:
    """Gives a film the rows that it lacks, and tells which; an `error` where somebody changed its video meanwhile."""
    if downloads_naming(session, film.stored, settings):
        return {"already_indexed": True}
    owners = videos_naming(session, film.stored, settings)
    if owners:
        return _add_download(session, film, owners[0])
    artist = artist_named(session, reading.artist)
    video = _video(session, artist, reading.title) if artist is not None else None
    if video is not None:
        lacks_film = not video.local_path or is_gone(video.local_path, settings)
        if lacks_film and not give(session, video, film.stored):
            return {"error": CHANGED}
        return _add_download(session, film, video)
    return _make(session, film, artist, reading, library) if makes_rows else {}


def give(session: Session, video: Video, stored: str) -> bool:
    """False when somebody gave the video another film meanwhile."""
    same = Video.local_path.is_(None) if video.local_path is None else Video.local_path == video.local_path
    values: dict[Any, Any] = {"local_path": stored, "status": VideoStatus.DOWNLOADED}
    return session.query(Video).filter(Video.id == video.id, same).update(values, synchronize_session=False) > 0


def _video(session: Session, artist: Artist, title: str) -> Video | None:
    """The artist's video of this title; one that lacks a film comes first."""
    rows = session.query(Video).filter(Video.artist_id == artist.id).order_by(Video.id).all()
    titles = [(row.title, row.id) for row in rows]
    lacking = [(row.title, row.id) for row in rows if not row.local_path]
    found = alike(title, lacking) or alike(title, titles)
    return next((row for row in rows if row.id == found), None)


def _make(session: Session, film: Film, artist: Artist | None, reading: Reading, library: str) -> dict[str, Any]:
    is_new = artist is None
    if artist is None:
        name = folder_name(reading.artist)
        artist = Artist(name=name, monitored=True, folder_path=f"{library}/{name}")
        session.add(artist)
        session.flush()
    video = Video(
        artist_id=artist.id,
        title=reading.title,
        status=VideoStatus.DOWNLOADED,
        local_path=film.stored,
        created_at=film.changed,
    )
    session.add(video)
    session.flush()
    return {"artist_created": is_new, "video_created": True, **_add_download(session, film, video)}


def _add_download(session: Session, film: Film, video: Video) -> dict[str, Any]:
    download = Download(
        artist_id=video.artist_id,
        video_id=video.id,
        title=video.title,
        original_url="local_file",
        file_path=film.stored,
        file_size=film.size if film.size <= INTEGER_MAX else None,
        download_date=film.changed,
        status="completed",
        progress=100,
        quality="unknown",
        format=PurePosixPath(film.stored).suffix.lstrip("."),
    )
    session.add(download)
    session.flush()
    return {"download_created": True}


def _is(path: str, other: str, settings: LegacySettings) -> bool:
    return same_file(path, settings) == same_file(other, settings)
