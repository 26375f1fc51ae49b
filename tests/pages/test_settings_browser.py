"""Settings and first steps in a real Chromium: what is unsaved is told, kept, saved with one key or discarded."""

import pytest
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.models import Setting, UserRole
from fastapi_app.settings.catalogue import Group
from tests.pages.accessibility import violations
from tests.pages.accounts import add_accounts, log_in
from tests.pages.browser import Browser
from tests.pages.shelf import make_shelf
from tests.search.libraries import opened

pytestmark = pytest.mark.browser

SCHEMES = ("dark", "light")
STEPS = ("password", "folders", "keys", "library", "done")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("library") / "data", (), gate="true")
    add_accounts(made, UserRole.ADMIN)
    return made


@pytest.fixture(scope="module")
def inside(window: Browser) -> Browser:
    """Logged in as the administrator."""
    window.size(1280, 900)
    log_in(window, "admin")
    return window


@pytest.fixture
def browser(inside: Browser) -> Browser:
    inside.complaints()
    return inside


def stored(config: Config, key: str) -> str | None:
    with opened(config) as engine, Session(engine) as session:
        return session.scalar(select(Setting.value).where(Setting.key == key))


def unsaved(browser: Browser) -> str:
    return str(browser.run("document.querySelector('[data-unsaved]').textContent"))


def write(browser: Browser, name: str, text: str) -> None:
    field = browser.driver.find_element("id", f"set-{name}")
    field.clear()
    field.send_keys(text)


def test_changes_are_counted_refused_discarded_and_saved_with_a_key(browser: Browser, config: Config) -> None:
    browser.open("/settings?group=downloads")
    write(browser, "auto_download_max_videos", "900")
    browser.click("#set-download_subtitles")
    assert unsaved(browser) == "2 unsaved changes"
    browser.press(Keys.CONTROL + "s")
    browser.until("document.querySelector('.wrong')")
    assert browser.run("document.activeElement.id") == "set-auto_download_max_videos"
    assert (unsaved(browser), stored(config, "download_subtitles")) == ("2 unsaved changes", None)
    browser.click("[data-discard]")
    browser.until("!document.querySelector('[data-unsaved]').textContent")
    assert browser.run("document.getElementById('set-auto_download_max_videos').value") == "50"
    write(browser, "auto_download_max_videos", "90")
    browser.press(Keys.CONTROL + "s")
    browser.until("document.querySelector('#toasts').textContent.includes('Saved')")
    assert (stored(config, "auto_download_max_videos"), stored(config, "download_subtitles")) == ("90", None)
    assert (unsaved(browser), browser.path) == ("", "/settings?group=downloads")
    browser.click("[data-usual='50']")
    assert unsaved(browser) == "1 unsaved change"
    browser.click(".save-bar .primary")
    browser.until(lambda: stored(config, "auto_download_max_videos") == "50")
    assert [told for told in browser.complaints() if "400 (Bad Request)" not in told] == []


@pytest.mark.long
def test_a_key_is_tried_before_it_is_saved_and_a_search_follows_the_typing(browser: Browser, config: Config) -> None:
    browser.open("/settings?group=services")
    write(browser, "imvdb_api_key", "no header holds thís")
    browser.click("button[value=imvdb_api_key]")
    browser.until("document.querySelector('[data-tried=imvdb_api_key]').dataset.outcome === 'refused'")
    assert stored(config, "imvdb_api_key") is None
    browser.click("[data-discard]")
    browser.click("#search")
    browser.press("pause")
    browser.until("document.querySelector('#set-download_pause')")
    assert browser.run("[document.activeElement.id, document.activeElement.value]") == ["search", "pause"]
    assert browser.path == "/settings?q=pause"


@pytest.mark.long
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("width", "mobile"), [(1280, False), (360, True)])
def test_every_page_is_accessible_and_fits(browser: Browser, scheme: str, width: int, mobile: bool) -> None:
    browser.size(width, 800, mobile=mobile)
    browser.run(f"localStorage.setItem('theme', '{scheme}')")
    places = (*(f"/settings?group={group}" for group in Group), "/settings?q=pause", "/settings?q=zzz")
    for path in (*places, *(f"/welcome?step={step}" for step in STEPS)):
        browser.open(path)
        assert browser.run("document.documentElement.scrollWidth") <= width, path
        assert violations(browser.driver) == [], path
    browser.run("localStorage.clear()")
    browser.size(1280, 900)
    assert browser.complaints() == []


@pytest.mark.long
def test_the_first_steps_are_taken_with_the_keyboard_on_a_phone(browser: Browser, config: Config) -> None:
    browser.size(360, 740, mobile=True)
    browser.open("/welcome?step=folders")
    browser.driver.find_element("id", "set-downloads_path").send_keys(Keys.ENTER)
    browser.until("location.search.includes('step=keys')")
    browser.driver.find_element("id", "set-imvdb_api_key").send_keys(Keys.ENTER)
    browser.until("location.search.includes('step=library')")
    browser.driver.find_element("id", "artist-name").send_keys("فرقة الميناء", Keys.ENTER)
    browser.until("location.search.includes('step=done')")
    assert "The artist is in the library." in browser.driver.page_source
    assert stored(config, "welcome_step") == "done"
    browser.size(1280, 900)
