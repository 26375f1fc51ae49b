"""Accounts in a test's library, each named for its role, and how they log in."""

from selenium.webdriver.common.keys import Keys
from starlette.testclient import TestClient

from fastapi_app.auth.passwords import hash_password
from fastapi_app.config import Config
from fastapi_app.models import User, UserRole
from tests.pages.browser import Browser
from tests.search.libraries import put

PASSWORD = "Correct-Horse1!"


def add_accounts(config: Config, *roles: UserRole) -> None:
    """One of each role: `admin`, `manager` and so on, ids from 1, all with `PASSWORD`."""
    stored = hash_password(PASSWORD, rounds=4)
    names = [role.value.lower() for role in roles]
    put(
        config,
        *(
            User(id=number, username=name, email=f"{name}@example.org", password_hash=stored, role=role)
            for number, (name, role) in enumerate(zip(names, roles, strict=True), 1)
        ),
    )


def sign_in(site: TestClient, name: str) -> TestClient:
    """The client with the cookies of this account and no others; of nobody for an empty name."""
    site.cookies.clear()
    if name:
        assert site.post("/simple-login", data={"username": name, "password": PASSWORD}).status_code == 302
    return site


def log_in(browser: Browser, name: str, password: str = PASSWORD) -> None:
    """Through the page of the login, as somebody whom the browser doesn't know, to wherever that leads."""
    browser.driver.delete_all_cookies()
    browser.open("/simple-login?next=/")
    browser.driver.find_element("name", "username").send_keys(name)
    browser.driver.find_element("name", "password").send_keys(password, Keys.ENTER)
    browser.until(lambda: not browser.path.startswith("/simple-login"))
