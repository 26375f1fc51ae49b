"""Requests about watched playlists with YouTube answering, well and badly."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, PlaylistMonitor, Setting
from tests.parity.ask import Ask, get, send
from tests.parity.library import NAMES
from tests.servers.youtube import Call, FakeYouTube, Reply, fake_youtube, film, items, refusal

_BASE = "/api/youtube/playlists"
_BROKEN = {
    "PLexhausted": refusal(403, "quotaExceeded"),
    "PLhidden": refusal(403, "playlistItemsNotAccessible"),
    "PLbroken": Reply(body=b"<html>"),
    "PLodd": items({"snippet": 5}, None, {"snippet": {"resourceId": {"videoId": "x"}, "title": "A - B"}}),
}
"""What is answered about the entries of some playlists."""


def _odd(place: int, title: object, **snippet: object) -> dict[str, object]:
    """A video of which only the title and a few facts are told."""
    return {"id": f"odd{place:08}", "snippet": {"title": title, "channelTitle": "Odd VEVO", **snippet}}


def _fill(fake: FakeYouTube) -> None:
    """Many, by artists that there are and that there are not; told oddly; twice the same."""
    many = [film(f"{place:011}", f"{name} - Song {place}") for place, name in enumerate(NAMES * 3)]
    strange = [
        _odd(1, "no dash at all"),
        _odd(2, "Björk \u2014 ünï", publishedAt="2024"),
        _odd(3, " - only a song", channelTitle=" - Topic"),
        _odd(4, "x" * 300 + " - long", channelTitle="Nova Kestrel - Topic"),
        _odd(5, "A - B", publishedAt="bogus", thumbnails={"high": {"url": "ftp://x"}}),
        {
            **_odd(6, "A - C"),
            "statistics": {"viewCount": -1, "likeCount": True},
            "contentDetails": {"duration": "P1DT1S"},
        },
        {**_odd(7, "a - d"), "statistics": {"viewCount": "x"}, "contentDetails": {"duration": "P"}},
        {**_odd(8, "hidden"), "gone": 1},
    ]
    fake.playlists |= {"PL1": many, "PLmany": [*many[:20], *strange, *many[:5]], "PLempty": []}
    fake.playlists |= {name: [] for name in _BROKEN}


def _answer(call: Call) -> Reply | None:
    return _BROKEN.get(call.query.get("playlistId", ""))


def give_key(config: Config) -> None:
    """Stores a key of YouTube, without which nobody is asked; nothing is downloaded."""
    engine = blocking_engine(config)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.merge(Setting(id=9_999, key="youtube_api_key", value="do-not-show"))
        session.execute(update(PlaylistMonitor).values(auto_download=False))
    engine.dispose()


def asks() -> Iterator[Ask]:
    """For a library with a key."""
    for name in ("PLmany", "PLempty", "PLnowhere", *_BROKEN):
        body = {"playlist_url": f"https://youtube.com/?list={name}", "auto_download": False}
        yield send("POST", f"{_BASE}/", {**body, "keywords": ["song 1", "É", "b"]} if name == "PLmany" else body)
    for number in range(1, 9):
        yield Ask("POST", f"{_BASE}/{number}/sync")
    yield send("PUT", f"{_BASE}/2", {"keywords": []})
    for path in ("2/sync", "sync-all", "sync"):
        yield Ask("POST", f"{_BASE}/{path}")
    yield get(f"{_BASE}/")
    yield get("/api/videos/?sort=created_at", tied="videos:created_at")


@contextmanager
def answering() -> Iterator[FakeYouTube]:
    """A YouTube that knows these playlists."""
    with fake_youtube() as fake:
        _fill(fake)
        fake.answer = _answer
        yield fake
