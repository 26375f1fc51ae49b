"""What both sides are asked: reads, bad inputs, every write, and every role before the closed gate."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

from tests.parity.ask import JSON, Ask, form, get, raw, send
from tests.parity.library import FILES, NAMES, PASSWORD

NUMBERS = (
    "0",
    "1",
    "-1",
    "2",
    "01",
    "+2",
    "%202",
    "1_0",
    "%D9%A3",
    "abc",
    "",
    "%20",
    "1.5",
    "1e3",
    "0x1",
    "9" * 12,
    "9" * 30,
)
TEXTS = (
    "",
    "a",
    "bjork",
    "BJÖRK",
    "%",
    "_",
    "\\",
    "\\\\",
    "'",
    '"',
    "🔥",
    "🎤",
    "ß",
    "ss",
    "宇宙",
    "قمر",
    "  nova ",
    "\t",
    "100%",
    "50_5",
    "<b>",
    "e\u0301",
    "x" * 300,
    "\0",
)
FLAGS = ("true", "1", "yes", "TRUE", "on", "false", "0", "", "abc")
RANGES = (
    "bytes=0-0",
    "bytes=100-199",
    "bytes=-100",
    "bytes=9000-",
    "bytes=0-",
    "bytes=0-999999999",
    "bytes=-999999999",
    "bytes=-0",
    "bytes= 0-10",
    "bytes=0-1,5-6",
    "bytes=5-6,0-1,-1",
    "bytes=0-0,999999-",
    "bytes=" + ",".join(["0-0"] * 16),
    "bytes=" + ",".join(["0-0"] * 17),
    "bytes=999999999-",
    "bytes=500-100",
    "bytes=abc",
    "bytes=",
    "bytes",
    "items=0-10",
    "0-10",
    "BYTES=0-1",
    "bytes=1-2;3",
    "bytes=١-٢",
    "",
)
ROUTES = (
    ("GET", "/api/artists/"),
    ("POST", "/api/artists/"),
    ("GET", "/api/artists/1"),
    ("PUT", "/api/artists/1"),
    ("PUT", "/api/artists/1/settings"),
    ("DELETE", "/api/artists/999"),
    ("GET", "/api/videos/"),
    ("GET", "/api/videos/1"),
    ("PUT", "/api/videos/1"),
    ("DELETE", "/api/videos/999"),
    ("GET", "/api/videos/5/stream"),
    ("GET", "/api/videos/1/thumbnail"),
    ("GET", "/api/settings/"),
    ("GET", "/api/settings/app_port"),
    ("PUT", "/api/settings/note"),
    ("PUT", "/api/settings/plex_token"),
    ("PUT", "/api/settings/bulk"),
    ("DELETE", "/api/settings/nope"),
    ("GET", "/api/health"),
    ("GET", "/api/health/status"),
    ("GET", "/api/health/database"),
    ("GET", "/simple-login"),
    ("GET", "/auth/login"),
    ("GET", "/auth/check"),
    ("GET", "/"),
    ("GET", "/videos"),
    ("GET", "/static/mvidarr.css"),
)
ODD_TARGETS = (
    "/api",
    "/api/",
    "/nope",
    "/api/nope",
    "/api/artists",
    "/api/artists?x=caf%C3%A9&y=a+b",
    "/api//artists/",
    "//api/artists/1",
    "///api/health",
    "/api/artists//1",
    "/api/artists//",
    "/api/artists/1/",
    "/api/artists/1//settings",
    "/api/artists/%31",
    "/api/artists/1%2F",
    "/api/artists/1.0",
    "/api/artists/-1",
    "/api/artists/abc",
    "/api/artists/%D9%A3",
    "/api/artists/01",
    f"/api/artists/{'9' * 30}",
    f"/api/videos/{'9' * 5000}",
    "/api/videos",
    "/api/videos/1/nope",
    "/api/videos/abc/stream",
    "/api/settings",
    "/api/settings/a/b",
    "/api/settings/a%2Fb",
    "/api/settings/%2e%2e",
    "/api/settings/..",
    "/api/health/",
    "/api/health/nope",
    "/api/healthz",
    "/health",
    "/favicon.ico",
    "/videos/",
    "/simple-login/",
    "/auth",
    "/auth/",
    "/static",
    "/static/",
    "/static/nope.css",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2f..%2fapp.py",
    "/static/vendor",
    "/static//mvidarr.css",
    "/static/mvidarr.css/",
    "/static/a%00b",
    "/static/a%5Cb",
    "/%E9",
    "/api/%E9",
    "/%",
    "/api/artists/?page=1&page=2&page=abc",
    "/api/artists/?" + "&".join(["x=1"] * 1001),
)
BAD_BODIES: tuple[tuple[bytes, str], ...] = (
    (b"", JSON),
    (b"", ""),
    (b"{bad", JSON),
    (b"[]", JSON),
    (b"{}", JSON),
    (b"null", JSON),
    (b'"name"', JSON),
    (b"123", JSON),
    (b"true", JSON),
    (b'[{"name": "x"}]', JSON),
    (b'{"a": NaN}', JSON),
    (b'{"a": ' + b"1" * 5000 + b"}", JSON),
    (b"[" * 20_000, JSON),
    (b"\xff\xfe", JSON),
    (b"\xef\xbb\xbf{}", JSON),
    (b'{"name": "\xe9"}', JSON),
    ('{"name": "utf-16"}'.encode("utf-16"), JSON),
    (b'{"name": "x"}', "text/plain"),
    (b'{"name": "x"}', "application/json; charset=latin-1"),
    (b'{"bogus": 1}', "application/vnd.api+json"),
    (b"name=x", "application/x-www-form-urlencoded"),
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -5, 12.7, 2147483647, 2147483648, -2147483649, 1e300, 10**30,
    "", " ", "1999", " 7 ", "1e2", "nan", "inf", "abc", "0x10", "a\0b", "\ud800", "é", "🔥",
    "x" * 255, "x" * 256, "x" * 501,
    [], [1], ["a", "b"], {}, {"a": 1}, ["a\0"],
)  # fmt: skip
CONDITIONS: tuple[dict[str, str], ...] = (
    {"if_none_match": "*"},
    {"if_none_match": '"other"'},
    {"if_none_match": "{etag}"},
    {"if_none_match": 'W/{etag}, "other"'},
    {"if_match": "{etag}"},
    {"if_match": '"other"'},
    {"if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"if_modified_since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"if_modified_since": "nonsense"},
    {"if_unmodified_since": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"range": "bytes=0-9", "if_range": "{etag}"},
    {"range": "bytes=0-9", "if_range": '"other"'},
    {"range": "bytes=0-9", "if_range": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"range": "bytes=0-9", "if_range": "Sat, 01 Jan 2000 00:00:00 GMT"},
    {"range": "bytes=0-9", "if_none_match": "{etag}"},
)


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    yield from _artist_lists()
    yield from _video_lists()
    for number in range(1, len(NAMES) + 2):
        yield get(f"/api/artists/{number}")
    for number in (*range(1, 8), 60, 61, 0):
        yield get(f"/api/videos/{number}")
    yield from _files()
    yield from _settings()
    yield from _pages()
    for target in ODD_TARGETS:
        yield get(target)
        yield Ask("HEAD", target)
        yield Ask("OPTIONS", target)
        yield Ask("POST", target)
    for method, (_, target) in product(("HEAD", "OPTIONS", "PATCH", "TRACE"), ROUTES):
        if not (method == "HEAD" and "stream" in target):
            yield Ask(method, target)
    for host in ("music.example.org", "music.example.org:8443", "evil example", "", "[::1]:5000"):
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
    for query in (
        "",
        "?q=nova",
        "?q=%25",
        "?status=WANTED&page=2",
        "?page=99999&per_page=7&sort=x",
        "?q=%00%F0%9F%94%A5",
    ):
        yield get(f"/videos{query}")
    for path in ("/simple-login", "/auth/login"):
        yield get(f"{path}?error=<b>&next=//evil.example")
    yield get("/auth/check")
    yield get("/auth/check", cookie="mvidarr_session=forged")
    for name in ("mvidarr.css", "theme.js", "logo.svg", "vendor/plyr-3.8.4/plyr.css"):
        yield get(f"/static/{name}")


def writes() -> Iterator[Ask]:
    """In this order; each answer, and the rows left behind, are compared."""
    for (method, target), (body, kind) in product(ROUTES, BAD_BODIES):
        if method in ("POST", "PUT"):
            yield raw(method, target, body, kind)
    for path, (body, kind) in product(
        ("/simple-login", "/auth/login", "/auth/logout", "/auth/dynamic-logout"), BAD_BODIES
    ):
        yield raw("POST", path, body, kind)
    yield from _artist_writes()
    yield from _video_writes()
    yield from _setting_writes()
    yield from _file_writes()
    yield from _logins()
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
    for genres in (["Rock", "Rock"], ["rock", "Pop"], None, "Rock", [["a"]], [1, None]):
        yield send("PUT", "/api/videos/32", {"genres": genres})
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


def _logins() -> Iterator[Ask]:
    accounts = (
        "root",
        "ANNA",
        "anna@example.org",
        " anna ",
        "reader",
        "locked",
        "retired",
        "admin",
        "nobody",
        "x" * 200,
        "' OR 1=1 --",
        "a\0b",
        "é",
    )
    for path, name in product(("/simple-login", "/auth/login"), accounts):
        secret = "admin" if name == "admin" else PASSWORD
        yield send("POST", path, {"username": name, "password": secret})
        yield send("POST", path, {"username": name, "password": "wrong"})
        yield form(f"{path}?next=/videos%3Fq=1", username=name, password=secret)
    for path, field, value in product(("/simple-login", "/auth/login"), ("username", "password"), VALUES[:24]):
        yield send("POST", path, {"username": "nobody", "password": "x", field: value})
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


def gated() -> Iterator[Ask]:
    """Every route and some that do not exist, as everybody, before the closed gate."""
    for who, (method, target) in product(("", "reader", "anna", "manager", "root"), ROUTES):
        yield Ask(method, target, None, (), who)
    for target in ODD_TARGETS:
        yield get(target)
        yield get(target, content_type=JSON)
        yield Ask("POST", target, b"")
    for method, (_, target) in product(("HEAD", "OPTIONS", "PATCH"), ROUTES):
        yield Ask(method, target)
    for target in ("/videos?q=1&x=%C3%A9", "/videos?next=/a%26b", "/%E5%AE%87?a=b%2Fc", "/auth/dynamic-logout"):
        yield get(target)
        yield get(target, host="music.example.org:8443")
