"""Rows whose film is gone: found again, or wanted again. Disk and database take turns in the request, as in 0.9."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Setting, Video, VideoStatus
from legacy_flask.access import Access, requires
from legacy_flask.configuration import LegacySettings, current_settings
from legacy_flask.database import transaction
from legacy_flask.video_film_rules import certainty, likeliest
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

blueprint = Blueprint("video_recovery", __name__, url_prefix="/api/videos/recovery")

_DOWNLOADS = "data/downloads"


class Disk:
    """The folders in which films may have landed, each listed once."""

    def __init__(self, settings: LegacySettings, downloads: str) -> None:
        self.settings = settings
        listed = (artist_folders(folder, settings) for folder in dict.fromkeys((downloads, LIBRARY)))
        self._shelves = [shelf for shelf in listed if shelf is not None]
        self._films: dict[str, list[Film]] = {}

    def candidates(self, video: Video) -> list[str]:
        """The files that may be the film of a video, the surest first."""
        artist: Artist | None = video.artist  # an old database may have lost the row
        if artist is None:
            return []
        folders = [folder for shelf in self._shelves for folder in folders_of(artist.name, shelf)]
        films = [film for folder in folders for film in self._in(folder)]
        return likeliest(
            (certainty(video.title, video.youtube_id, artist.name, film.name), film.stored) for film in films
        )

    def _in(self, folder: str) -> list[Film]:
        if folder not in self._films:
            try:
                films = films_in(folder, self.settings)
            except OSError:
                films = []
            self._films[folder] = [film for film in films if film.is_nameable]
        return self._films[folder]


@blueprint.post("/fix-missing")
@requires(Access.CONFIGURE)
def fix_missing() -> Response:
    """Looks for every film: in its place, among the downloads, in the library; else the video is wanted."""
    counts = {"missing_files": 0, "recovered_videos": 0, "marked_wanted": 0, "artists_monitored": 0}
    with transaction() as session:
        disk = Disk(current_settings(), _downloads_folder(session))
        videos = session.query(Video).filter(Video.status == VideoStatus.DOWNLOADED).order_by(Video.id).all()
        for video in videos:
            if video.local_path and is_gone(video.local_path, disk.settings):
                _mend(session, disk, video, counts)
    message = (
        f"Fixed {counts['missing_files']} missing videos: {counts['recovered_videos']} recovered, "
        f"{counts['marked_wanted']} marked as wanted"
    )
    return jsonify(success=True, message=message, statistics={"total_downloaded": len(videos), **counts})


def _downloads_folder(session: Session) -> str:
    setting = session.query(Setting).filter(Setting.key == "downloads_directory").first()
    return (setting.value if setting is not None else None) or _DOWNLOADS


def _mend(session: Session, disk: Disk, video: Video, counts: dict[str, int]) -> None:
    """Tells the row of its film's new place, or that it is wanted, unless somebody changed the row meanwhile."""
    free = (path for path in disk.candidates(video) if _is_free(session, path, video.id, disk.settings))
    found = next(free, None)
    wanted = {"local_path": None, "status": VideoStatus.WANTED}
    if not _changed(session, video, wanted if found is None else {"local_path": found}):
        return
    counts["missing_files"] += 1
    counts["recovered_videos" if found else "marked_wanted"] += 1
    artist: Artist | None = video.artist
    if found is None and artist is not None and not artist.monitored:
        artist.monitored = True
        counts["artists_monitored"] += 1


def _is_free(session: Session, path: str, video_id: int, settings: LegacySettings) -> bool:
    """Whether no other row names the file. The database does not tell composed names from decomposed ones."""
    others = session.query(Video.local_path).filter(
        Video.local_path.in_(spellings(path, settings)), Video.id != video_id
    )
    return all(same_file(other, settings) != same_file(path, settings) for (other,) in others if other)


def _changed(session: Session, video: Video, values: dict[Any, Any]) -> bool:
    unchanged = session.query(Video).filter(
        Video.id == video.id, Video.status == VideoStatus.DOWNLOADED, Video.local_path == video.local_path
    )
    return unchanged.update(values, synchronize_session=False) > 0
