"""The page on the router itself: what it asks for is what the API gives."""

from collections.abc import Iterator

import pytest

from migration_flags.stores.memory import MemoryStore
from tests.pages.browser import Browser
from tests.router.console.page.desk import quoted
from tests.router.console.toy import create_router, populate
from tests.router.serving import serving

pytestmark = pytest.mark.browser


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def browser(window: Browser, store: MemoryStore) -> Iterator[Browser]:
    router = create_router(store, 60)
    populate(store, router)
    with serving(router) as server:
        window.base = f"http://127.0.0.1:{server.port}/_strangler"
        window.size(1440, 900)
        window.complaints()
        window.open("/")
        window.until("document.getElementById('connection').dataset.is === 'live'")
        yield window
        told = window.complaints()
        window.driver.get("about:blank")
    assert [one for one in told if "Failed to load resource" not in one] == []


def submit(browser: Browser, button: str, reason: str) -> None:
    browser.click(f"#panel [data-act={button}]")
    browser.until("document.querySelector('dialog[open]')")
    browser.driver.find_element("css selector", "dialog[open] [name=reason]").send_keys(reason)
    browser.click("dialog[open] [type=submit]")


def test_a_route_is_opened_refused_by_its_gate_moved_and_rolled_back(browser: Browser, store: MemoryStore) -> None:
    key = next(flag.key for flag in store.snapshot() if flag.stage == "shadow" and flag.latch is None)
    pill = f"document.querySelector('#rows tr[data-key={quoted(key)}] .pill')?.textContent"
    browser.until(f"{pill} === 'shadow'")
    browser.run(f"document.querySelector('#rows tr[data-key={quoted(key)}] a').click()")
    browser.until("document.querySelector('#panel .part.history')")
    submit(browser, "promote", "Let us see.")
    browser.until("document.querySelector('dialog[open] .problem li')")
    browser.click("dialog[open] [name=ungated]")
    browser.click("dialog[open] [type=submit]")
    browser.until("!document.querySelector('dialog')")
    browser.until(f"{pill} === 'canary 1 %'")
    flag = store.snapshot().get(key)
    assert flag is not None
    assert (flag.percent, flag.updated_by, flag.reason) == (1.0, "ada", "Let us see.")
    submit(browser, "rollback", "Enough.")
    browser.until(f"{pill} === 'legacy'")
    back = store.snapshot().get(key)
    assert back is not None
    assert back.stage == "legacy"
    browser.until("document.querySelector('#panel .part.history').innerText.includes('Enough.')")
    browser.click("[data-act=history]")
    browser.until("document.querySelector('#panel .trail')?.innerText.includes('Let us see.')")
