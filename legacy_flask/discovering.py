"""Finding the videos of one artist on IMVDb, in the request. 0.9 kept its session open meanwhile; here it ends."""

from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.models import Artist, Setting, Video, VideoStatus, now, sort_key
from legacy_flask import discovery_rules as rules
from legacy_flask.artist_locks import alone, locked
from legacy_flask.database import transaction
from legacy_flask.errors import Conflict, NotFound
from legacy_flask.imvdb import PER_PAGE, current_imvdb
from legacy_flask.imvdb_findings import found_videos, watch_address, youtube_id
from legacy_flask.row_id import may_exist

_MOST_PAGES = 4
_ATTEMPTS = 5


def discover(artist_id: int, limit: int, *, of_all: bool = False) -> dict[str, Any]:
    """Stores up to `limit` videos that the artist lacks, as WANTED, and tells of them.

    `of_all` notes at the artist that this was done. Without a key nothing is asked. Raises NotFound, Conflict or
    IMVDbFailed.
    """
    with transaction() as session:
        artist = session.query(Artist).filter(Artist.id == artist_id).first() if may_exist(artist_id) else None
        if artist is None:
            raise _missing(artist_id)
        name = artist.name
        key = session.query(Setting.value).filter(Setting.key == rules.IMVDB_KEY).scalar()
        if key is None or not rules.can_discover(key) or limit == 0:
            return _told(name, [], 0)
        present = _Present(session.query(Video).filter(Video.artist_id == artist_id).all())
    found = _look(key.strip(), name, present, limit)
    return _told(name, found, _store(artist_id, found, of_all=of_all))


class _Present:
    """What an artist has, and what was found beside it."""

    def __init__(self, videos: list[Video]) -> None:
        self._ids = {video.imvdb_id for video in videos}
        self._titles = {sort_key(video.title) for video in videos}
        self._urls = {video.url for video in videos} | {video.youtube_url for video in videos}
        self._urls |= {watch_address(video.youtube_id) for video in videos if video.youtube_id}

    def takes(self, video: dict[str, Any]) -> bool:
        """Whether a video is new; it is no more afterwards."""
        imvdb_id, title, url = str(video["imvdb_id"]), sort_key(video["title"]), video["url"]
        if imvdb_id in self._ids or title in self._titles or url in self._urls:
            return False
        self._ids.add(imvdb_id)
        self._titles.add(title)
        self._urls.add(url)
        return True


def _look(key: str, name: str, present: _Present, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, _MOST_PAGES + 1):
        results = current_imvdb().search_videos(key, name, page)
        found += [video for video in found_videos(results, name) if present.takes(video)]
        if len(found) >= limit or len(results) < PER_PAGE:
            break
    return found[:limit]


def _store(artist_id: int, found: list[dict[str, Any]], *, of_all: bool) -> int:
    """How many of them are new by now. Others may store the same at the same moment: it is looked again then."""

    def work(session: Session) -> int:
        artists = locked(session, [artist_id])
        if not artists:
            raise _missing(artist_id)
        moment = now()
        stored = 0
        for video in found:
            # A query for each, as in 0.9.
            if session.query(Video).filter(_is_present(artist_id, video)).first() is None:
                session.add(_row(artist_id, video))
                session.flush()
                stored += 1
        if of_all:
            artists[0].last_discovery = moment
        return stored

    for _ in range(_ATTEMPTS):
        try:
            return alone(work)
        except IntegrityError:
            continue
    raise Conflict("Somebody else is storing the same videos, try again in a moment")


def _is_present(artist_id: int, video: dict[str, Any]) -> Any:
    """The same video, or one of this artist by the same title, as the database compares it, or at the same address."""
    same = [Video.title == video["title"], Video.url == video["url"], Video.youtube_url == video["url"]]
    if youtube_id(video) is not None:
        same.append(Video.youtube_id == youtube_id(video))
    return or_(Video.imvdb_id == str(video["imvdb_id"]), and_(Video.artist_id == artist_id, or_(*same)))


def _row(artist_id: int, video: dict[str, Any]) -> Video:
    """As 0.9 made it, with the year and the directors in their columns, too."""
    described = {name: video[name] for name in ("source", "directors", "year", "song_title")}
    film = youtube_id(video)
    return Video(
        artist_id=artist_id,
        title=video["title"],
        imvdb_id=str(video["imvdb_id"]),
        url=video["url"],
        youtube_url=video["url"] if film else None,
        youtube_id=film,
        thumbnail_url=video["thumbnail_url"],
        year=video["year"],
        directors=video["directors"],
        source=video["source"],
        status=VideoStatus.WANTED,
        discovered_date=now(),
        video_metadata={**described, "channel_name": ""},
    )


def _told(name: str, found: list[dict[str, Any]], stored: int) -> dict[str, Any]:
    return {
        "success": True,
        "artist_name": name,
        "discovered_count": len(found),
        "stored_count": stored,
        "videos": found,
    }


def _missing(artist_id: int) -> NotFound:
    return NotFound(f"Artist {artist_id} not found", success=False)
