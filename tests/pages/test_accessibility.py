"""WCAG 2.2 AA as axe-core sees it, on every page, and a navigation that works by keyboard and on a phone."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from fastapi_app.auth.passwords import hash_password
from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import User, UserRole
from tests.pages.accessibility import violations
from tests.pages.browser import SHELF, Browser, chromium, make_files
from tests.pages.shelf import SECRET, make_shelf
from tests.pages.work import job, work_in
from tests.search.libraries import put
from tests.servers.web import Web, serving

pytestmark = pytest.mark.browser

PASSWORD = "Correct-Horse1!"
PAGES = (
    "/",
    "/artists",
    "/artists/new",
    "/artists?view=table",
    "/artists/merge?artist=1",
    "/artist/1",
    "/videos",
    "/video/1",
    "/playlists",
    "/mvtv",
    "/search?q=low",
    "/wanted",
    "/downloads",
    "/downloads/history",
    "/deleted",
    "/renames",
    "/settings",
    "/welcome",
    "/youtube-playlists",
    "/system",
    "/system/licences",
    "/system/backup",
    "/docs",
    "/admin/",
    "/admin/users",
    "/admin/users/create",
    "/admin/users/1",
    "/admin/audit",
    "/profile",
    "/nope",
)
"""Every page that an administrator opens; a new page belongs here."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = tmp_path_factory.mktemp("library") / "data"
    make_files(data)
    made = make_shelf(data, SHELF)
    put(
        made,
        User(
            id=1,
            username="administrator",
            email="a@example.org",
            password_hash=hash_password(PASSWORD, rounds=4),
            role=UserRole.ADMIN,
        ),
    )
    with work_in(made) as work:
        work.add(job(1, State.RUNNING, percent=40.0), job(2), job(3, State.FAILED, error_message="It is private."))
    return made


@pytest.fixture(scope="module")
def web(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    environment = {
        "MVIDARR_DATA_DIR": str(config.data_dir),
        "MVIDARR_DATABASE_URL": config.database_url,
        "MVIDARR_SECRET_KEY": SECRET,
    }
    with serving("fastapi_app.asgi:app", environment, tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Logged in as an administrator."""
    with chromium(tmp_path_factory.mktemp("profile"), web.base) as opened:
        opened.size(1280, 800)
        opened.open("/simple-login?next=/")
        opened.driver.find_element("id", "username").send_keys("administrator")
        opened.driver.find_element("id", "password").send_keys(PASSWORD, Keys.ENTER)
        opened.until(lambda: opened.path == "/")
        yield opened


def test_the_dashboard_is_for_everybody_and_tells_what_runs(browser: Browser) -> None:
    browser.open("/")
    assert violations(browser.driver) == []
    assert browser.run("document.querySelector('.ways a[aria-current]').textContent.trim()") == "Dashboard"
    assert browser.run("document.querySelector('#running progress').value") == 40
    assert browser.run("document.querySelector('#failed .reason').textContent") == "It is private."
    assert browser.complaints() == []


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390])
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
