"""The rows that films need: found where they exist, made where they don't, never made twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from fastapi_app.indexing.artists import Artists
from fastapi_app.indexing.names import Reading, same
from fastapi_app.indexing.naming import Naming
from fastapi_app.indexing.rules import Indexed
from fastapi_app.indexing.walk import Found
from fastapi_app.media.paths import Roots
from fastapi_app.models import INTEGER_MAX, Artist, Base, Download, Video, VideoStatus
from fastapi_app.transaction import Record
from fastapi_app.videos.films.folders import is_gone

_LOCAL = "local_file"
"""The address of a download that nobody downloaded."""


@dataclass
class Entry:
    """What one film asks of the database: rows to add, and a video that may be given the film.

    `given` is that video's id and `seen` the path it named before.
    """

    film: Found
    result: Indexed
    rows: list[Base] = field(default_factory=list)
    given: int | None = None
    seen: str | None = None


@dataclass
class Ledger:
    """What is known of some films before rows are made: who names them, and the videos of their artists."""

    roots: Roots
    library: str
    artists: Artists
    naming: Naming
    videos: Mapping[int, Sequence[Record]] = field(default_factory=dict)
    _made: dict[tuple[int | Artist, str], Video] = field(default_factory=dict)
    _given: set[int] = field(default_factory=set)

    def enter(self, film: Found, reading: Reading, result: Indexed, *, makes_rows: bool = True, was: str = "") -> Entry:
        """Decides what a film needs. Asks the disk whether a video has lost the film that it names.

        `was` is the path that its rows know, where it has just been moved.
        """
        entry = Entry(film, result)
        path = was or film.stored
        named = self.naming.videos(path)
        if self.naming.downloads(path):
            result.already_indexed = True
        elif named:
            self._add_download(entry, {"artist_id": named[0].artist_id}, {"video_id": named[0].id}, named[0].title)
        else:
            self._shelve(entry, reading, makes_rows=makes_rows)
        result.success = True
        return entry

    def _shelve(self, entry: Entry, reading: Reading, *, makes_rows: bool) -> None:
        """A film that no row names: it belongs to the video of its title, or to a new one."""
        artist = self.artists.known(reading.artist)
        video = self._video(artist, reading.title)
        if isinstance(video, Video):
            self._add_download(entry, _of_artist(video.artist_id or video.artist), _of_video(video), video.title)
        elif video is not None:
            lacks_film = not video.local_path or is_gone(self.roots, video.local_path)
            if lacks_film and video.id not in self._given:
                self._given.add(video.id)
                entry.given, entry.seen = video.id, video.local_path
            self._add_download(entry, {"artist_id": video.artist_id}, {"video_id": video.id}, video.title)
        elif makes_rows:
            self._make(entry, artist, reading)

    def _video(self, artist: int | Artist | None, title: str) -> Video | Record | None:
        if artist is None:
            return None
        if isinstance(artist, int):
            rows = {row.id: row for row in self.videos.get(artist, ())}
            lacking = [(row.title, row.id) for row in rows.values() if not row.local_path]
            found = same(title, lacking) or same(title, ((row.title, row.id) for row in rows.values()))
            if found is not None:
                return rows[found]
        return self._made.get((artist, title.casefold()))

    def _make(self, entry: Entry, artist: int | Artist | None, reading: Reading) -> None:
        if artist is None:
            artist = self.artists.make(reading, self.library)
            entry.rows.append(artist)
            entry.result.artist_created = True
        owner = _of_artist(artist)
        video = Video(
            **owner,
            title=reading.title,
            status=VideoStatus.DOWNLOADED,
            local_path=entry.film.stored,
            created_at=_moment(entry.film),
        )
        self._made[artist, reading.title.casefold()] = video
        entry.rows.append(video)
        entry.result.video_created = True
        self._add_download(entry, owner, _of_video(video), reading.title)

    def _add_download(self, entry: Entry, artist: dict[str, Any], video: dict[str, Any], title: str) -> None:
        film = entry.film
        entry.rows.append(
            Download(
                **artist,
                **video,
                title=title,
                original_url=_LOCAL,
                file_path=film.stored,
                file_size=film.size if film.size <= INTEGER_MAX else None,
                download_date=_moment(film),
                status="completed",
                progress=100,
                quality="unknown",
                format=PurePosixPath(film.stored).suffix.lstrip("."),
            )
        )
        entry.result.download_created = True


def _of_artist(artist: int | Artist) -> dict[str, Any]:
    """A row that is not in the database yet is referred to by itself."""
    artist_id = artist.id if isinstance(artist, Artist) else artist
    return {"artist_id": artist_id} if artist_id else {"artist": artist}


def _of_video(video: Video) -> dict[str, Any]:
    return {"video_id": video.id} if video.id else {"video": video}


def _moment(film: Found) -> datetime:
    return datetime.fromtimestamp(film.changed, UTC).replace(tzinfo=None, microsecond=0)
