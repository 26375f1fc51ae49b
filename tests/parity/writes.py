"""Requests that change rows and files, or try to. Their order matters."""

from collections.abc import Iterator
from itertools import product
from typing import Any
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
from tests.parity.ask import Ask, form, get, raw, send
from tests.parity.library import FILES, PASSWORD
from tests.parity.values import BAD_BODIES, ROUTES, VALUES


def writes() -> Iterator[Ask]:
    """In this order; each answer, and the rows left behind, are compared."""
    yield from bad_bodies()
    yield from changes()


def bad_bodies() -> Iterator[Ask]:
    """Bodies that no route takes, sent to every route that takes one. They reach no database."""
    for (method, target), (body, kind) in product(ROUTES, BAD_BODIES):
        if method in ("POST", "PUT"):
            yield raw(method, target, body, kind)
    for path, (body, kind) in product(
        ("/simple-login", "/auth/login", "/auth/logout", "/auth/dynamic-logout"), BAD_BODIES
    ):
        yield raw("POST", path, body, kind)


def changes() -> Iterator[Ask]:
    """Every write, with values of every kind."""
    yield from _artist_writes()
    yield from _video_writes()
    yield from _setting_writes()
    yield from _file_writes()
    yield from genres.writes()
    yield from thumbnails.writes()
    yield from webhooks.writes()
    yield from monitors.writes()
    yield from scheduler.writes()
    yield from discovery.writes()
    yield from artists.writes()
    yield from videos.writes()
    yield from organization.writes()
    yield from downloads.writes()
    yield from tokens.writes()  # before logins are ended
    yield from users.writes()
    yield from passwords.writes()
    yield from _logins()  # these lock accounts out
    yield from _foreign()


def _artist_writes() -> Iterator[Ask]:
    for number, (field, value) in enumerate(
        product(("name", "imvdb_id", "auto_download", "keywords", "monitored"), VALUES)
    ):
        yield send("POST", "/api/artists/", {"name": f"New {number}", field: value})
    for name in (
        "nova kestrel",
        "NOVA KESTREL ",
        "bjork agren",
        "Björk Ågren",
        "100% pure",
        "🎸🎸🎸",
        "Strasse 9",
        "padded",
    ):
        yield send("POST", "/api/artists/", {"name": name})
    for field, value in product(("name", "folder_path", "keywords", "monitored", "auto_download", "imvdb_id"), VALUES):
        yield send("PUT", "/api/artists/4/settings", {field: value})
        yield get("/api/artists/4")
    for imvdb_id in ("70003", 70006, 70004, "70004 ", 0, "0", 1.9, "１２"):
        yield send("PUT", "/api/artists/4", {"imvdb_id": imvdb_id})
    for target in (
        "/api/artists/1",
        "/api/artists/1?force=no",
        "/api/artists/5?force=1",
        "/api/artists/20",
        "/api/artists/1?force=TRUE",
        "/api/artists/1",
        "/api/artists/999",
        f"/api/artists/{'9' * 20}",
    ):
        yield Ask("DELETE", target)
    yield get("/api/artists/?per_page=100&sort=created_at", tied="artists:created_at")


def _video_writes() -> Iterator[Ask]:
    fields = ("title", "year", "status", "video_url", "thumbnail_url", "duration", "imvdb_id", "genres", "artist_name")
    for field, value in product(fields, VALUES):
        yield send("PUT", "/api/videos/30", {field: value})
    for status in ("wanted", " Monitored ", "DOWNLOADED", "bogus", "WANTED\0"):
        yield send("PUT", "/api/videos/31", {"status": status})
    yield send("PUT", "/api/videos/31", {"title": "two at once", "year": 1999, "duration": "abc"})
    yield send(
        "PUT", "/api/videos/31", {"artist_name": "nova KESTREL", "genres": ["Folk", "Rock"], "id": 9, "local_path": "x"}
    )
    yield send("PUT", "/api/videos/31", {"imvdb_id": "880008"})
    for named in (["Rock", "Rock"], ["rock", "Pop"], None, "Rock", [["a"]], [1, None]):
        yield send("PUT", "/api/videos/32", {"genres": named})
        yield get("/api/artists/15")
    yield send("PUT", "/api/videos/999", {"title": "x"})
    yield send("PUT", f"/api/videos/{'9' * 20}", {"title": "x"})
    yield get("/api/videos/?sort=created_at", tied="videos:created_at")
    yield Ask("DELETE", "/api/videos/33")
    yield Ask("DELETE", "/api/videos/33")
    yield Ask("DELETE", f"/api/videos/{'9' * 20}")


def _setting_writes() -> Iterator[Ask]:
    for value in VALUES:
        yield send("PUT", "/api/settings/golden", {"value": value})
        yield get("/api/settings/golden")
        yield send("PUT", "/api/settings/golden", {"value": "x", "description": value})
        yield send("PUT", "/api/settings/bulk", {"settings": {"golden": value}})
        yield send("PUT", "/api/settings/bulk", {"settings": value})
    for key in ("GOLDEN", "gölden", "golden ", "New Key", "x" * 255, "x" * 256, "a%b", "日本", "bulk ", "a\0b"):
        quoted = quote(key, safe="")
        yield send("PUT", f"/api/settings/{quoted}", {"value": key[:20]})
        yield get(f"/api/settings/{quoted}")
        yield send("PUT", "/api/settings/bulk", {"settings": {key: 1, "other": 2}})
        yield Ask("DELETE", f"/api/settings/{quoted}")
    yield send("PUT", "/api/settings/bulk", {"settings": {"same": 1, "SAME": 2}})
    yield send("PUT", "/api/settings/big", {"value": "é" * 40_000})
    for who in ("", "root", "manager"):
        for key in (
            "imvdb_api_key",
            "IMVDB_API_KEY",
            "simple_auth_username",
            "new_password",
            "Pässword",
            "webhooks_config",
        ):
            for value in ("********", "new", "", None):
                yield send("PUT", f"/api/settings/{quote(key)}", {"value": value}, who)
            yield get(f"/api/settings/{quote(key)}", who)
        hooks = f'{{"endpoints": [{_hook("http://127.0.0.1:9/h")}, {_hook("http://b")}]}}'
        yield send("PUT", "/api/settings/webhooks_config", {"value": hooks}, who)
        yield send("PUT", "/api/settings/bulk", {"settings": {"plex_token": "x", "note": "y"}}, who)
        yield Ask("DELETE", "/api/settings/auth_username", who=who)
        yield Ask("DELETE", "/api/settings/plex_token", who=who)


def _hook(url: str) -> str:
    return f'{{"url": "{url}", "secret": "********"}}'


def _file_writes() -> Iterator[Ask]:
    for number in FILES:
        yield get(f"/api/videos/{number}/stream")
        yield get(f"/api/videos/{number}")
    yield send("PUT", "/api/videos/21", {"title": "Moved: a/b?", "artist_name": "A New Folder", "move_file": True})
    yield get("/api/videos/21/stream")
    yield send("PUT", "/api/videos/21", {"title": "Moved: a/b?", "move_file": True})
    yield send("PUT", "/api/videos/22", {"title": "Taken", "artist_name": "Nova Kestrel", "move_file": True})
    yield get("/api/videos/22/stream")
    yield send("PUT", "/api/videos/20", {"title": "..", "artist_name": "...", "move_file": 1})
    yield send("PUT", "/api/videos/20", {"title": "長" * 200, "artist_name": "名" * 200, "move_file": 1})
    yield send("PUT", "/api/videos/10", {"title": "outside", "move_file": True})
    yield send("PUT", "/api/videos/24", {"title": "no file", "move_file": True})


_ODD: tuple[Any, ...] = (None, 5, True, [], {}, "", " ", "reader ", "a\0b", "\ud800")


def _logins() -> Iterator[Ask]:
    accounts = ("root", "ANNA", "anna@example.org", " anna ", "locked", "retired", "admin", "nobody", "a\0b")
    for path, name in product(("/simple-login", "/auth/login"), accounts):
        secret = "admin" if name == "admin" else PASSWORD
        yield send("POST", path, {"username": name, "password": secret})
        yield send("POST", path, {"username": name, "password": "wrong"})
        yield form(f"{path}?next=/videos%3Fq=1", username=name, password=secret)
    for path, field, value in product(("/simple-login", "/auth/login"), ("username", "password"), _ODD):
        yield send("POST", path, {"username": "reader", "password": "x", field: value})
    for _ in range(6):
        yield send("POST", "/auth/login", {"username": "forgetful", "password": "wrong"})
    yield send("POST", "/auth/login", {"username": "forgetful", "password": PASSWORD})
    for target in (
        "/videos",
        "//evil.example",
        "http://evil.example/",
        "\\evil",
        "javascript:x",
        "http://{host}/videos?q=é",
        "",
    ):
        yield form(f"/simple-login?next={quote(target)}", username="anna", password=PASSWORD)
    for who in ("root", "anna"):
        yield get("/simple-login?next=/videos", who)
        yield get("/auth/login", who)
        yield get("/auth/check", who)
        yield Ask("HEAD", "/auth/dynamic-logout", who=who)
        yield get("/auth/dynamic-logout", who)
        yield get("/auth/check", who)


def _foreign() -> Iterator[Ask]:
    """Writes that a page of another site sends, and some that only look like it."""
    pairs = (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin"},
    )
    for headers, who in product(pairs, ("", "manager")):
        for ask in (
            send("PUT", "/api/videos/40", {"year": 2000}, who),
            form("/simple-login", username="a", password="b"),
        ):
            yield Ask(ask.method, ask.target, ask.body, (*ask.headers, *headers.items()), ask.who)
