"""An account's life in a real Chromium: made by an administrator, guarded by a second factor, its logins ended."""

from datetime import UTC, datetime

import pyotp
import pytest

from fastapi_app.config import Config
from fastapi_app.models import UserRole
from tests.pages.accounts import add_accounts, log_in
from tests.pages.browser import Browser
from tests.pages.shelf import Item, make_shelf

pytestmark = pytest.mark.browser

NEW_PASSWORD = "Golden-New1!"
PAGES = ("/admin/", "/admin/users", "/admin/users/create", "/admin/users/1", "/admin/audit", "/profile", "/2fa/setup")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("library") / "data", [Item("Björk", "Jóga")], gate="true")
    add_accounts(made, UserRole.ADMIN)
    return made


@pytest.fixture
def browser(window: Browser) -> Browser:
    window.size(1280, 900)
    window.complaints()
    return window


def fill(browser: Browser, **values: str) -> None:
    for name, value in values.items():
        browser.driver.find_element("name", name).send_keys(value)


def notice(browser: Browser) -> str:
    browser.until("document.querySelector('.notice[role=status]') !== null")
    return str(browser.run("document.querySelector('.notice[role=status]').textContent"))


def code(secret: str, ahead: int = 0) -> str:
    totp = pyotp.TOTP(secret)
    return totp.generate_otp(totp.timecode(datetime.now(UTC)) + ahead)


def test_an_account_from_its_making_to_the_end_of_a_login(browser: Browser) -> None:
    log_in(browser, "admin")
    browser.open("/admin/")
    browser.click("a[href='/admin/users/create']")
    browser.until(lambda: browser.path == "/admin/users/create")
    fill(browser, username="berta", email="berta@example.org", password=NEW_PASSWORD)
    browser.click("button.primary")
    browser.until(lambda: browser.path == "/admin/users")
    assert "berta" in browser.run("document.querySelector('.listing').innerText")

    log_in(browser, "berta", NEW_PASSWORD)
    browser.open("/profile")
    browser.click("a[href='/2fa/setup']")
    browser.until("document.querySelector('button[value=prepare]') !== null")
    browser.click("button[value=prepare]")
    browser.until("document.querySelector('.setup img')?.naturalWidth > 100")
    secret = str(browser.run("document.querySelector('.setup .secret').textContent"))
    fill(browser, token=code(secret))
    browser.click("button.primary")
    assert "is on" in notice(browser)

    log_in(browser, "berta", NEW_PASSWORD)
    assert browser.path.startswith("/2fa/verify")
    fill(browser, token=code(secret, ahead=1))
    browser.click("button.primary")
    browser.until(lambda: not browser.path.startswith("/2fa/verify"))

    browser.open("/profile")
    assert len(browser.driver.find_elements("name", "session_id")) == 2
    browser.click("tr:not(:has(.tag)) button")
    assert notice(browser) == "The login ended."
    assert len(browser.driver.find_elements("name", "session_id")) == 1
    assert browser.complaints() == []


@pytest.mark.long
def test_a_key_is_shown_once_and_revoked(browser: Browser) -> None:
    log_in(browser, "admin")
    browser.open("/profile")
    fill(browser, name="a script")
    browser.click("form[data-send=POST] button")
    browser.until("document.querySelector('#new-key .secret').textContent.startsWith('mvk_')")
    browser.open("/profile")
    assert browser.run("document.querySelector('#new-key .secret').textContent") == ""
    browser.click("form[data-send=DELETE] button")
    assert notice(browser) == "The key counts no more."
    assert "You have no keys." in browser.run("document.body.innerText")
    assert browser.complaints() == []


@pytest.mark.long
def test_a_refused_form_says_why(browser: Browser) -> None:
    log_in(browser, "admin")
    browser.open("/profile")
    browser.driver.find_element("id", "email").send_keys("new@example.org")
    browser.driver.find_element("id", "email-password").send_keys("wrong")
    browser.driver.find_element("id", "email-password").submit()
    browser.until("document.querySelector('.sheet > .form-error') !== null")
    assert browser.run("document.querySelector('.sheet > .form-error').textContent") == "The password is wrong"


@pytest.mark.parametrize("width", [360, 390])
@pytest.mark.long
def test_no_page_scrolls_sideways_or_breaks_the_policy(browser: Browser, width: int) -> None:
    log_in(browser, "admin")
    browser.size(width, 780, mobile=True)
    for path in PAGES:
        browser.open(path)
        assert browser.run("[document.documentElement.scrollWidth, innerWidth]") == [width, width], path
    assert [complaint for complaint in browser.complaints() if "Content Security Policy" in complaint] == []
