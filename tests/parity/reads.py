"""Requests that change nothing."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

from tests.parity import (
    artists,
    discovery,
    downloads,
    genres,
    monitors,
    organization,
    passwords,
    scheduler,
    thumbnails,
    tokens,
    users,
    videos,
    webhooks,
)
from tests.parity.ask import Ask, get
from tests.parity.library import NAMES
from tests.parity.values import CONDITIONS, ENDED, FLAGS, NUMBERS, ODD_TARGETS, RANGES, ROUTES, TEXTS


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    yield from _artist_lists()
    yield from artists.reads()
    yield from _video_lists()
    yield from videos.reads()
    for number in range(1, len(NAMES) + 2):
        yield get(f"/api/artists/{number}")
    for number in (*range(1, 8), 60, 61, 0):
        yield get(f"/api/videos/{number}")
    yield from _files()
    yield from _settings()
    yield from _pages()
    yield from genres.reads()
    yield from thumbnails.reads()
    yield from webhooks.reads()
    yield from monitors.reads()
    yield from scheduler.reads()
    yield from discovery.reads()
    yield from downloads.reads()
    yield from organization.reads()
    yield from tokens.reads()
    yield from passwords.reads()
    yield from users.reads()
    for target in ODD_TARGETS:
        yield get(target)
        yield Ask("HEAD", target)
        yield Ask("OPTIONS", target)
        yield Ask("POST", target)
    for method, (_, target) in product(("HEAD", "OPTIONS", "PATCH", "TRACE"), ROUTES):
        if not (method == "HEAD" and "stream" in target):
            yield Ask(method, target)
    for method, target in ENDED:
        yield Ask(method, target)
    for host in ("music.example.org", "music.example.org:8443", "evil example", "[::1]:5000"):
        yield get("/api/artists?x=1", host=host)
        yield get("/api/artists/1", host=host)


def _artist_lists() -> Iterator[Ask]:
    base = "/api/artists/?per_page=7"
    yield get("/api/artists/", tied="artists:name")
    for name, value in product(("page", "per_page"), NUMBERS):
        yield get(f"/api/artists/?{name}={value}", tied="artists:name")
    for text in TEXTS:
        yield get(f"/api/artists/?per_page=30&search={quote(text)}", tied="artists:name")
    for name, value in product(("monitored", "auto_download"), FLAGS):
        yield get(f"/api/artists/?per_page=30&{name}={value}", tied="artists:name")
    for sort, order in product(("name", "created_at", "id", "NAME", ""), ("asc", "desc", "DESC", "x")):
        yield get(
            f"{base}&sort={sort}&order={order}&page=2",
            tied="artists:created_at" if sort == "created_at" else "artists:name",
        )


def _video_lists() -> Iterator[Ask]:
    yield get("/api/videos/", tied="videos:title")
    for name, value in product(("limit", "offset"), NUMBERS):
        yield get(f"/api/videos/?{name}={value}", tied="videos:title")
        yield get(f"/api/videos/?limit=5&sort=created_at&{name}={value}")
    for sort, order in product(
        ("title", "artist_name", "year", "created_at", "status", "bogus"), ("asc", "desc", "DESC")
    ):
        yield get(f"/api/videos/?sort={sort}&order={order}", tied=f"videos:{'title' if sort == 'bogus' else sort}")


def _files() -> Iterator[Ask]:
    for number in (1, 2, 5, 6, 10, 11, 12, 13, 14, 16, 17, 18, 20, 24):
        yield get(f"/api/videos/{number}/stream")
        yield Ask("HEAD", f"/api/videos/{number}/stream")
    for header in RANGES:
        yield get("/api/videos/1/stream", range=header)
        yield get("/api/videos/3/stream", range=header)
    for headers in CONDITIONS:
        yield get("/api/videos/1/stream", **headers)
        yield get("/static/mvidarr.css", **headers)
    for number in (1, 2, 3, 4, 5, 999):
        yield get(f"/api/videos/{number}/thumbnail")
        yield get(f"/api/videos/{number}/thumbnail", range="bytes=0-3")


def _settings() -> Iterator[Ask]:
    yield get("/api/settings/")
    for key in (
        "app_port",
        "APP_PORT",
        "app_port ",
        "null_value",
        "empty_value",
        "custom.note",
        "imvdb_api_key",
        "Key With Space",
        "nope",
        "%",
        "_",
        "ähm",
        "webhooks_config",
        "spotify_client_secret",
        "a\0b",
        "x" * 300,
    ):
        yield get(f"/api/settings/{quote(key, safe='')}")


def _pages() -> Iterator[Ask]:
    yield get("/")
    yield get("/settings")
    for query in (
        "",
        "?q=nova",
        "?q=%25",
        "?status=WANTED&page=2",
        "?page=99999&per_page=7&sort=x",
        "?q=%00%F0%9F%94%A5",
    ):
        yield get(f"/videos{query}")
    for number in ("1", "2", "97", "999999", "0", "x", "9" * 30):
        yield get(f"/video/{number}")
    for path in ("/artists", "/artists?q=nova&page=99", "/artists?page=x", "/artist/1", "/artist/3", "/artist/999"):
        yield get(path)
    for path in ("/mvtv", "/mvtv?film=2&seed=7", "/mvtv?film=x&decade=1", "/youtube-playlists", "/youtube-playlists?x"):
        yield get(path)
    for path in ("/simple-login", "/auth/login"):
        yield get(f"{path}?error=<b>&next=//evil.example")
    yield get("/auth/check")
    yield get("/auth/check", cookie="mvidarr_session=forged")
    for name in ("mvidarr.css", "theme.js", "logo.svg", "vendor/plyr-3.8.4/plyr.css"):
        yield get(f"/static/{name}")
