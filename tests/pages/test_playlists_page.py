"""The pages of playlists as HTML: they work without scripts, and show nobody what is not theirs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.models import VideoStatus
from fastapi_app.pages.playlists import rules
from fastapi_app.pages.playlists.rule_form import form_values
from fastapi_app.pages.playlists.rules import Order, Shown, View, duration, numbers, size
from tests.pages.shelf import Item, make_shelf

SHELF = (
    Item("Björk", "Jóga", 1997, picture="data/thumbnails/none.jpg"),
    *(Item("Nova", f"Star {number:03}", 2000) for number in range(60)),
    Item("<b>Bold</b>", "<img src=x>", status=VideoStatus.WANTED, file=None),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    config = make_shelf(tmp_path_factory.mktemp("shelf") / "data", SHELF)
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


def make(client: TestClient, name: str, *video_ids: int) -> int:
    made: int = client.post("/api/playlists/", json={"name": name}).json()["id"]
    if video_ids:
        client.post(f"/api/playlists/{made}/videos", json={"video_ids": video_ids})
    return made


def entries(client: TestClient, playlist_id: int) -> list[dict[str, Any]]:
    answer = client.get(f"/api/playlists/{playlist_id}?per_page=200").json()
    found: list[dict[str, Any]] = answer["playlist"]["entries"]
    return found


def post(client: TestClient, playlist_id: int, **form: object) -> str:
    """Sends a form of the page; where it leads."""
    answer = client.post(f"/playlist/{playlist_id}", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_playlist_is_made_by_a_plain_form(client: TestClient) -> None:
    answer = client.post("/playlists", data={"name": " Evening ", "description": "Calm\r\nsongs", "kind": "hand"})
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "<title>Evening - MVidarr</title>" in page
    assert "Calm\nsongs" in page
    assert "Nothing in it yet" in page
    answer = client.post("/playlists", data={"name": "All", "kind": "rules"})
    assert answer.headers["location"].endswith("?rules=1")
    assert "62 videos" in client.get(answer.headers["location"]).text


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client: TestClient) -> None:
    answer = client.post("/playlists", data={"name": " ", "description": "Kept <words>"})
    assert answer.status_code == 400
    assert re.search(r'<p class="wrong" id="new-name-wrong">name must be [^<]+</p>', answer.text)
    assert "Kept &lt;words&gt;" in answer.text
    made = make(client, "Wrong")
    answer = client.post(f"/playlist/{made}", data={"action": "change", "name": "x" * 256})
    assert answer.status_code == 400
    assert 'id="edit-name-wrong"' in answer.text


def test_titles_are_escaped_and_what_has_no_film_is_not_played(client: TestClient) -> None:
    made = make(client, "<b>Names</b>", 1, 62)
    page = client.get(f"/playlist/{made}").text
    assert "<b>" not in page
    assert "<img src=x>" not in page
    assert "/api/videos/1/stream" in page
    assert "/api/videos/62/stream" not in page


def test_long_playlists_come_in_pages(client: TestClient) -> None:
    made = make(client, "Long", *range(1, 61))
    second = client.get(f"/playlist/{made}?page=2").text
    assert re.findall(r'<span class="place" aria-hidden="true">(\d+)</span>', second) == [str(n) for n in range(51, 61)]
    assert client.get(f"/playlist/{made}?page=9").text.count("data-entry=") == 10


def test_entries_move_and_leave_by_plain_forms(client: TestClient) -> None:
    made = make(client, "Order", 1, 2, 3, 4)
    ids = [entry["id"] for entry in entries(client, made)]
    assert post(client, made, action="move", entry=ids[3], place=1) == f"/playlist/{made}?done=move"
    assert [entry["id"] for entry in entries(client, made)] == [ids[3], *ids[:3]]
    post(client, made, action="remove", entry=[ids[0], ids[1], 10**9, "x"], page=2)
    assert [entry["id"] for entry in entries(client, made)] == [ids[3], ids[2]]
    for wrong in ({"action": "move", "entry": ids[0], "place": 1}, {"action": "remove"}, {"action": "format"}):
        assert client.post(f"/playlist/{made}", data=wrong).status_code in (400, 404)


def test_deleting_asks_first_and_keeps_the_videos(client: TestClient) -> None:
    made = make(client, "Short lived", 1)
    assert client.post(f"/playlist/{made}", data={"action": "delete"}).status_code == 400
    assert post(client, made, action="delete", confirm="yes") == "/playlists?done=deleted"
    assert client.get(f"/playlist/{made}").status_code == 404
    assert client.get("/api/videos/1").status_code == 200


def test_lists_are_narrowed_and_say_so_when_nothing_fits(client: TestClient) -> None:
    make(client, "Searched for")
    assert "Searched for" in client.get("/playlists?q=earched").text
    assert "Nothing found" in client.get("/playlists?q=zzz").text
    assert "Searched for" not in client.get("/playlists?show=dynamic").text
    assert client.get("/playlists?show=x&sort=y&page=z").status_code == 200


def test_mvtv_plays_a_playlist_in_its_order(client: TestClient) -> None:
    made = make(client, "On air", 5, 3, 62, 9)
    part = client.get(f"/api/mvtv/queue?playlist={made}&at=3").json()
    assert ([film["id"] for film in part["films"]], part["more"]) == ([3, 9], None)
    part = client.get(f"/api/mvtv/queue?playlist={made}&limit=1").json()
    assert ([film["id"] for film in part["films"]], part["more"]) == ([5], 5)
    part = client.get(f"/api/mvtv/queue?playlist={made}&before=9").json()
    assert [film["id"] for film in part["films"]] == [5, 3]
    assert "On air" in client.get(f"/mvtv?playlist={made}").text
    assert client.get("/api/mvtv/queue?playlist=999999").status_code == 404
    assert "Nothing to play here" in client.get("/mvtv?playlist=999999").text


def test_watched_playlists_say_what_is_missing(client: TestClient) -> None:
    page = client.get("/youtube-playlists").text
    assert "<title>Watched playlists - MVidarr</title>" in page
    assert "YouTube has no key yet" in page
    assert "No playlist is watched" in page


def test_numbers_and_lengths_read_well() -> None:
    assert [duration(seconds) for seconds in (60, 2_900, 3_600, 11_520, 400_000)] == [
        "1 min",
        "48 min",
        "1 h",
        "3 h 12 min",
        "111 h",
    ]
    assert [size(totals) for totals in ((0, 0), (1, 30), (1_200, 3_600))] == [
        "No videos",
        "1 video",
        "1,200 videos, 1 h",
    ]
    assert numbers(["1", "x", "0", "1", "99999999999", "7"]) == [1, 7]


def test_an_address_says_only_what_differs() -> None:
    view = View.read({"q": " a ", "show": "mine", "sort": "newest", "page": "3"})
    assert view == View("a", Shown.MINE, Order.NEWEST, 3)
    assert view.query(page=2) == "?q=a&show=mine&sort=newest&page=2"
    assert View.read({"show": "\0", "sort": "x"}).query() == ""


def test_rules_without_a_field_are_kept_by_the_form() -> None:
    stored = {"genres": ["Rock, Pop", "Jazz"], "quality": ["720p"], "exclude": {"words": ["live"], "source": ["imvdb"]}}
    values = form_values(stored, auto_update=True, is_open=False)
    assert values.texts["genres"] == '"Rock, Pop", Jazz'
    assert values.texts["exclude_words"] == "live"
    assert values.rest == {"quality": ["720p"], "exclude": {"source": ["imvdb"]}}
    unreadable: list[Any] = [None, [], "x", {"genres": 7, "exclude": 3, "status": None, "has_file": "x"}]
    for odd in unreadable:
        assert form_values(odd, auto_update=True, is_open=True).texts["genres"] == ""


def test_only_who_manages_puts_a_playlist_forward() -> None:
    form = {"name": "a", "is_public": "yes", "is_featured": "yes"}
    assert "is_featured" not in rules.written(form, features=False)
    assert rules.written(form, features=True)["is_featured"] is True
