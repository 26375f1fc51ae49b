"""Playlists and MvTV in a real Chromium, under the real content security policy."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from fastapi_app.config import Config
from tests.pages.browser import FILM, PICTURE, Browser, make_files
from tests.pages.shelf import Item, make_shelf
from tests.servers.web import Web

pytestmark = pytest.mark.browser

TITLES = ("Alarm Call", "Bachelorette", "Crater", "Debris")
SHELF = (
    *(Item("Björk", title, 1997, picture=PICTURE, file=FILM) for title in TITLES),
    Item("Low Orbit", "Gone", 2001, file="data/musicvideos/gone.mp4"),
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = tmp_path_factory.mktemp("library") / "data"
    make_files(data)
    (data / "musicvideos" / "film.en.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:05.000\nAll is full\n")
    return make_shelf(data, SHELF)


@pytest.fixture
def browser(window: Browser) -> Browser:
    window.size(1280, 800)
    window.open("/simple-login")
    window.complaints()
    return window


@pytest.fixture
def api(web: Web) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=web.base) as client:
        yield client


def make(api: httpx.Client, name: str, *video_ids: int, **more: Any) -> int:
    """A playlist with these videos; its id."""
    answer = api.post("/api/playlists/", json={"name": name, **more})
    made: int = answer.json()["id"]
    if video_ids:
        assert api.post(f"/api/playlists/{made}/videos", json={"video_ids": video_ids}).status_code == 200
    return made


def names(browser: Browser) -> list[str]:
    return list(browser.run("[...document.querySelectorAll('.entry')].map(entry => entry.dataset.name)"))


def stored(api: httpx.Client, playlist_id: int) -> list[str]:
    entries = api.get(f"/api/playlists/{playlist_id}").json()["playlist"]["entries"]
    return [entry["video"]["title"] for entry in entries]


def has_toast(browser: Browser, text: str) -> bool:
    return text in browser.run("document.getElementById('toasts').textContent")


def now_playing(browser: Browser) -> str:
    return str(browser.run("document.getElementById('player-title').textContent"))


def test_a_playlist_is_made_put_in_order_by_keys_and_played_through(browser: Browser, api: httpx.Client) -> None:
    browser.open("/playlists")
    browser.click("[data-opens=new-playlist]")
    browser.until("document.activeElement.id === 'new-name'")
    browser.press("Evening" + Keys.ENTER)
    browser.until(lambda: browser.path.startswith("/playlist/"))
    playlist_id = int(browser.path.removeprefix("/playlist/"))
    assert "Nothing in it yet" in browser.run("document.getElementById('entries').textContent")
    api.post(f"/api/playlists/{playlist_id}/videos", json={"video_ids": [1, 2, 3]})
    browser.driver.refresh()
    browser.run("document.querySelector('.entry .entry-text a').focus()")
    ActionChains(browser.driver).key_down(Keys.ALT).send_keys(Keys.ARROW_DOWN).key_up(Keys.ALT).perform()
    assert names(browser) == ["Bachelorette", "Alarm Call", "Crater"]
    assert browser.run("document.getElementById('moved').textContent") == "Alarm Call: place 2 of 3"
    browser.until(lambda: stored(api, playlist_id) == ["Bachelorette", "Alarm Call", "Crater"])
    browser.click("#play")
    browser.until("document.querySelector('#player video').currentTime > 0.2")
    assert now_playing(browser) == "Bachelorette"
    browser.run("document.querySelector('#player video').currentTime = 4.8")
    browser.until(lambda: now_playing(browser) == "Alarm Call")
    assert browser.complaints() == []


@pytest.mark.long
def test_entries_are_dragged_taken_out_and_moved_to_the_top(browser: Browser, api: httpx.Client) -> None:
    playlist_id = make(api, "Dragged", 1, 2, 3, 4)
    browser.open(f"/playlist/{playlist_id}")
    grips = browser.driver.find_elements("css selector", ".grip")
    ActionChains(browser.driver).click_and_hold(grips[3]).move_to_element(grips[0]).move_by_offset(
        0, -20
    ).release().perform()
    browser.until(lambda: stored(api, playlist_id) == ["Debris", "Alarm Call", "Bachelorette", "Crater"])
    boxes = browser.driver.find_elements("css selector", ".entry [data-pick]")
    boxes[0].click()
    boxes[2].click()
    browser.click("[data-do=remove]")
    browser.until(lambda: names(browser) == ["Alarm Call", "Crater"])
    assert stored(api, playlist_id) == ["Alarm Call", "Crater"]
    browser.driver.find_elements("css selector", ".entry [data-pick]")[1].click()
    browser.click("[data-do=top]")
    browser.until(lambda: names(browser) == ["Crater", "Alarm Call"])
    assert browser.complaints() == []


@pytest.mark.long
def test_rules_show_what_they_find_and_name_what_is_wrong(browser: Browser, api: httpx.Client) -> None:
    browser.open("/playlists?new")
    browser.until("document.activeElement.id === 'new-name'")
    browser.press("By rules")
    browser.click("input[value=rules]")
    browser.click("#new-playlist [type=submit]")
    browser.until(lambda: browser.path.endswith("?rules=1"))
    browser.until("document.querySelector('#preview [data-total]').textContent === '5 videos fit'")
    browser.driver.find_element("id", "rule-words").send_keys("crat, debr")
    browser.until("document.querySelector('#preview [data-total]').textContent === '2 videos fit'")
    browser.driver.find_element("id", "rule-year_to").send_keys("199x")
    browser.until("document.querySelector('#rule-year_to').getAttribute('aria-invalid') === 'true'")
    browser.driver.find_element("id", "rule-year_to").send_keys(Keys.BACKSPACE + "9")
    browser.until("document.querySelector('#rule-form [data-wrong]').hidden")
    browser.click("#rule-form [type=submit]")
    browser.until(lambda: "done=change" in browser.path)
    assert names(browser) == ["Crater", "Debris"]
    playlist_id = int(browser.run("document.getElementById('playlist').dataset.id"))
    rules = api.get(f"/api/playlists/{playlist_id}").json()["playlist"]["filter_criteria"]
    assert (rules["words"], rules["year_to"]) == (["crat", "debr"], 1999)


@pytest.mark.long
def test_mvtv_goes_on_by_itself_skips_what_is_gone_and_resumes(browser: Browser, api: httpx.Client) -> None:
    api.put("/api/videos/5", json={"status": "DOWNLOADED"})
    browser.open("/mvtv?order=newest")
    browser.until(lambda: "Gone" in browser.run("document.getElementById('toasts').textContent"))
    browser.until("document.getElementById('card-title').textContent === 'Debris'")
    browser.click("#begin")
    browser.until("document.getElementById('film').currentTime > 0.2")
    browser.run("document.getElementById('film').currentTime = 4.8")
    browser.until("document.getElementById('card-title').textContent === 'Crater'")
    browser.until("document.getElementById('film').currentTime > 0.2")
    browser.press("p")
    browser.until("document.getElementById('card-title').textContent === 'Debris'")
    assert browser.path == "/mvtv?order=newest&film=4"
    browser.press("s")
    browser.until(lambda: "seed=" in browser.path)
    browser.press("c")
    assert browser.run("document.getElementById('mvtv').classList.contains('cinema')")
    browser.press(Keys.ESCAPE)
    assert not browser.run("document.getElementById('mvtv').classList.contains('cinema')")
    browser.click("#captions")
    assert browser.run("document.getElementById('film').textTracks[0].mode") == "showing"
    browser.run("document.getElementById('film').currentTime = 3")
    browser.until("document.getElementById('film').currentTime >= 3")
    browser.driver.refresh()
    browser.until("document.getElementById('film').currentTime >= 2.9")
    assert [one for one in browser.complaints() if "404" not in one] == []


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(browser: Browser, api: httpx.Client, width: int, scheme: str) -> None:
    playlist_id = make(api, "A name without end " * 13, 1, 2, 3)
    browser.size(width, 740, mobile=width < 500)
    browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    for path in ("/playlists", f"/playlist/{playlist_id}", "/playlists?new", "/mvtv?seed=1", "/youtube-playlists"):
        browser.open(path)
        assert browser.run("document.documentElement.scrollWidth") <= width, path
