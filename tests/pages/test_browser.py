"""The library in a real Chromium, under the real content security policy."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from sqlalchemy import text

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES
from tests.pages.browser import FIRST_VIEW_BYTES, SHELF, Browser, make_files
from tests.pages.shelf import make_shelf

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = tmp_path_factory.mktemp("library") / "data"
    make_files(data)
    return make_shelf(data, SHELF)


@pytest.fixture
def browser(window: Browser) -> Browser:
    """The library just opened on a desktop, with nothing remembered and a silent console."""
    window.size(1280, 800)
    window.open("/videos")
    window.run("localStorage.clear()")
    window.open("/videos")
    window.complaints()
    return window


def test_the_console_would_tell_of_a_violation(browser: Browser) -> None:
    browser.run("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\"></p>')")
    browser.until(lambda: any("Content Security Policy" in complaint for complaint in browser.complaints()))


def play(browser: Browser, selector: str = "[data-play]") -> None:
    browser.click(selector)
    browser.until("document.querySelector('#player video').currentTime > 0.3")


def test_typing_narrows_the_grid_and_the_address(browser: Browser) -> None:
    browser.press("/")
    assert browser.run("document.activeElement.id") == "search"
    browser.press("bjo")
    browser.until(lambda: browser.titles == ["Alarm Call", "Bachelorette"] and browser.path == "/videos?q=bjo")
    browser.until("document.getElementById('count').textContent === '1–2 of 2 videos'")
    browser.until("document.getElementById('statuses').innerText.replace(/\\s+/g, ' ') === 'All 2 Downloaded 2'")
    before = browser.run("history.length")
    browser.press("rk")
    browser.until(lambda: browser.path == "/videos?q=bjork")
    assert browser.run("history.length") == before, "a word is one step of the history"
    assert browser.run("document.activeElement.id") == "search"
    assert browser.complaints() == []


@pytest.mark.long
def test_choices_and_pages_are_in_the_address_and_back_restores_them(browser: Browser) -> None:
    browser.click("#page-next")
    browser.until(lambda: browser.path == "/videos?page=2" and len(browser.titles) == len(SHELF) - 24)
    browser.click("label:has(#status-WANTED)")
    browser.until(lambda: browser.path == "/videos?status=WANTED" and browser.titles == ["Debris"])
    browser.driver.back()
    browser.until(lambda: browser.path == "/videos?page=2" and len(browser.titles) == len(SHELF) - 24)
    browser.until("document.querySelector('input[name=status]:checked').id === 'status-all'")
    browser.driver.back()
    browser.until(lambda: browser.path == "/videos" and len(browser.titles) == 24)
    assert browser.complaints() == []


def test_a_video_plays_and_escape_closes_it(browser: Browser) -> None:
    play(browser)
    assert browser.run("document.getElementById('player-title').textContent") == "Alarm Call"
    assert browser.run("getComputedStyle(document.querySelector('.plyr__controls')).display") == "flex"
    icon = browser.run("document.querySelector('.plyr use').href.baseVal")
    assert icon.startswith("/static/vendor/plyr-"), "icons come from this server"
    first = browser.run("document.querySelector('#player video').currentTime")
    browser.until(f"document.querySelector('#player video').currentTime > {first} + 0.5")
    browser.press(Keys.ESCAPE)
    browser.until("!document.getElementById('player').open")
    browser.until("!document.querySelector('#player video').hasAttribute('src')")
    assert browser.run("document.activeElement.dataset.title") == "Alarm Call"
    assert browser.complaints() == []


@pytest.mark.long
def test_next_and_previous_walk_over_what_can_be_played(browser: Browser) -> None:
    play(browser, '[data-title="Crater"]')
    assert browser.run("document.getElementById('player-title').textContent") == "Crater"
    browser.press("n")
    browser.until("document.getElementById('player-title').textContent === 'Line 00'")
    browser.until("document.querySelector('#player video').currentTime > 0.1")
    browser.click("#player-previous")
    browser.click("#player-previous")
    browser.click("#player-previous")
    browser.until("document.getElementById('player-title').textContent === 'Alarm Call'")
    assert browser.run("document.getElementById('player-previous').disabled") is True
    browser.click("#player-close")
    browser.until("!document.getElementById('player').open")
    assert browser.complaints() == []


def test_the_keyboard_alone_opens_a_video(browser: Browser) -> None:
    browser.run("document.querySelector('[data-play]').focus()")
    browser.press(Keys.ENTER)
    browser.until("document.querySelector('#player video').currentTime > 0.2")
    browser.press("s")
    assert browser.run("document.activeElement.id") != "search", "the shortcut sleeps while the player is open"
    browser.press(Keys.ESCAPE)
    browser.until("!document.getElementById('player').open")


@pytest.mark.long
def test_the_theme_is_remembered(browser: Browser) -> None:
    browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    light = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.until("document.querySelector('[x-data=theme]').getAttribute('aria-pressed') === 'false'")
    browser.click("[x-data=theme]")
    assert browser.run("localStorage.getItem('theme')") == "dark"
    dark = browser.run("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    browser.open("/simple-login")
    assert browser.run("document.documentElement.dataset.theme") == "dark"
    assert browser.run("getComputedStyle(document.documentElement).colorScheme") == "dark"
    browser.command("Emulation.setEmulatedMedia", features=[])
    assert browser.complaints() == []


@pytest.mark.parametrize("path", ["/videos", "/videos?q=nothing", "/docs", "/simple-login", "/nope"])
@pytest.mark.long
def test_a_phone_never_scrolls_sideways(browser: Browser, path: str) -> None:
    browser.size(360, 780, mobile=True)
    browser.open(path)
    assert browser.run("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]


@pytest.mark.long
def test_the_player_fits_a_phone(browser: Browser) -> None:
    browser.size(360, 780, mobile=True)
    browser.open("/videos")
    play(browser)
    left, right = browser.run(
        "(({left, right}) => [left, right])(document.getElementById('player').getBoundingClientRect())"
    )
    assert (left, right) == (0, 360)


def test_a_range_is_deleted_and_comes_back(browser: Browser) -> None:
    before = browser.titles
    boxes = browser.driver.find_elements("css selector", "[data-pick]")
    ActionChains(browser.driver).move_to_element(boxes[1]).click().perform()
    ActionChains(browser.driver).key_down(Keys.SHIFT).move_to_element(boxes[3]).click().key_up(Keys.SHIFT).perform()
    assert browser.run("document.querySelector('[data-chosen]').textContent") == "3 of 24 selected"
    browser.click("[data-do=delete]")
    browser.until(lambda: browser.titles[:2] == [before[0], before[4]])
    assert "3 videos deleted" in browser.run("document.getElementById('toasts').textContent")
    assert browser.run("document.querySelector('[data-bulk]').hidden"), "what is gone is not selected"
    browser.click(".news button")
    browser.until(lambda: browser.titles == before)
    assert browser.complaints() == []


def test_a_picture_that_is_gone_leaves_no_hole(browser: Browser, config: Config) -> None:
    picture = config.data_dir / "thumbnails" / "videos" / "picture.jpg"
    hidden = picture.rename(picture.with_suffix(".away"))
    try:
        browser.open("/videos")
        browser.until("document.querySelector('.poster img').naturalWidth > 1")
    finally:
        hidden.rename(picture)


def test_a_server_that_went_away_is_told(browser: Browser) -> None:
    browser.command("Network.enable")
    browser.command(
        "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1
    )
    try:
        browser.press("/")
        browser.press("x")
        browser.until("!document.getElementById('problem').hidden")
        assert len(browser.titles) == 24, "what was there stays"
    finally:
        browser.command(
            "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )


def test_a_login_that_ran_out_leads_to_the_login(browser: Browser, config: Config) -> None:
    gate(config, "true")
    try:
        browser.press("/")
        browser.press("bjork")
        browser.until(lambda: browser.path.startswith("/simple-login?next="))
        assert browser.run("document.activeElement.id") == "username"
    finally:
        gate(config, "false")


def test_everything_works_without_scripts(browser: Browser) -> None:
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open("/videos")
        search = browser.driver.find_element("id", "search")
        search.send_keys("orbit", Keys.ENTER)
        browser.until(lambda: "q=orbit" in browser.path)
        browser.until(lambda: len(browser.driver.find_elements("css selector", ".title")) == 2)
        found = browser.driver.find_elements("css selector", ".title")
        assert [title.text for title in found] == ["Crater", "Debris"]
        link = browser.driver.find_element("css selector", "a.poster")
        assert link.get_attribute("href") == f"{browser.base}/api/videos/3/stream"
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)


def test_the_first_view_is_light(browser: Browser) -> None:
    sizes = browser.weights()
    assert len(sizes) > 5
    assert 0 < sum(sizes.values()) < FIRST_VIEW_BYTES, sizes
    assert {name for name in sizes if not name.startswith(browser.base)} == set()


def gate(config: Config, value: str) -> None:
    """Opens or closes the gate while the server runs."""
    engine = blocking_engine(config)
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            statement = text("UPDATE settings SET value = :value WHERE key = 'require_authentication'")
            connection.execute(statement, {"value": value})
    finally:
        engine.dispose()
