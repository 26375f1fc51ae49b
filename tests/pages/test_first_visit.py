"""The first hour of somebody who never saw MVidarr: from the login to why a download failed, by the screen alone."""

import pytest

from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import UserRole, Video, VideoStatus
from tests.pages.accounts import PASSWORD, add_accounts
from tests.pages.browser import FILM, Browser, make_files
from tests.pages.person import Person
from tests.pages.shelf import make_shelf
from tests.pages.work import job, work_in
from tests.search.libraries import put

pytestmark = pytest.mark.browser

ARTIST = "Nova Kestrel"
TITLES = ("First Light", "Second Wind")
REASON = "The site says that this video is private."


@pytest.fixture(
    scope="module",
    params=[pytest.param((1280, 800), id="desktop"), pytest.param((360, 780), id="phone", marks=pytest.mark.long)],
)
def screen(request: pytest.FixtureRequest) -> tuple[int, int]:
    size: tuple[int, int] = request.param
    return size


@pytest.fixture(scope="module")
def config(screen: tuple[int, int], tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A library that was just installed, one for each screen."""
    data = tmp_path_factory.mktemp("library") / "data"
    make_files(data)
    made = make_shelf(data, (), gate="true")
    add_accounts(made, UserRole.ADMIN)
    return made


def films_arrive(config: Config) -> None:
    """What finding and downloading bring, some time later."""
    for number, title in enumerate(TITLES, 1):
        put(config, Video(id=number, artist_id=1, title=title, status=VideoStatus.DOWNLOADED, local_path=FILM))


def a_download_fails(config: Config) -> None:
    with work_in(config) as work:
        work.add(job(3, State.FAILED, artist=ARTIST, payload={"title": "Third Time"}, error_message=REASON))


def test_a_stranger_finds_the_way(window: Browser, config: Config, screen: tuple[int, int]) -> None:
    width, height = screen
    window.size(width, height, mobile=width < 640)
    window.open("/")
    person = Person(window)
    person.write("Username or email", "admin")
    person.write("Password", PASSWORD)
    person.press("Log in")

    person.sees("The library is empty so far.")
    person.press("Set up")
    person.press("Keep it")
    person.press("Use these folders")
    person.press("Skip this")
    person.write("Add an artist", ARTIST)
    person.press("Add")
    person.press("Go to the dashboard")

    films_arrive(config)
    person.press("Artists")
    person.press(ARTIST)
    person.sees(TITLES[1])

    person.press("Playlists")
    person.press("New playlist")
    person.write("Name", "Mornings")
    person.press("Make it")
    person.sees("Nothing in it yet")
    person.press("Go to the library")
    for title in TITLES:
        person.press(f"Select {title}")
    person.press("Add to playlist")
    person.press("Mornings")
    person.sees("2 videos")
    person.press("Playlists")
    person.press("Mornings")
    person.press("Play")
    window.until("document.querySelector('video').currentTime > 0.2")
    person.press("Close")

    a_download_fails(config)
    person.press("Downloads")
    person.sees(REASON)
    assert window.complaints() == []
