"""What holds for every answer: bytes, headers, statuses, and a connection that always comes back."""

import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from fastapi_app.models import Setting
from legacy_flask import database
from tests.legacy_flask.library import Library, artist, make_library, statements, video


def test_json_has_the_bytes_of_0_9(library: Library) -> None:
    library.add(artist(1, "Zoë 🎤 <b>"))
    created = '"2026-01-02T03:04:05"'
    assert library.client().get("/api/artists/1").data == (
        f'{{"auto_download":false,"created_at":{created},"genres":null,"id":1,"imvdb_id":null,"keywords":null,'
        '"metadata":"MetaData()","monitored":true,"name":"Zo\\u00eb \\ud83c\\udfa4 <b>","thumbnail_url":null,'
        '"video_count":0}\n'
    ).encode("ascii")


@pytest.mark.parametrize("path", ["/api/artists/", "/api/nope", "/nope", "/static/page.css", "/", "/api/artists"])
def test_every_answer_carries_the_security_headers(library: Library, path: str) -> None:
    headers = library.client().get(path, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]


def test_pages_run_no_inline_script_or_style(library: Library) -> None:
    library.add(artist(1, "<script>x</script>"), video(1, local_path="data/a/b.mp4", duration=225))
    for path in ("/videos", "/simple-login", "/videos?q=nothing%20like%20it"):
        page = library.client().get(path).text
        assert "style=" not in page
        assert "<script>" not in page
        assert "onclick" not in page


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"", 400),
        ({"Content-Type": "application/json"}, b"{bad", 400),
        ({"Content-Type": "application/json"}, b'{"name": NaN}', 400),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 400),
        ({"Content-Type": "application/json"}, b"1" * 5000, 400),
        ({"Content-Type": "text/plain"}, b'{"name": "x"}', 415),
        ({}, b"", 415),
    ],
)
def test_bodies_that_are_no_json(library: Library, headers: dict[str, str], content: bytes, status: int) -> None:
    answer = library.client().post("/api/artists/", data=content, headers=headers)
    assert answer.status_code == status
    assert list(answer.json or {}) == ["error"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with make_library(tmp_path, max_body_bytes=100) as library:
        answer = library.client().post("/api/artists/", json={"name": "x" * 200})
        assert (answer.status_code, answer.json) == (413, {"error": "The request is larger than 100 bytes"})
        page = library.client().post("/simple-login", data={"username": "x" * 200})
        assert (page.status_code, page.content_type) == (413, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/artists/1", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/api/videos/", "GET, HEAD, OPTIONS"),
        ("GET", "/auth/logout", "OPTIONS, POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(library: Library, method: str, path: str, allowed: str) -> None:
    answer = library.client().open(path, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


def test_slashes_are_mended_with_the_host_that_was_asked(library: Library) -> None:
    answer = library.client().get("/api/artists?search=caf%C3%A9", headers={"Host": "music.example.org:8443"})
    assert answer.status_code == 308
    assert answer.headers["Location"] == "http://music.example.org:8443/api/artists/?search=caf%C3%A9"


def test_an_unexpected_error_tells_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the secret")

    monkeypatch.setitem(library.app.view_functions, "artists.list_artists", fail)
    answer = library.client().get("/api/artists/")
    assert (answer.status_code, answer.json) == (500, {"error": "Internal server error"})


def test_a_database_that_is_away_is_unavailable(library: Library) -> None:
    with library.writing() as session:
        session.connection().exec_driver_sql("DROP TABLE videos")
    client = library.client()
    answer = client.get("/api/videos/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "videos" not in answer.text
    health = client.get("/api/health/database")
    assert (health.status_code, health.json) == (503, {"message": "Missing tables: videos", "status": "unhealthy"})


def test_every_connection_comes_back(library: Library) -> None:
    library.add(artist(1), video(1, local_path="data/musicvideos/A/none.mp4"))
    paths = ("/api/artists/", "/api/artists/9", "/api/nope", "/videos", "/api/videos/1/stream", "/api/artists/?page=0")

    def ask() -> None:
        client = library.client()
        for path in paths:
            client.get(path)
        client.put("/api/videos/1", json={"year": "abc"})
        client.put("/api/settings/plex_token", json={"value": "x"})

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool = database.of(library.app).engine.pool
    assert pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool


def test_a_refused_write_leaves_nothing_behind(library: Library) -> None:
    client = library.client()
    assert client.put("/api/settings/bulk", json={"settings": {"a": 1, "x" * 256: 2}}).status_code == 400
    assert library.count(Setting) == 1


def test_the_library_page_asks_little_and_shows_what_was_asked_for(library: Library) -> None:
    library.add(
        artist(1), artist(2, "Other"), *(video(number, 1 + number % 2, f"T{number:02}") for number in range(1, 31))
    )
    with statements(database.of(library.app).engine) as seen:
        page = library.client().get("/videos?q=other&per_page=48&sort=newest").text
    assert len([text for text in seen if text.startswith("SELECT")]) == 3
    assert page.count('<li class="card">') == 15
    second = library.client().get("/videos?page=2").text
    assert "30 videos, page 2 of 2" in second
    assert 'rel="prev" href="/videos"' in second
    assert "Nothing found" in library.client().get("/videos?status=FAILED").text


def test_a_host_that_can_not_be_read_is_led_to_a_path(library: Library) -> None:
    answer = library.client().get("/api/artists?x=1", headers={"Host": "evil example"})
    assert (answer.status_code, answer.headers["Location"]) == (308, "/api/artists/?x=1")


@pytest.mark.parametrize(("code", "status"), [(1205, 409), (1213, 409), (2006, 503), (None, 503)])
def test_a_writer_that_lost_its_lock_is_told_so(library: Library, code: int | None, status: int) -> None:
    app = library.client().application
    lost = OperationalError("UPDATE videos", {}, Exception(*(() if code is None else (code, "text of MariaDB"))))
    with app.test_request_context("/api/videos/1"):
        answer = app.make_response(app.handle_user_exception(lost))
    assert answer.status_code == status
    assert b"MariaDB" not in answer.data
