"""The page on which an administrator tries the socket: for nobody else, and it works in a real browser."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.fastapi_app.library import PASSWORD
from tests.pages.browser import Browser, chromium
from tests.progress.site import Site

PAGE = "/ws/jobs/test"


@pytest.mark.anyio
async def test_the_page_is_for_administrators(site: Site) -> None:
    for name, status in (("boss", 200), ("anna", 403)):
        async with httpx2.AsyncClient(base_url=site.base, headers={"Cookie": await site.cookie(name)}) as client:
            answer = await client.get(PAGE)
            assert answer.status_code == status
            assert answer.headers["x-served-by"] == "modern"
    async with httpx2.AsyncClient(base_url=site.base) as client:
        assert (await client.get(PAGE)).status_code == 302


@pytest.fixture
def browser(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A window in which boss has logged in."""
    with chromium(tmp_path_factory.mktemp("profile"), site.base) as window:
        window.open(f"/simple-login?next={PAGE}")
        window.driver.find_element("name", "username").send_keys("boss")
        window.driver.find_element("name", "password").send_keys(PASSWORD + "\n")
        window.until(lambda: window.path == PAGE)
        yield window


@pytest.mark.browser
@pytest.mark.long
def test_an_administrator_follows_a_job_by_hand(browser: Browser, site: Site) -> None:
    site.add(300, owner=6)
    browser.until("document.querySelector('#state').textContent === 'Connected'")
    browser.driver.find_element("id", "job").send_keys("300")
    browser.click("button[value=subscribe_job]")
    browser.until("document.querySelector('#messages').textContent.includes('job_status of job 300')")
    site.publish(site.change(300, state="running"))
    browser.until("document.querySelector('#messages').textContent.includes('job_update of job 300')")
    browser.click("button[value=ping]")
    browser.until("document.querySelector('#messages').textContent.includes('pong')")
    browser.click("#connect")
    browser.until("document.querySelector('#state').textContent.startsWith('Not connected')")
    assert browser.complaints() == []
