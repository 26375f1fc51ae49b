"""The downloads page in a real Chromium, while jobs change: no reload, no lost row, no violation of the policy."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from tests.pages.browser import Browser, chromium
from tests.pages.queue_view import press, see, titles, until_titles, until_toast
from tests.pages.shelf import Item, environment_of, make_shelf
from tests.pages.site import Site
from tests.pages.work import Work, job, work_in
from tests.servers.redis import Redis, start_redis

pytestmark = pytest.mark.browser

DEAF = """
window.WebSocket = class {
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  readyState = 3;
  constructor() { setTimeout(() => this.onclose?.({ code: 1006 })); }
  close() {}
};
"""
"""A browser behind a proxy that lets no socket through."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with start_redis(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture(scope="module")
def config(redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("library") / "data", [Item("Björk", "Jóga")])
    return made.model_copy(update={"redis_url": redis.url})


@pytest.fixture(scope="module")
def site(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(environment_of(config), tmp_path_factory.mktemp("web"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def window(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile"), site.base) as opened:
        yield opened


@pytest.fixture
def work(config: Config, redis: Redis) -> Iterator[Work]:
    with work_in(config, redis.url) as found:
        found.clear()
        yield found


@pytest.fixture
def browser(window: Browser, work: Work) -> Iterator[Browser]:
    """The page of an empty queue, live, with a silent console; afterwards it must still be silent."""
    window.size(1280, 900)
    see(window)
    window.complaints()
    yield window
    assert [told for told in window.complaints() if "WebSocket" not in told and "Failed to load" not in told] == []


def test_a_download_is_followed_from_its_beginning_to_its_end(browser: Browser, work: Work) -> None:
    assert browser.run("document.getElementById('nothing').hidden") is False
    browser.run("window.neverReloaded = true")
    (job_id,) = work.add(job(1))
    until_titles(browser, "waiting", "Song 1")
    work.change(job_id, state=State.RUNNING, stage="downloading", percent=12.5, attempts=1)
    until_titles(browser, "running", "Song 1")
    browser.until("document.querySelector('#running progress').value === 12.5")
    browser.until("document.querySelector('#counts .pill.running')?.textContent.trim() === '1'")
    work.change(job_id, percent=80.0, speed=2_500_000, eta=65, bytes_done=8_000_000, bytes_total=10_000_000)
    browser.until("document.querySelector('#running progress').value === 80")
    shown = browser.run("document.querySelector('#running tbody tr').innerText.replace(/\\s+/g, ' ')")
    assert "80 % downloading 2.5 MB/s 1:05 8.0 MB of 10.0 MB 1 of 3" in shown
    work.change(job_id, state=State.COMPLETED, percent=100.0)
    until_titles(browser, "done", "Song 1")
    until_toast(browser, "Song 1: done.")
    browser.until("document.getElementById('counts').hidden")
    assert browser.run("document.getElementById('running').hidden") is True
    assert browser.run("window.neverReloaded") is True


def test_why_it_failed_stands_in_the_row_and_its_last_lines_can_be_copied(browser: Browser, work: Work) -> None:
    (job_id,) = work.add(job(1, State.RUNNING))
    until_titles(browser, "running", "Song 1")
    work.change(
        job_id,
        state=State.FAILED,
        error_class="private",
        error_message="This video is private",
        error_log="a\nERROR: b",
    )
    until_titles(browser, "failed", "Song 1")
    assert browser.run("document.querySelector('#failed .reason').innerText") == "This video is private"
    until_toast(browser, "Song 1: failed.")
    browser.until("document.querySelector('#counts .pill.failed')?.textContent.trim() === '1'")
    browser.click("#failed summary")
    browser.until("document.querySelector('#failed pre').textContent === 'a\\nERROR: b'")
    browser.click("#failed [data-copy]")
    until_toast(browser, "Copied.")
    browser.open("/videos")
    browser.until("document.querySelector('#counts .pill.failed')?.textContent.trim() === '1'")
    assert browser.run("document.getElementById('counts').innerText.replace(/\\s+/g, ' ').trim()") == "1 failed"


def test_cancel_and_retry(browser: Browser, work: Work) -> None:
    waiting, runs, failed = work.add(job(1), job(2, State.RUNNING), job(3, State.FAILED))
    until_titles(browser, "waiting", "Song 1")
    press(browser, waiting, "cancel")
    until_titles(browser, "done", "Song 1")
    until_toast(browser, "Song 1: cancelled.")
    press(browser, runs, "cancel")
    browser.until("document.querySelector('#running tr[data-ending] [data-part=stage]')?.textContent === 'ending'")
    press(browser, failed, "retry")
    until_titles(browser, "waiting", "Song 3")
    found = work.get(failed)
    assert found is not None
    assert (found.state, found.attempts) == (State.QUEUED, 0)
    press(browser, waiting, "retry")
    until_titles(browser, "waiting", "Song 1", "Song 3")
    assert browser.path == "/downloads"


@pytest.mark.long
def test_a_refusal_is_told(browser: Browser, work: Work) -> None:
    (job_id,) = work.add(job(1))
    until_titles(browser, "waiting", "Song 1")
    browser.run("(window.frozen = document.querySelector('#waiting tbody tr').cloneNode(true)).id")
    work.change(job_id, state=State.COMPLETED)
    until_titles(browser, "done", "Song 1")
    browser.run("document.querySelector('#waiting').hidden = false")
    browser.run("document.querySelector('#waiting tbody').append(window.frozen)")
    browser.run("document.querySelector('#waiting button[value=cancel]').click()")
    browser.until("document.querySelector('#toasts .failed')?.textContent === 'This job has ended already'")


def test_the_keyboard_alone_orders_the_queue_and_keeps_its_place(browser: Browser, work: Work) -> None:
    work.add(job(1), job(2), job(3))
    until_titles(browser, "waiting", "Song 1", "Song 2", "Song 3")
    browser.run("document.querySelectorAll('#waiting button[value=top]')[2].focus()")
    browser.press(Keys.ENTER)
    until_titles(browser, "waiting", "Song 3", "Song 1", "Song 2")
    focused = "document.activeElement.value + document.activeElement.closest('tr').querySelector('.title').textContent"
    browser.until(f"{focused} === 'topSong 3'")
    browser.press(Keys.TAB)
    browser.press(Keys.TAB)
    browser.press(Keys.ENTER)
    until_titles(browser, "waiting", "Song 1", "Song 2", "Song 3")
    browser.until(f"{focused} === 'downSong 3'")
    browser.press("a")
    assert browser.run("document.activeElement.id") == "url"
    browser.press("https://example.org/watch" + Keys.TAB + "Nova" + Keys.TAB + "Glass" + Keys.ENTER)
    until_toast(browser, "Glass: added.")
    until_titles(browser, "waiting", "Song 1", "Song 2", "Glass", "Song 3")
    assert browser.run("document.getElementById('url').value") == ""


@pytest.mark.long
def test_a_queue_that_pauses_itself_says_why_and_goes_on(browser: Browser, work: Work) -> None:
    (job_id,) = work.add(job(1, State.RUNNING))
    until_titles(browser, "running", "Song 1")
    work.pause("The disk is full: 120 MB are left.")
    work.change(job_id, state=State.QUEUED, attempts=0)
    browser.until("document.getElementById('paused').innerText.includes('120 MB are left')")
    browser.click("button[data-when=paused]")
    browser.until("document.getElementById('paused').hidden")
    browser.click("button[data-when=going]")
    browser.until("document.getElementById('paused').innerText.includes('Somebody paused it')")


def test_only_the_first_rows_are_in_the_page_and_others_move_up(browser: Browser, work: Work) -> None:
    ids = work.add(*(job(number) for number in range(1, 61)))
    browser.until("document.querySelectorAll('#waiting tbody tr').length === 50")
    browser.until("document.querySelector('#waiting [data-more]').innerText.trim() === 'and 10 more'")
    for job_id in ids[:3]:
        work.change(job_id, state=State.RUNNING)
    browser.until("document.querySelectorAll('#running tbody tr').length === 3")
    browser.until(f"{titles('waiting')}.startsWith('Song 4,') && {titles('waiting')}.endsWith('Song 53')")
    browser.until("document.querySelector('#waiting [data-count]').textContent === '57'")


@pytest.mark.long
def test_news_in_a_rush_end_in_the_truth(browser: Browser, work: Work) -> None:
    ids = work.add(*(job(number, State.RUNNING) for number in range(1, 11)))
    browser.until("document.querySelectorAll('#running tbody tr').length === 10")
    for percent in range(0, 100, 10):
        for job_id in ids:
            work.change(job_id, percent=float(percent))
    for job_id in ids:
        work.change(job_id, state=State.COMPLETED)
    browser.until("document.querySelectorAll('#done tbody tr').length === 10")
    assert browser.run("document.getElementById('running').hidden") is True
    browser.until("document.querySelectorAll('#toasts .news').length <= 4")


@pytest.mark.long
def test_scripts_write_what_the_server_wrote(browser: Browser, work: Work) -> None:
    work.add(
        job(1, State.RUNNING, percent=42.99, speed=3_260_000, eta=3_723, bytes_done=21_350_000, bytes_total=99_999_999),
        job(2, State.RUNNING, artist="", stage="checking", cancel_requested=True),
        job(3, State.RETRYING, error_message="503", message="old"),
        job(4, State.PAUSED, message="By hand", priority=9),
        job(5, payload={}),
        job(6, State.FAILED, error_message="Private", error_log="one", attempts=3),
        job(7, State.COMPLETED, bytes_done=999, bytes_total=999),
        job(8, State.CANCELLED, payload={"title": "<b>&amp;"}),
    )
    everything = (
        "[...document.querySelectorAll('section tbody tr')].map(row => row.id + row.dataset.state + "
        "[...row.querySelectorAll('[data-part]:not(time, pre)')].filter(part => !part.hidden)"
        ".map(part => part.dataset.part + '=' + (part.value ?? part.textContent)).join('|')).join('\\n')"
    )
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    browser.open("/downloads")
    browser.command("Emulation.setScriptExecutionDisabled", value=False)
    written = browser.run(everything)
    assert written.count("title=") >= 8
    see(browser)
    browser.run("document.querySelectorAll('section tbody tr').forEach(row => row.remove())")
    browser.run("dispatchEvent(new PageTransitionEvent('pagehide'))")
    browser.until(lambda: browser.run(everything) == written)


@pytest.mark.long
def test_where_no_socket_gets_through_the_page_asks(browser: Browser, work: Work) -> None:
    script = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": DEAF})
    try:
        see(browser, "polling")
        assert "asks every two seconds" in browser.run("document.getElementById('lost').innerText")
        (job_id,) = work.add(job(1))
        until_titles(browser, "waiting", "Song 1")
        work.change(job_id, state=State.COMPLETED)
        until_titles(browser, "done", "Song 1")
    finally:
        browser.command("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])


@pytest.mark.long
def test_the_page_recovers_when_the_server_comes_back(browser: Browser, work: Work, site: Site) -> None:
    ends, stays, dies = work.add(job(1, State.RUNNING), job(2, State.RUNNING), job(3))
    until_titles(browser, "running", "Song 1", "Song 2")
    browser.run("window.neverReloaded = true")
    site.stop()
    browser.until("document.getElementById('live').dataset.live === 'lost'")
    assert "tries again by itself" in browser.run("document.getElementById('lost').innerText")
    assert browser.run(titles("running")) == "Song 1,Song 2", "what was there stays"
    work.change(ends, state=State.COMPLETED)
    work.change(stays, percent=70.0)
    work.change(dies, state=State.FAILED, error_message="Gone")
    work.add(job(4))
    site.start()
    browser.until("document.getElementById('live').dataset.live === 'live'")
    until_titles(browser, "running", "Song 2")
    until_titles(browser, "done", "Song 1")
    until_titles(browser, "failed", "Song 3")
    until_titles(browser, "waiting", "Song 4")
    browser.until("document.querySelector('#running progress').value === 70")
    assert browser.run("document.getElementById('lost').hidden") is True
    work.change(stays, percent=90.0)
    browser.until("document.querySelector('#running progress').value === 90")
    assert browser.run("window.neverReloaded") is True


@pytest.mark.parametrize("path", ["/downloads", "/downloads/history"])
def test_a_phone_never_scrolls_sideways(browser: Browser, work: Work, path: str) -> None:
    long = {"title": "An_unbreakable_title_" * 6, "artist": "The Slow Trams and the Orchestra of Lost Property"}
    work.add(
        job(1, State.RUNNING, payload=long, speed=999_000_000, eta=360_000, bytes_done=10**12, bytes_total=10**13),
        job(2, payload=long),
        job(3, State.FAILED, payload=long, error_message="x" * 300, error_log="y" * 500),
        job(4, State.COMPLETED, payload=long, bytes_done=10**12, bytes_total=10**12),
    )
    browser.size(360, 780, mobile=True)
    browser.open(path)
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.run("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]


def test_forms_do_their_work_without_scripts(browser: Browser, work: Work) -> None:
    waiting, failed = work.add(job(1), job(2, State.FAILED, error_log="why"))
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open("/downloads")
        press(browser, waiting, "cancel")
        browser.until(lambda: browser.path == "/downloads?done=cancel")
        assert browser.driver.find_element("css selector", ".notice[role=status]").text == "It is cancelled."
        press(browser, failed, "retry")
        browser.until(lambda: browser.path == "/downloads?done=retry")
        assert browser.driver.find_element("css selector", "#waiting .title").text == "Song 2"
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)
    found = [work.get(waiting), work.get(failed)]
    assert [one and one.state for one in found] == [State.CANCELLED, State.QUEUED]
