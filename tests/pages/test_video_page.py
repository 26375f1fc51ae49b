"""The page about one video as the server renders it, and its buttons as plain forms."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Artist, Download, Job, Video, VideoStatus
from tests.pages.shelf import Item, make_shelf

SHELF = (
    Item("Björk", "Jóga", 1997, file="data/musicvideos/film.mp4"),
    Item("Björk", "Hyperballad", 1996, status=VideoStatus.WANTED, file=None),
    Item("Björk", "Bachelorette", 1997, file="data/musicvideos/gone.mp4"),
    Item('<b>"x"</b>', "<script>alert(1)</script>", None, None, VideoStatus.FAILED, None),
    Item("Low Orbit", "Edited", 1999),
    Item("Low Orbit", "Not edited", 1999),
    Item("Low Orbit", "Pressed", 1999, status=VideoStatus.WANTED, file=None),
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """One library for all tests: those that write have a video of their own."""
    made = make_shelf(tmp_path_factory.mktemp("library") / "data", SHELF)
    film = made.data_dir / "musicvideos" / "film.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"x" * 2_500_000)
    film.with_suffix(".nfo").touch()
    film.with_suffix(".en.vtt").touch()
    return made


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[TestClient]:
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


def stored(config: Config, video_id: int) -> Video:
    engine = blocking_engine(config)
    try:
        with Session(engine, expire_on_commit=False) as session:
            return session.get_one(Video, video_id)
    finally:
        engine.dispose()


def add(config: Config, *rows: object) -> None:
    engine = blocking_engine(config)
    try:
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.add_all(rows)
    finally:
        engine.dispose()


def test_a_film_its_file_and_what_lies_beside_it(client: TestClient) -> None:
    page = client.get("/video/1").text
    assert "<title>Jóga - MVidarr</title>" in page
    assert re.search(r'<video id="film" controls [^>]*src="/api/videos/1/stream"', page)
    for fact in ("2.5 MB", "film.nfo", "<dd>en</dd>", "data/musicvideos/film.mp4", 'href="/artist/1"'):
        assert fact in page, fact
    assert re.search(r'rel="prev" id="before" href="/video/2"', page), "by title: Bachelorette, Hyperballad, Jóga"
    assert 'id="after"' not in page
    assert {"/video/2", "/video/3"} <= set(re.findall(r'class="plain" href="(/video/\d+)"', page))


def test_a_film_that_is_gone_is_told_and_nothing_is_played(client: TestClient) -> None:
    page = client.get("/video/3").text
    assert "<strong>The file is missing.</strong>" in page
    assert "<video id" not in page
    assert client.get("/video/2").text.count("Not downloaded yet") == 1


def test_what_is_no_video_is_a_page_that_says_so(client: TestClient) -> None:
    for path in ("/video/999", "/video/x", f"/video/{10**30}", "/video/", "/video/-1"):
        answer = client.get(path)
        assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (404, True), path


def test_hostile_names_are_text(client: TestClient) -> None:
    page = client.get("/video/4").text
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_the_form_changes_what_differs_and_nothing_else(client: TestClient, config: Config) -> None:
    form = {
        "title": "Edited (live)",
        "artist_name": "Low Orbit",
        "year": "1998",
        "genres": "Pop, , Ambient ",
        "imvdb_id": "",
    }
    answer = client.post("/video/5/edit", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/video/5?done=saved")
    row = stored(config, 5)
    assert (row.title, row.artist_id, row.year, row.genres) == ("Edited (live)", 3, 1998, ["Pop", "Ambient"])
    assert (row.imvdb_id, row.local_path) == (None, "data/musicvideos/film.mp4")
    assert "Saved." in client.get("/video/5?done=saved").text
    client.post("/video/5/edit", data={"artist_name": "Someone new", "year": ""})
    row = stored(config, 5)
    assert (row.title, row.artist_id, row.year) == ("Edited (live)", 4, None)


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(client: TestClient, config: Config) -> None:
    add(config, Video(artist_id=3, title="Holder", imvdb_id="77"))
    for field, value, sentence in (
        ("year", "97", "The year must be four digits"),
        ("title", " ", "The title must be filled in"),
        ("video_url", "javascript:alert(1)", "The address must be an address"),
        ("imvdb_id", "77", "Another video already has this imvdb_id"),
    ):
        answer = client.post("/video/6/edit", data={"artist_name": "Other", field: value})
        assert answer.status_code in {400, 409}, field
        told = re.search(rf'id="field-{field}-hint">([^<]*)<', answer.text)
        assert told, field
        assert told[1].startswith(sentence), field
        assert f'value="{value.strip() or value}"' in html.unescape(answer.text), field
    assert stored(config, 6).title == "Not edited"


def test_a_status_a_download_and_a_deletion(client: TestClient, config: Config) -> None:
    assert client.post("/video/7/status", data={"status": "IGNORED"}).status_code == 303
    assert stored(config, 7).status is VideoStatus.IGNORED
    assert client.post("/video/7/status", data={"status": "MONITORED"}).status_code == 400
    assert client.post("/video/7/download").headers["location"] == "/video/7?done=download"
    page = client.get("/video/7").text
    assert 'id="last-job"' in page
    assert 'data-group="waiting"' in page
    assert client.post("/video/7/deletion").headers["location"] == "/deleted"
    assert client.get("/video/7").status_code == 404
    listed = client.get("/deleted").text
    assert "Pressed by Low Orbit" in listed
    assert client.post("/deleted/1/restore").headers["location"] == "/deleted?done=1"
    assert "This was restored already" in client.post("/deleted/1/restore").text
    assert client.get("/video/7").status_code == 200
    for path in ("status", "download", "deletion", "edit"):
        assert client.post(f"/video/999/{path}", data={"status": "WANTED"}).status_code == 404


def test_why_a_download_failed_is_told(client: TestClient, config: Config) -> None:
    old = {"artist_id": 2, "video_id": 4, "title": "d", "original_url": "u", "status": "failed"}
    add(config, Download(**old, error_message="It was private"))
    assert "It was private" in client.get("/video/4").text
    job = {"kind": "download", "subject": "video 4", "queue": "downloads", "payload": {}, "state": "failed"}
    add(config, Job(**job, error_message="The site asks for a login", error_log="line 1\nline 2"))
    page = client.get("/video/4").text
    assert "The site asks for a login" in page
    assert "line 2" in page
    assert "It was private" not in page


def test_of_many_others_a_few_are_shown(client: TestClient, config: Config) -> None:
    many = Artist(name="Prolific")
    add(config, many, *(Video(artist=many, title=f"Song {number:02}", year=number) for number in range(60)))
    page = client.get("/videos?q=Prolific").text
    found = re.search(r'class="plain" href="(/video/\d+)">Song 07<', page)
    assert found
    page = client.get(found[1]).text
    assert re.findall(r'href="/video/\d+">Song (\d+)<', page) == [str(number) for number in range(59, 47, -1)]
    assert re.search(r'rel="prev" [^>]*title="Previous: Song 06"', page)
    assert re.search(r'rel="next" [^>]*title="Next: Song 08"', page)


def test_a_closed_gate_sends_strangers_to_the_login(tmp_path: Path) -> None:
    config = make_shelf(tmp_path / "data", SHELF[:1], gate="true")
    with TestClient(create_app(config), follow_redirects=False) as client:
        for path in ("/video/1", "/video/99", "/deleted"):
            assert client.get(path).headers["location"].startswith("/simple-login?next="), path
        for path in ("edit", "status", "download", "deletion"):
            assert client.post(f"/video/1/{path}").status_code in {302, 401}
    engine = blocking_engine(config)
    with engine.connect() as connection:
        assert connection.scalar(select(Video.title)) == "Jóga"
    engine.dispose()
