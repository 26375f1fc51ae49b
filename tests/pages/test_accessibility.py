"""WCAG 2.2 AA as axe-core sees it, on every page, and a navigation that works by keyboard and on a phone."""

import pytest
from selenium.webdriver.common.keys import Keys

from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import Playlist, PlaylistEntry, Rename, RenamedFile, UserRole, now
from tests.pages.accessibility import violations
from tests.pages.accounts import add_accounts, log_in
from tests.pages.browser import FILM, FIRST_VIEW_BYTES, SHELF, Browser, make_files
from tests.pages.shelf import make_shelf
from tests.pages.work import job, work_in
from tests.search.libraries import put

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/artists",
    "/artists/new",
    "/artists?view=table",
    "/artists/merge?artist=1",
    "/artist/1",
    "/videos",
    "/videos?view=table",
    "/video/1",
    "/playlists",
    "/playlists?new",
    "/playlist/1",
    "/mvtv",
    "/search?q=low",
    "/wanted",
    "/downloads",
    "/downloads/history",
    "/deleted",
    "/renames",
    "/renames/1",
    "/settings",
    "/settings?group=downloads",
    "/welcome",
    "/youtube-playlists",
    "/system",
    "/system/licences",
    "/system/backup",
    "/docs",
    "/docs?group=videos",
    "/admin/",
    "/admin/users",
    "/admin/users/create",
    "/admin/users/1",
    "/admin/audit",
    "/profile",
    "/2fa/setup",
    "/nope",
)
"""Every page that an administrator opens; a new page belongs here."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = tmp_path_factory.mktemp("library") / "data"
    make_files(data)
    made = make_shelf(data, SHELF)
    add_accounts(made, UserRole.ADMIN)
    film = {"state": "done", "old_path": FILM, "new_path": "data/musicvideos/Björk/Alarm Call.mp4", "at_path": FILM}
    put(
        made,
        Playlist(id=1, name="Mornings", user_id=1),
        PlaylistEntry(playlist_id=1, video_id=1, position=1),
        Rename(id=1, template="{artist}/{title}", planned_at=now(), total=1),
        RenamedFile(rename_id=1, video_id=1, **film),
    )
    with work_in(made) as work:
        work.add(job(1, State.RUNNING, percent=40.0), job(2), job(3, State.FAILED, error_message="It is private."))
    return made


@pytest.fixture(scope="module")
def browser(window: Browser) -> Browser:
    """Logged in as an administrator."""
    window.size(1280, 800)
    log_in(window, "admin")
    return window


def test_the_dashboard_is_for_everybody_and_tells_what_runs(browser: Browser) -> None:
    browser.open("/")
    assert violations(browser.driver) == []
    assert browser.run("document.querySelector('.ways a[aria-current]').textContent.trim()") == "Dashboard"
    assert browser.run("document.querySelector('#running progress').value") == 40
    assert browser.run("document.querySelector('#failed .reason').textContent") == "It is private."
    assert browser.complaints() == []


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser: Browser, path: str, width: int) -> None:
    browser.size(width, 800, mobile=width < 1000)
    found = []
    for scheme in ("dark", "light"):
        browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.open(path)
        browser.until("document.readyState === 'complete'")
        found += [f"{scheme}: {one}" for one in violations(browser.driver)]
    assert found == []


@pytest.mark.long
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(browser: Browser, path: str) -> None:
    for width in (360, 768, 1024):
        browser.size(width, 780, mobile=width < 640)
        browser.open(path)
        assert browser.run("document.documentElement.scrollWidth") <= width, width


@pytest.mark.long
@pytest.mark.parametrize("path", PAGES)
def test_the_first_view_of_every_page_is_light(browser: Browser, path: str) -> None:
    browser.size(1280, 800)
    browser.open(path)
    browser.until("document.readyState === 'complete'")
    weights = browser.weights()
    assert 0 < sum(weights.values()) < FIRST_VIEW_BYTES, weights
    assert {address for address in weights if not address.startswith(browser.base)} == set()


@pytest.mark.long
def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(browser: Browser) -> None:
    browser.size(390, 844, mobile=True)
    browser.open("/")
    browser.run("document.querySelector('.more-ways summary').focus()")
    browser.press(Keys.ENTER)
    browser.until("document.querySelector('.more-ways').open")
    assert violations(browser.driver) == []
    browser.press(Keys.ESCAPE)
    browser.until("!document.querySelector('.more-ways').open")
    assert browser.run("document.activeElement === document.querySelector('.more-ways summary')")
    browser.press(Keys.ENTER)
    browser.until("document.querySelector('.more-ways').open")
    browser.click("h1")
    browser.until("!document.querySelector('.more-ways').open")


@pytest.mark.long
def test_a_restore_tells_how_far_it_is(browser: Browser, config: Config) -> None:
    from tests.backup.test_backup_api import work

    browser.size(1280, 800)
    browser.open("/system/backup")
    browser.click("button[value=with]")
    browser.until(lambda: "done=create" in browser.path)
    with work_in(config) as rows:
        rows.clear()
    browser.click("button[value=with]")
    browser.until(lambda: "done=create" in browser.path)
    work(config)
    browser.open("/system/backup")
    browser.click(".acts summary")
    browser.click("input[name=confirm]")
    browser.click("button[value=restore]")
    browser.until("!document.getElementById('restoring-done').hidden")
    assert "rows" in browser.run("document.getElementById('restoring-what').textContent")
    browser.click("#restoring-done")
    browser.until("document.body.textContent.includes('The library is restored')")
