"""The pages about artists in a real Chromium: adding, selecting, deleting with a way back, merging, pictures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from fastapi_app.config import Config
from tests.pages.browser import FILM, Browser, make_files
from tests.pages.shelf import Item, make_shelf

pytestmark = pytest.mark.browser

LONG = "Supercalifragilisticexpialidocious" * 5
SHELF = (
    *(Item(f"Artist {number}", f"Song {number}", file=FILM) for number in range(1, 6)),
    Item(LONG, "أغنية", file=FILM),
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = tmp_path_factory.mktemp("artists") / "data"
    make_files(data)
    return make_shelf(data, SHELF)


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """The page of artists on a desktop; the console must stay silent."""
    window.size(1280, 900)
    window.open("/artists")
    window.complaints()
    yield window
    assert window.complaints() == []


def names(browser: Browser) -> list[str]:
    found: list[str] = browser.run("[...document.querySelectorAll('.portraits .title')].map(name => name.textContent)")
    return found


def pick(browser: Browser, name: str, *, shift: bool = False) -> None:
    """Clicks the box of an artist."""
    browser.run(
        "(() => { const card = [...document.querySelectorAll('.portraits .card')]"
        f".find(card => card.querySelector('.title').textContent === {name!r});"
        "card.querySelector('[data-pick]').dispatchEvent("
        f"new MouseEvent('click', {{bubbles: true, cancelable: true, shiftKey: {str(shift).lower()}}})); }})()"
    )


def press_bulk(browser: Browser, act: str) -> None:
    browser.until("!document.querySelector('[data-bulk]').hidden")
    browser.click(f"[data-bulk] [data-do={act}]")


def until_toast(browser: Browser, words: str) -> None:
    browser.until(lambda: words in browser.run("document.getElementById('toasts').textContent"))


def test_somebody_adds_an_artist_and_deletes_three_with_a_way_back(browser: Browser) -> None:
    browser.press("n")
    browser.until("document.activeElement.id === 'new-name'")
    browser.press("artist 1" + Keys.ENTER)
    browser.until("!document.querySelector('[data-existing]').hidden")
    assert browser.run("document.querySelector('#new-name').ariaInvalid") == "true"
    browser.press(Keys.CONTROL + "a")
    browser.press("Zoë" + Keys.ENTER)
    browser.until("document.querySelector('h1')?.textContent === 'Zoë'")
    browser.complaints()  # the refusal of the taken name, which a browser notes as a failed request

    browser.open("/artists")
    pick(browser, "Artist 2")
    pick(browser, "Artist 4", shift=True)
    browser.until("document.querySelector('[data-chosen]').textContent === '3 of 7 selected'")
    press_bulk(browser, "delete")
    browser.until(lambda: names(browser) == ["Artist 1", "Artist 5", LONG, "Zoë"])
    until_toast(browser, "3 artists and 3 videos deleted")
    browser.click("#toasts button")
    browser.until(lambda: "Artist 3" in names(browser))


@pytest.mark.long
def test_the_selected_are_changed_and_the_page_shows_it(browser: Browser) -> None:
    pick(browser, "Artist 1")
    press_bulk(browser, "unmonitor")
    until_toast(browser, "1 artist no longer monitored")
    browser.until("document.querySelectorAll('.portraits .badge').length === 1")
    pick(browser, "Artist 1")
    press_bulk(browser, "keywords")
    browser.press("live, loud" + Keys.ENTER)
    until_toast(browser, "have these keywords")
    browser.open("/artists?view=table")
    assert "live, loud" in browser.run("document.querySelector('.people').textContent")
    browser.press("/")
    browser.press("artist 1")
    browser.until(lambda: browser.path == "/artists?q=artist+1&view=table")
    browser.click("#view-grid")
    browser.until(lambda: browser.path == "/artists?q=artist+1" and names(browser) == ["Artist 1"])


@pytest.mark.long
def test_two_artists_become_one_after_a_preview(browser: Browser) -> None:
    pick(browser, "Artist 4")
    pick(browser, "Artist 5")
    press_bulk(browser, "merge")
    browser.until("document.querySelector('.happens') !== null")
    browser.click("input[name=into]:not(:checked)")
    browser.until(lambda: "into=" in browser.path)
    browser.click("form[method=post] .button.primary")
    browser.until("document.querySelectorAll('#results .card').length === 2")
    assert "Merged" in browser.run("document.querySelector('.notice').textContent")


@pytest.mark.long
def test_a_picture_is_brought_cut_and_taken_away(browser: Browser, tmp_path: Path) -> None:
    Image.new("RGB", (400, 200), (200, 30, 90)).save(tmp_path / "wide.png")
    browser.open("/artist/1")
    browser.click("[data-opens=picture]")
    browser.driver.find_element("id", "picture-file").send_keys(str(tmp_path / "wide.png"))
    browser.click("[form=bring-picture]")
    browser.until("document.querySelector('.hero-picture img')?.naturalWidth > 0")
    browser.click("[data-opens=picture]")
    browser.until("document.querySelector('[data-picture=crop]')?.disabled === false")
    browser.run("document.querySelector('.crop').focus()")
    browser.press(Keys.ARROW_LEFT * 3)
    browser.click("[data-picture=crop]")
    browser.until(
        "(i => i?.naturalWidth > 0 && i.naturalWidth === i.naturalHeight)(document.querySelector('.hero img'))"
    )
    browser.click("[data-opens=picture]")
    browser.until("document.querySelector('[data-picture=crop]')?.disabled === false")
    browser.click("[data-picture=remove]")
    browser.until("document.querySelector('.hero-picture img') === null && document.readyState === 'complete'")


@pytest.mark.long
def test_a_film_plays_and_the_artist_is_left_with_a_way_back(browser: Browser) -> None:
    browser.open("/artist/2")
    browser.click("#play-all")
    browser.until("document.querySelector('#player video').currentTime > 0.3")
    browser.press(Keys.ESCAPE)
    browser.until("!document.getElementById('player').open")
    browser.click(".hero .menu summary")
    browser.click("#forget button")
    browser.until(lambda: browser.path == "/artists" and "Artist 2" not in names(browser))
    browser.click("#toasts button")
    browser.until("document.querySelector('h1')?.textContent === 'Artist 2'")


@pytest.mark.long
@pytest.mark.parametrize(
    "path", ["/artists", "/artists?view=table", "/artists/new", "/artists/merge?artist=1&artist=6", "/artist/6"]
)
def test_nothing_is_cut_off_on_a_small_phone(browser: Browser, path: str) -> None:
    browser.size(360, 740, mobile=True)
    browser.open(path)
    assert browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
