"""One video's page and what is selected in the library, in a real Chromium: the long walks."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Job
from tests.pages.accessibility import violations
from tests.pages.browser import SHELF, Browser, make_files
from tests.pages.shelf import make_shelf

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = tmp_path_factory.mktemp("library") / "data"
    make_files(data)
    made = make_shelf(data, SHELF)
    engine = blocking_engine(made)
    failed = {"state": "failed", "error_message": "The site asks for a login", "error_log": "line 1"}
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add(Job(kind="download", subject="video 4", queue="downloads", payload={"title": "Debris"}, **failed))
    engine.dispose()
    return made


@pytest.fixture
def browser(window: Browser) -> Browser:
    window.size(1280, 800)
    window.open("/videos")
    window.run("sessionStorage.clear()")
    window.complaints()
    return window


def chosen(browser: Browser) -> str:
    text: str = browser.run("document.querySelector('[data-chosen]').textContent")
    return text


def test_selecting_by_keys_and_a_bulk_edit(browser: Browser) -> None:
    browser.open("/videos?q=Slow+Trams&view=table")
    browser.run("document.querySelector('[data-pick]').focus()")
    browser.press(Keys.SPACE)
    assert chosen(browser) == "1 of 24 selected"
    browser.press(Keys.CONTROL + "a")
    assert chosen(browser) == "24 of 24 selected"
    browser.press(Keys.ESCAPE)
    assert browser.run("document.querySelector('[data-bulk]').hidden")
    boxes = browser.driver.find_elements("css selector", "[data-pick]")
    boxes[0].click()
    ActionChains(browser.driver).key_down(Keys.SHIFT).click(boxes[2]).key_up(Keys.SHIFT).perform()
    assert chosen(browser) == "3 of 24 selected"
    browser.click("[data-opens=edit]")
    browser.driver.find_element("id", "edit-year").send_keys("19", Keys.ENTER)
    browser.until("document.querySelector('[data-wrong=year]').textContent === 'A year has four digits.'")
    browser.driver.find_element("id", "edit-year").send_keys("84", Keys.ENTER)
    browser.until("document.querySelectorAll('.films tbody tr')[2].cells[4].textContent === '1984'")
    assert browser.run(
        "[...document.querySelectorAll('.films tbody tr')].slice(0, 4).map(row => row.cells[4].textContent)"
    ) == [
        "1984",
        "1984",
        "1984",
        "2003",
    ]
    assert browser.complaints() == []


def test_the_help_about_keys_and_the_way_to_places(browser: Browser) -> None:
    browser.press("?")
    browser.until("document.querySelector('.keys-help[open]')")
    told = browser.run("document.querySelector('.keys-help').innerText")
    assert "Select all in between" in told
    assert "Go to Downloads" in told
    browser.press(Keys.ESCAPE)
    browser.until("!document.querySelector('.keys-help')")
    browser.press("gw")
    browser.until(lambda: browser.path == "/wanted")
    browser.open("/videos")
    browser.press("/")
    browser.press("gw?")
    assert browser.run("document.getElementById('search').value") == "gw?", "typed, and nothing else"
    assert browser.path.startswith("/videos")


def test_a_film_plays_on_its_page_and_the_next_one_is_a_key_away(browser: Browser) -> None:
    browser.open("/video/1")
    browser.run("document.activeElement.blur()")
    browser.driver.find_element("tag name", "body").send_keys(" ")
    browser.until("document.getElementById('film').currentTime > 0.2")
    browser.press("]")
    browser.until(lambda: browser.path == "/video/2")
    assert browser.complaints() == []


def test_a_film_that_can_not_be_played_says_so(browser: Browser, config: Config) -> None:
    film = config.data_dir / "musicvideos" / "film.mp4"
    kept = film.read_bytes()
    film.write_bytes(b"no film")
    try:
        browser.open("/video/1")
        browser.until("!document.getElementById('film-problem').hidden")
    finally:
        film.write_bytes(kept)


def test_an_edit_that_is_wrong_opens_the_form_at_the_field(browser: Browser) -> None:
    browser.open("/video/3")
    browser.press("e")
    browser.until("document.activeElement.id === 'field-title'")
    year = browser.driver.find_element("id", "field-year")
    year.clear()
    year.send_keys("97", Keys.ENTER)
    browser.until("document.querySelector('[aria-invalid=true]')?.id === 'field-year'")
    assert browser.run("document.getElementById('edit').open")
    browser.driver.find_element("id", "field-year").clear()
    browser.driver.find_element("id", "field-year").send_keys("1997", Keys.ENTER)
    browser.until(lambda: browser.path == "/video/3?done=saved")


def test_a_video_that_is_deleted_on_its_page_comes_back_after_another_page(browser: Browser) -> None:
    browser.open("/video/2")
    browser.run("document.getElementById('forget').requestSubmit()")
    browser.until(lambda: browser.path == "/videos")
    browser.until("document.querySelector('.news button')?.textContent === 'Undo'")
    assert "Bachelorette" not in browser.titles
    browser.driver.refresh()
    browser.until("document.querySelector('.news button')")
    browser.click(".news button")
    browser.until(lambda: browser.path == "/video/2")
    browser.until("document.querySelector('h1').textContent === 'Bachelorette'")


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everybody_can_use_these_pages(browser: Browser, scheme: str, width: int) -> None:
    browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.size(width, 800, mobile=width < 400)
    found: list[str] = []
    for path in ("/videos", "/videos?view=table", "/video/1", "/video/4", "/deleted"):
        browser.open(path)
        browser.run("document.querySelector('[data-pick]')?.click()")
        browser.run("scrollTo(0, document.body.scrollHeight)")  # where the bar stands below what it covers elsewhere
        browser.until("!document.getAnimations().length")
        found += [f"{path} {each}" for each in violations(browser.driver)]
        assert browser.run("document.documentElement.scrollWidth") <= width, path
    browser.command("Emulation.setEmulatedMedia", features=[])
    assert found == []
