"""The library as the server renders it."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, VideoStatus
from fastapi_app.operations import accounts
from tests.pages.conftest import SHELF
from tests.pages.shelf import Item, make_shelf


def titles(page: str) -> list[str]:
    """The titles on a page, as a person reads them."""
    return [html.unescape(title) for title in re.findall(r'<h2 class="title" dir="auto"><a [^>]*>(.*?)</a></h2>', page)]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement that any engine sends meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class Forbidden(HTMLParser):
    """Collects what the content security policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.found += [f"{tag} {name}" for name in values if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not values.get("src")):
            self.found.append(tag)
        for name in ("src", "href", "action", "hx-get"):
            if (values.get(name) or "").startswith(("http:", "https:", "//", "javascript:", "data:")):
                self.found.append(f"{tag} {name}={values[name]}")


def test_the_page_names_itself_and_counts(client: TestClient) -> None:
    page = client.get("/videos").text
    assert "<title>Videos - MVidarr</title>" in page
    assert "1–6 of 6 videos" in page
    assert 'lang="en"' in page
    for landmark in ("<main", "<header", "<nav", 'role="search"', 'href="#main"', 'aria-live="polite"'):
        assert landmark in page


def test_hostile_names_are_text(client: TestClient) -> None:
    page = client.get("/videos", params={"q": "<script>alert(1)</script>\"'"}).text
    assert "<script>alert" not in page
    page = client.get("/videos").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert {item.title for item in SHELF} == set(titles(page))
    assert 'data-title="&lt;img src=x onerror=alert(&#39;t&#39;)&gt;"' in page


@pytest.mark.parametrize(
    "path", ["/videos", "/videos?q=zzz", "/videos?per_page=96&sort=artist", "/docs", "/simple-login?error=x", "/nope"]
)
def test_pages_keep_the_content_security_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == (404 if path == "/nope" else 200)
    forbidden = Forbidden()
    forbidden.feed(answer.text)
    assert forbidden.found == []
    assert "script-src 'self';" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("bjork", {"Jóga", "Hyperballad"}),
        ("JOGA", {"Jóga"}),
        ("100%", {"100% Pure"}),
        ("snake_case", {"snake_case"}),
        ("h%d", {"Hyperballad"}),
        ("j_ga", {"Jóga"}),
        ("ac/dc", {"100% Pure"}),
        ("البحر", {'أغنية "البحر" 🪩'}),
        ("' OR 1=1 --", set()),
        ("\0", {item.title for item in SHELF}),
        ("%", {item.title for item in SHELF}),
    ],
)
def test_search_is_blind_to_case_and_accents_and_knows_wildcards(
    client: TestClient, search: str, found: set[str]
) -> None:
    assert set(titles(client.get("/videos", params={"q": search}).text)) == found


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("title", "<img src=x onerror=alert('t')>"),
        ("artist", "<img src=x onerror=alert('t')>"),
        ("year", 'أغنية "البحر" 🪩'),
    ],
)
def test_orders(client: TestClient, sort: str, first: str) -> None:
    assert titles(client.get("/videos", params={"sort": sort}).text)[0] == first


def test_videos_of_an_artist_are_sorted_by_title_and_unknown_years_come_last(client: TestClient) -> None:
    by_artist = titles(client.get("/videos?sort=artist").text)
    assert by_artist.index("Hyperballad") + 1 == by_artist.index("Jóga")
    assert titles(client.get("/videos?sort=year").text)[-1] == "snake_case"


def test_the_newest_comes_first(client: TestClient) -> None:
    assert titles(client.get("/videos?sort=newest").text) == [item.title for item in reversed(SHELF)]


def test_the_status_filter_counts_what_it_would_show(client: TestClient) -> None:
    page = client.get("/videos?status=failed").text
    assert titles(page) == ["snake_case"]
    assert "1–1 of 1 video<" in page
    assert re.findall(r"<span>(\w+) <small>(\d+)</small>", page) == [
        ("All", "6"),
        ("Downloaded", "4"),
        ("Wanted", "1"),
        ("Failed", "1"),
    ]


@pytest.mark.parametrize(
    "query", ["page=x", "page=0", "page=-3", "per_page=0", "sort=x", "status=x", "page=%FF", "q=%FF%00"]
)
def test_nonsense_in_the_address_shows_the_library(client: TestClient, query: str) -> None:
    assert client.get(f"/videos?{query}").status_code == 200


def test_only_what_has_a_file_can_be_played_and_each_is_a_plain_link(client: TestClient) -> None:
    page = client.get("/videos").text
    assert set(re.findall(r'href="/api/videos/(\d+)/stream"', page)) == {"1", "2", "5", "6"}
    assert page.count("/thumbnail") == 1
    assert "1:02:03" in page


def test_nothing_found_leads_back_to_everything(client: TestClient) -> None:
    page = client.get("/videos?q=zzz&status=IGNORED").text
    assert "Nothing found" in page
    assert "No videos" in page
    assert '<a class="button primary" href="/videos">' in page


def test_an_empty_library_says_what_to_do_next(tmp_path: Path) -> None:
    with TestClient(create_app(make_shelf(tmp_path / "data", ()))) as client:
        page = client.get("/videos").text
    assert "Your library is empty" in page
    assert 'class="button primary" href="/artists/new"' in page


def test_one_count_and_one_page_however_many_videos(tmp_path: Path) -> None:
    items = [Item(f"Artist {number % 7}", f"Song {number:03}") for number in range(120)]
    with TestClient(create_app(make_shelf(tmp_path / "data", items))) as client:
        with statements() as sent:
            page = client.get("/videos?per_page=96&q=song&status=DOWNLOADED").text
        selects = [
            statement
            for statement in sent
            if statement.startswith("SELECT") and not re.search("settings|cache_", statement)
        ]
        assert len(selects) == 2, sent
        assert "description" not in selects[1]
        assert titles(page)[0] == "Song 000"
        assert len(titles(page)) == 96
        last = client.get("/videos?page=5").text
        assert titles(last) == [f"Song {number:03}" for number in range(96, 120)]
        beyond = client.get("/videos?page=900").text
        assert titles(beyond) == titles(last)
        assert 'rel="prev"' in beyond
        assert 'rel="next"' not in beyond
        assert 'href="/videos?page=4"' in beyond


def test_a_closed_gate_sends_strangers_to_the_login_and_names_the_visitor_inside(tmp_path: Path) -> None:
    config = make_shelf(tmp_path / "data", SHELF[:1], gate="true")
    engine = blocking_engine(config)
    try:
        accounts.create_first(engine, lambda: "a-long-password-of-ours")
    finally:
        engine.dispose()
    with TestClient(create_app(config), follow_redirects=False) as client:
        for path in ("/", "/videos", "/docs"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/simple-login")
        assert client.get("/static/mvidarr.css").status_code == 200
        form = {"username": "admin", "password": "a-long-password-of-ours"}
        answer = client.post("/simple-login?next=/videos%3Fq%3Djo", data=form)
        assert (answer.status_code, answer.headers["location"]) == (302, "/videos?q=jo")
        page = client.get("/videos").text
        assert 'title="Logged in as admin"' in page
        assert client.post("/auth/dynamic-logout").headers["location"] == "/simple-login"
        assert client.get("/videos").status_code == 302


def test_behind_a_prefix_every_address_carries_it(tmp_path: Path) -> None:
    config = make_shelf(tmp_path / "data", [Item("Band", f"Song {number}") for number in range(30)])
    with TestClient(create_app(config), follow_redirects=False, root_path="/mvidarr") as client:
        page = client.get("/videos").text
        addresses = re.findall(r' (?:href|src|action|hx-get|data-(?:script|style|icons|blank))="([^"#]+)"', page)
        assert addresses
        assert [address for address in addresses if not address.startswith("/mvidarr/")] == []


def test_a_status_that_this_version_does_not_know_is_counted_and_shown(tmp_path: Path) -> None:
    config = make_shelf(tmp_path / "data", [Item("Band", "Odd"), Item("Band", "Even")])
    engine = blocking_engine(config)
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(text("UPDATE videos SET status = 'ARCHIVED' WHERE title = 'Odd'"))
    engine.dispose()
    with TestClient(create_app(config)) as client:
        page = client.get("/videos").text
        assert "Unknown" in page
        assert "1–2 of 2 videos" in page
        assert titles(client.get(f"/videos?status={VideoStatus.DOWNLOADED}").text) == ["Even"]
