"""Whatever 0.9 left in a row: both sides read it, show it sensibly, and destroy nothing of it by writing elsewhere."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from migration_flags import Stage
from router import Owner
from tests.adoption.conftest import NewDatabase
from tests.adoption.installation import DATABASES, SIDES, Installation, adopted
from tests.servers import nine_rows

MASK = "********"
ROWS = nine_rows.rows()
ARTISTS = [row["id"] for row in ROWS["artists"]]
VIDEOS = [row["id"] for row in ROWS["videos"]]
SETTINGS = {row["key"]: row for row in ROWS["settings"]}
OFTEN_TOUCHED = {"updated_at", "last_activity"}


def marks(database: str, side: Stage) -> list[pytest.MarkDecorator]:
    """Each side often meets one database, and seldom the other: 0.9 knew MariaDB only."""
    seldom = (database == "mariadb") != (side is Stage.LEGACY)
    return [pytest.mark.mariadb] * (database == "mariadb") + [pytest.mark.long] * seldom


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((database, side), marks=marks(database, side), id=f"{database}-{side}")
        for database in DATABASES
        for side in SIDES
    ],
)
def installation(
    request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    database, side = request.param
    folder = tmp_path_factory.mktemp("installation")
    (folder / "data" / "musicvideos").mkdir(parents=True)
    with adopted(side, new_database(database, folder), folder) as adopted_one:
        yield adopted_one


@dataclass(frozen=True)
class Read:
    """Addresses of one route, and the status that all of them answer."""

    key: str
    paths: list[str]
    status: int = 200


@dataclass(frozen=True)
class Write:
    """One change, and everything in the database that is different after it: `table.id.column`, `table.+`."""

    key: str
    path: str
    body: Any = None
    changes: set[str] = field(default_factory=set)
    status: int = 200
    by: str = ""


READS = (
    Read(
        "GET /api/artists/",
        [
            "/api/artists/",
            *(
                f"/api/artists/?sort={sort}&order={order}"
                for sort in ("name", "created_at")
                for order in ("asc", "desc")
            ),
            *(f"/api/artists/?search={quote(text)}" for text in ("%", "_", "\\", "tw", "\U0001f3b8")),
            "/api/artists/?monitored=false&auto_download=true&page=2&per_page=3",
        ],
    ),
    Read("GET /api/artists/{artist_id}", [f"/api/artists/{number}" for number in ARTISTS]),
    Read(
        "GET /api/videos/",
        [
            "/api/videos/",
            *(
                f"/api/videos/?sort={sort}&order={order}"
                for sort in ("title", "artist_name", "year", "created_at", "status")
                for order in ("asc", "desc")
            ),
            "/api/videos/?limit=3&offset=2",
        ],
    ),
    Read("GET /api/videos/{video_id}", [f"/api/videos/{number}" for number in VIDEOS]),
    Read("GET /api/videos/{video_id}/stream", [f"/api/videos/{number}/stream" for number in VIDEOS], 404),
    Read("GET /api/videos/{video_id}/thumbnail", [f"/api/videos/{number}/thumbnail" for number in VIDEOS]),
    Read(
        "GET /api/artists/search/advanced",
        [
            *(
                f"/api/artists/search/advanced?sort={sort}"
                for sort in ("name", "created_at", "updated_at", "video_count")
            ),
            *(f"/api/artists/search/advanced?search={quote(text)}" for text in ("%", "_", "\\", "tw", "\U0001f3b8")),
            "/api/artists/search/advanced?keywords=live&genre=Rock&min_videos=0",
        ],
    ),
    Read("GET /api/artists/search/filters", ["/api/artists/search/filters"]),
    Read("GET /api/artists/search/suggestions", ["/api/artists/search/suggestions?q=tw"]),
    Read("GET /api/artists/{artist_id}/detailed", [f"/api/artists/{number}/detailed" for number in ARTISTS]),
    Read("GET /api/artists/{artist_id}/navigation", [f"/api/artists/{number}/navigation" for number in ARTISTS]),
    Read("GET /api/artists/{artist_id}/thumbnail", [f"/api/artists/{number}/thumbnail" for number in ARTISTS]),
    Read(
        "GET /api/artists/{artist_id}/thumbnail/info", [f"/api/artists/{number}/thumbnail/info" for number in ARTISTS]
    ),
    Read("GET /api/artists/thumbnail-stats", ["/api/artists/thumbnail-stats"]),
    Read("GET /api/videos/{video_id}/thumbnail/info", [f"/api/videos/{number}/thumbnail/info" for number in VIDEOS]),
    Read(
        "GET /api/videos/search",
        [
            "/api/videos/search",
            *(f"/api/videos/search?sort_by={sort}" for sort in ("title", "artist_name", "year", "status", "duration")),
            *(f"/api/videos/search?q={quote(text)}" for text in ("%", "_", "\\", "tw", "\U0001f3b8")),
            "/api/videos/search?genre=Rock&status=WANTED",
        ],
    ),
    Read("GET /api/videos/search-artists", ["/api/videos/search-artists?q=tw"]),
    Read("GET /api/genres", ["/api/genres"]),
    Read("GET /api/genres/videos/{video_id}", [f"/api/genres/videos/{number}" for number in VIDEOS]),
    Read("GET /api/genres/artists/{artist_id}", [f"/api/genres/artists/{number}" for number in ARTISTS]),
    Read("GET /api/genres/{genre}/videos", ["/api/genres/Rock/videos", "/api/genres/%25/videos"]),
    Read("GET /api/genres/{genre}/artists", ["/api/genres/Rock/artists", "/api/genres/%25/artists"]),
    Read("GET /api/discovery/stats", ["/api/discovery/stats"]),
    Read("GET /api/video-indexing/stats", ["/api/video-indexing/stats"]),
    Read("GET /api/video-indexing/scan-files", ["/api/video-indexing/scan-files"]),
    Read("GET /api/video-organization/artists", ["/api/video-organization/artists"]),
    Read("GET /api/video-organization/downloads/scan", ["/api/video-organization/downloads/scan"]),
    Read("GET /api/video-organization/status", ["/api/video-organization/status"]),
    Read("GET /api/youtube/playlists/", ["/api/youtube/playlists/"]),
    Read("GET /api/youtube/playlists/status", ["/api/youtube/playlists/status"]),
    Read("GET /api/webhooks/", ["/api/webhooks/"]),
    Read("GET /api/webhooks/events", ["/api/webhooks/events"]),
    Read("GET /api/webhooks/stats", ["/api/webhooks/stats"]),
    Read("GET /api/settings/", ["/api/settings/"]),
    Read("GET /api/settings/{key}", [f"/api/settings/{quote(key, safe='')}" for key in SETTINGS]),
    Read("GET /api/health", ["/api/health"]),
    Read("GET /api/health/status", ["/api/health/status"]),
    Read("GET /api/health/database", ["/api/health/database"]),
    Read("GET /simple-login", ["/simple-login"]),
    Read("GET /auth/login", ["/auth/login"]),
    Read("GET /auth/check", ["/auth/check"]),
    Read("GET /auth/dynamic-logout", ["/auth/dynamic-logout"], 302),
    Read("GET /", ["/"]),
    Read("GET /artists", ["/artists", "/artists?q=tw"]),
    Read("GET /artist/{artist_id}", [f"/artist/{number}" for number in ARTISTS]),
    Read("GET /settings", ["/settings"]),
    Read("GET /mvtv", ["/mvtv"]),
    Read("GET /youtube-playlists", ["/youtube-playlists"]),
    Read(
        "GET /videos",
        [
            "/videos",
            *(f"/videos?sort={sort}" for sort in ("artist", "year", "newest")),
            *(f"/videos?status={status}" for status in ("WANTED", "MONITORED", "")),
            *(f"/videos?q={quote(text)}" for text in ("<img", "twins", "%", "\u202e")),
        ],
    ),
    Read("GET /video/{video_id}", [f"/video/{number}" for number in VIDEOS]),
    Read("GET /static/{filename}", ["/static/mvidarr.css"]),
    Read("GET /api/metube/queue", ["/api/metube/queue"]),
    Read("GET /api/metube/history", ["/api/metube/history"]),
    Read("GET /api/metube/health", ["/api/metube/health"]),
    Read("GET /api/metube/cookies/status", ["/api/metube/cookies/status"]),
    Read("GET /api/videos/downloads/queue", ["/api/videos/downloads/queue", "/api/videos/downloads/queue?limit=500"]),
    Read("GET /api/settings/scheduler/status", ["/api/settings/scheduler/status"]),
)

NEED_A_ROW = {"GET /api/artists/{artist_id}/thumbnail/{size}", "GET /api/youtube/playlists/{monitor_id}"}
"""They show a picture, or a playlist, that no quirk is about."""

ABOUT_PERSONS = ("/2fa/", "/admin/", "/api/api/users/", "/api/audit", "/api/keys", "/auth/", "/profile")
"""0.9 never served them, or served nobody with them: `tests/identity` asks them."""

WRITES = (
    Write("POST /api/artists/", "/api/artists/", {"name": "Somebody New"}, {"artists.+"}, 201),
    Write("PUT /api/artists/{artist_id}", "/api/artists/3", {"folder_path": "N"}, {"artists.3.folder_path"}),
    Write(
        "PUT /api/artists/{artist_id}/settings",
        "/api/artists/4/settings",
        {"name": "Renamed", "imvdb_id": 77},
        {"artists.4.name", "artists.4.imvdb_id"},
    ),
    Write("DELETE /api/artists/{artist_id}", "/api/artists/6", None, set(), 409),
    Write(
        "DELETE /api/artists/{artist_id}",
        "/api/artists/5?force=true",
        None,
        {"artists.5.-", "videos.5.-", "videos.16.-", "downloads.5.-"},
    ),
    Write("PUT /api/videos/{video_id}", "/api/videos/3", {"title": "Renamed"}, {"videos.3.title"}),
    Write("PUT /api/videos/{video_id}", "/api/videos/7", {"status": "failed"}, {"videos.7.status"}),
    Write("PUT /api/videos/{video_id}", "/api/videos/8", {"artist_name": "twins"}, {"videos.8.artist_id"}),
    Write("PUT /api/videos/{video_id}", "/api/videos/9", {"genres": ["New"]}, {"videos.9.genres", "artists.9.genres"}),
    Write(
        "PUT /api/genres/videos/{video_id}",
        "/api/genres/videos/9",
        {"genres": ["Newer"]},
        {"videos.9.genres", "artists.9.genres"},
    ),
    Write("PUT /api/videos/{video_id}/status", "/api/videos/3/status", {"status": "FAILED"}, {"videos.3.status"}),
    Write(
        "PUT /api/videos/bulk/status",
        "/api/videos/bulk/status",
        {"video_ids": [8], "status": "FAILED"},
        {"videos.8.status"},
    ),
    Write(
        "POST /api/artists/bulk-edit",
        "/api/artists/bulk-edit",
        {"artist_ids": [3], "updates": {"monitored": False}},
        {"artists.3.monitored"},
    ),
    Write("DELETE /api/videos/{video_id}", "/api/videos/4", None, {"videos.4.-", "downloads.4.-"}),
    Write("PUT /api/settings/{key}", "/api/settings/app_port", {"value": 5001}, {"settings.1.value"}),
    Write("PUT /api/settings/{key}", "/api/settings/spotify_client_secret", {"value": MASK}, set()),
    Write("PUT /api/settings/{key}", "/api/settings/auth_password", {"value": "guess"}, set(), 401),
    Write("PUT /api/settings/bulk", "/api/settings/bulk", {"settings": {"APP_HOST": "::"}}, {"settings.2.value"}),
    Write("PUT /api/settings/bulk", "/api/settings/bulk", {"settings": {"brand new": None}}, {"settings.+"}),
    Write("DELETE /api/settings/{key}", "/api/settings/metube_host", None, {"settings.6.-"}),
    Write("DELETE /api/settings/{key}", "/api/settings/auth_password", None, set(), 401),
    Write(
        "POST /auth/login",
        "/auth/login",
        {"username": "anna", "password": nine_rows.PASSWORD},
        {"users.2.last_login", "users.2.last_login_ip", "user_sessions.+", "audit_events.+"},
    ),
    Write(
        "POST /auth/login",
        "/auth/login",
        {"username": "readonly@example.org", "password": "wrong"},
        {"users.5.failed_login_attempts", "audit_events.+"},
        401,
    ),
    Write(
        "POST /simple-login",
        "/simple-login",
        {"username": "manager", "password": nine_rows.PASSWORD},
        {"users.3.last_login", "users.3.last_login_ip", "user_sessions.+", "audit_events.+"},
    ),
    Write("POST /auth/logout", "/auth/logout", {}, {"user_sessions.*.status", "audit_events.+"}, by="user"),
    Write(
        "POST /auth/dynamic-logout", "/auth/dynamic-logout", {}, {"user_sessions.*.status", "audit_events.+"}, by="user"
    ),
)


def shown(text: str | None) -> Any:
    """What a reader of a JSON column gets: numbers without end are none, because JSON can't say them back."""
    return None if text is None else json.loads(text.replace("-1e999", "null").replace("1e999", "null"))


def told(changes: set[tuple[str, int, str]]) -> set[str]:
    """Changes as `Write` names them. Logins have numbers that no test knows."""
    return {
        f"{table}.+" if column == "+" else f"{table}.{'*' if table == 'user_sessions' else number}.{column}"
        for table, number, column in changes
        if column not in OFTEN_TOUCHED
    }


def log_in(installation: Installation, name: str) -> None:
    answer = installation.client.post("/auth/login", json={"username": name, "password": nine_rows.PASSWORD})
    assert answer.status_code == 200, answer.text


@pytest.fixture(autouse=True)
def nobody_is_logged_in(installation: Installation) -> Iterator[None]:
    yield
    installation.client.cookies.clear()


def test_every_route_that_reads_is_asked_here(installation: Installation) -> None:
    """But those that need a row of their own; of those that write, the ones that change a single row in place."""
    asked = {one.key for one in (*READS, *WRITES)}
    shared = {row.key for row in installation.table if row.owner is Owner.BOTH and not row.unmatched}
    assert asked - shared == set()
    left = {key for key in shared - asked if key.startswith("GET ")}
    assert {key for key in left if not key.removeprefix("GET ").startswith(ABOUT_PERSONS)} == NEED_A_ROW


@pytest.mark.parametrize("read", READS, ids=lambda read: read.key)
def test_every_quirk_can_be_read(installation: Installation, read: Read) -> None:
    answers = {path: installation.client.get(path) for path in read.paths}
    assert {path: one.status_code for path, one in answers.items() if one.status_code != read.status} == {}
    assert {one.headers["x-served-by"] for one in answers.values()} == {installation.side.value}


def test_a_listing_tells_artists_as_they_are(installation: Installation) -> None:
    found = {one["id"]: one for one in installation.client.get("/api/artists/").json()["artists"]}
    for row in ROWS["artists"]:
        one = found[row["id"]]
        assert one["name"] == row["name"]
        assert one["keywords"] == shown(row["keywords"])
        assert one["created_at"] == (row["created_at"] and row["created_at"].replace(" ", "T"))
        assert one["monitored"] is (None if row["monitored"] is None else bool(row["monitored"]))


def test_one_artist_tells_its_genres(installation: Installation) -> None:
    for row in ROWS["artists"]:
        assert installation.client.get(f"/api/artists/{row['id']}").json()["genres"] == shown(row["genres"])


def test_a_listing_tells_videos_as_they_are(installation: Installation) -> None:
    answer = installation.client.get("/api/videos/").json()
    found = {one["id"]: one for one in answer["videos"]}
    assert answer["count"] == answer["total"] == len(ROWS["videos"])
    for row in ROWS["videos"]:
        one = found[row["id"]]
        assert (one["title"], one["year"], one["duration"]) == (row["title"], row["year"], row["duration"])
        assert one["artist_name"] == nine_rows.NAMES[row["artist_id"] - 1]
        assert one["created_at"] == (row["created_at"] and row["created_at"].replace(" ", "T"))


def test_a_status_that_means_nothing_reads_as_null(installation: Installation) -> None:
    found = {one["id"]: one["status"] for one in installation.client.get("/api/videos/").json()["videos"]}
    assert found == {row["id"]: row["status"] or None for row in ROWS["videos"]}


def test_one_video_tells_its_genres(installation: Installation) -> None:
    for row in ROWS["videos"]:
        assert installation.client.get(f"/api/videos/{row['id']}").json()["genres"] == shown(row["genres"])


def test_settings_are_text_of_every_kind_and_secrets_are_masked(installation: Installation) -> None:
    found = installation.client.get("/api/settings/").json()["settings"]
    assert {key: found[key]["value"] for key in SETTINGS if key in _PLAIN} == _PLAIN
    assert {key for key, one in found.items() if one["value"] == MASK} == {
        "auth_password",
        "auth_password_confirm",
        "simple_auth_password",
        "spotify_client_secret",
    }
    assert "hush" not in found["webhooks_config"]["value"]
    assert found["imvdb_api_key"]["value"] == ""


_PLAIN = {
    key: row["value"]
    for key, row in SETTINGS.items()
    if key != "webhooks_config" and not any(word in key for word in ("password", "secret"))
}


def test_the_page_shows_names_as_text_and_no_python(installation: Installation) -> None:
    page = installation.client.get("/videos").text
    assert nine_rows.MARKUP not in page
    assert "<img src=x" not in page
    assert nine_rows.MARKUP in html.unescape(page)
    assert "\U0001f3b8 Guitar" in page
    assert not re.search(r">\s*(None|null|nan)\s*<", page)
    assert "Unknown" in page


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write.key} {write.status}")
def test_a_write_changes_what_it_names_and_nothing_else(installation: Installation, write: Write) -> None:
    if write.by:
        log_in(installation, write.by)
    method = write.key.partition(" ")[0]
    answers: list[httpx2.Response] = []

    def ask() -> None:
        answers.append(installation.client.request(method, write.path, json=write.body))

    changes = told(installation.changed_by(ask))
    assert answers[0].status_code == write.status, answers[0].text
    assert answers[0].headers["x-served-by"] == installation.side.value
    assert changes == write.changes


def test_leaving_by_link_ends_one_login_and_nothing_else(installation: Installation) -> None:
    log_in(installation, "user")
    changes = installation.changed_by(lambda: installation.client.get("/auth/dynamic-logout"))
    assert told(changes) == {"user_sessions.*.status", "audit_events.+"}


@pytest.mark.parametrize(
    ("table", "body"),
    [("videos", {"year": 2001}), ("artists", {"folder_path": "One Folder"})],
    ids=["videos", "artists"],
)
def test_one_column_of_every_row_changes_alone(installation: Installation, table: str, body: dict[str, Any]) -> None:
    numbers = installation.stored()[table].keys()

    def put_all() -> None:
        for number in numbers:
            answer = installation.client.put(f"/api/{table}/{number}", json=body)
            assert answer.status_code == 200, f"{number}: {answer.text}"

    changes = told(installation.changed_by(put_all))
    assert changes == {f"{table}.{number}.{column}" for number in numbers for column in body}


def test_saving_the_settings_as_they_were_read_keeps_secrets(installation: Installation) -> None:
    found = installation.client.get("/api/settings/").json()["settings"]
    values = {key: one["value"] for key, one in found.items() if one["value"] is not None}
    before = installation.stored()["settings"]
    answer = installation.client.put("/api/settings/bulk", json={"settings": values})
    assert answer.status_code == 200, answer.text
    after = installation.stored()["settings"]
    for number, row in before.items():
        new = after[number]
        if row["key"] == "webhooks_config":
            assert json.loads(new["value"]) == json.loads(row["value"])
        else:
            assert (new["key"], new["value"], new["description"]) == (row["key"], row["value"], row["description"])


def test_a_role_that_means_nothing_gives_no_right(installation: Installation) -> None:
    log_in(installation, "nobody")
    answer = installation.client.get("/auth/check")
    assert answer.status_code == 200
    assert answer.json()["authenticated"] is True
    assert installation.client.put("/api/settings/auth_password", json={"value": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "password"),
    [("admin", "admin"), ("malformed", "8"), ("locked", nine_rows.PASSWORD), ("off", nine_rows.PASSWORD)],
)
def test_who_must_not_come_in_does_not(installation: Installation, name: str, password: str) -> None:
    answer = installation.client.post("/auth/login", json={"username": name, "password": password})
    assert answer.status_code == 401
