"""The dashboard: what it counts and says, to whom it says more, and its button."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import VideoStatus
from fastapi_app.pages.dashboard import rules
from fastapi_app.pages.downloads.groups import Group
from tests.pages.shelf import Item, make_shelf
from tests.pages.work import job, work_in

LONG = "A band whose name goes on and on " * 5
SHELF = (
    Item("Björk", "Jóga", 1997),
    Item("AC/DC", "Wanted one", status=VideoStatus.WANTED, file=None),
    Item("AC/DC", "Wanted two", status=VideoStatus.WANTED, file=None),
    Item("<b>Nova</b>", "Broken", status=VideoStatus.FAILED, file=None),
    Item(LONG, "أغنية"),
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_shelf(tmp_path / "data", SHELF)


@pytest.fixture
def client(config: Config) -> Iterator[TestClient]:
    with TestClient(create_app(config), follow_redirects=False) as connected:
        yield connected


def figures(page: str) -> dict[str, int]:
    found = re.findall(r"<strong data-number>([\d,]+)</strong><span>(\w+)</span>", page)
    return {label: int(number.replace(",", "")) for number, label in found}


def test_it_counts_and_shows_what_came_last(client: TestClient) -> None:
    page = client.get("/").text
    assert figures(page) == {"Artists": 4, "Videos": 5, "Downloaded": 2, "Wanted": 2, "Failed": 1}
    assert page.index("أغنية") < page.index("Broken") < page.index("Jóga"), "the last one first"
    assert "&lt;b&gt;Nova&lt;/b&gt;" in page
    assert "<b>Nova</b>" not in page
    assert "<title>Dashboard - MVidarr</title>" in page


def test_what_runs_and_what_failed_is_told_with_the_reason(client: TestClient, config: Config) -> None:
    with work_in(config) as work:
        failed = job(2, State.FAILED, error_message="The video is private.")
        _, failed_id = work.add(job(1, State.RUNNING, percent=42.9, stage="downloading"), failed)
        work.add(*(job(number) for number in range(3, 6)))
    page = client.get("/").text
    assert "42 %" in page
    assert "3 more wait" in page
    assert "The video is private." in page
    assert f'name="job_id" value="{failed_id}"' in page


def test_the_button_hands_in_what_is_wanted(client: TestClient, config: Config) -> None:
    assert "Download all wanted" in client.get("/").text
    answer = client.post("/", data={"action": "download_wanted"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?done=2")
    page = client.get("/?done=2").text
    assert "2 downloads wait for a turn." in page
    assert "Nothing is wanted." in page
    assert client.post("/", data={"action": "else"}).status_code == 400


def test_an_empty_library_says_what_to_do_first(tmp_path: Path) -> None:
    with TestClient(create_app(make_shelf(tmp_path / "data", ())), follow_redirects=False) as client:
        page = client.get("/").text
    assert "The library is empty so far" in page
    assert 'href="/artists/new"' in page
    assert figures(page) == {}


def test_behind_a_closed_gate_nobody_sees_it(tmp_path: Path) -> None:
    with TestClient(create_app(make_shelf(tmp_path / "data", SHELF, gate="true")), follow_redirects=False) as client:
        assert client.get("/").status_code == 302
        assert client.post("/", data={"action": "download_wanted"}).status_code == 302


@pytest.mark.parametrize(("wanted", "words"), [(0, ""), (1, "Download all wanted"), (201, "Download the 200 oldest")])
def test_what_the_button_says(wanted: int, words: str) -> None:
    assert rules.wanted_button(wanted) == words


@pytest.mark.parametrize("done", ["", "x", "-1", "9999999", "²", "<b>"])
def test_nonsense_in_the_address_says_nothing(done: str) -> None:
    assert rules.told(done) == ""


def test_jobs_are_counted_in_groups() -> None:
    counts: dict[str, int] = {State.RUNNING: 1, State.QUEUED: 2, State.RETRYING: 3, State.PAUSED: 4, State.FAILED: 5}
    assert rules.counted(counts) == {Group.RUNNING: 1, Group.WAITING: 9, Group.FAILED: 5}
