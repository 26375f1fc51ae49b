"""MvTV and the watched playlists: thin, and harmless whatever the names are."""

import re

from fastapi_app.models import PlaylistMonitor, VideoStatus
from tests.legacy_flask.library import Library, artist, video

HOSTILE = "</title><script>alert(1)</script>"
FILM = "data/musicvideos/film.mp4"


def test_mvtv_shows_the_newest_film_and_links_to_others(library: Library) -> None:
    library.add(
        artist(1, HOSTILE),
        *(video(number, local_path=FILM, status=VideoStatus.DOWNLOADED) for number in range(1, 4)),
        video(4, status=VideoStatus.WANTED),
    )
    page = library.client().get("/mvtv").text
    assert "<title>MvTV - MVidarr</title>" in page
    assert "<script>" not in page
    assert re.findall(r'<video src="([^"]+)"', page) == ["/api/videos/3/stream"]
    assert re.findall(r"\?film=(\d+)", page) == ["3", "2", "1"]
    assert "/api/videos/1/stream" in library.client().get("/mvtv?film=1").text
    for nonsense in ("4", "x", "-1", "9" * 30, "%D9%A1"):
        assert "/api/videos/3/stream" in library.client().get(f"/mvtv?film={nonsense}").text


def test_nothing_to_play_leads_on(library: Library) -> None:
    assert "Nothing to play yet" in library.client().get("/mvtv").text


def test_watched_playlists_are_listed_and_no_script_becomes_a_link(library: Library) -> None:
    assert "No playlist is watched" in library.client().get("/youtube-playlists").text
    library.add(
        PlaylistMonitor(id=1, playlist_id="PL1", playlist_url="https://example.org/?list=PL1", name=HOSTILE),
        PlaylistMonitor(id=2, playlist_id="PL2", playlist_url="javascript:alert(1)", name="Odd"),
    )
    page = library.client().get("/youtube-playlists").text
    assert "<title>Watched playlists - MVidarr</title>" in page
    assert 'href="https://example.org/?list=PL1"' in page
    assert "javascript:" not in page
    assert "<script>" not in page
