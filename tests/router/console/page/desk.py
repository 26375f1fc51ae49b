"""The console in a browser: what a person does there, and sees."""

from typing import Any
from urllib.parse import quote

from selenium.webdriver.common.keys import Keys

from tests.pages.browser import Browser
from tests.router.console.page.stand_in import StandIn

DIALOG = "document.querySelector('dialog[open]')"


class Desk:
    """``browser`` is open on nothing yet: call `open`."""

    def __init__(self, browser: Browser, stand_in: StandIn) -> None:
        self.browser = browser
        self.stand_in = stand_in
        self.world = stand_in.world

    def look(self, width: int, colours: str) -> None:
        self.browser.size(width, 900, mobile=width < 600)
        features = [{"name": "prefers-color-scheme", "value": colours}]
        self.browser.command("Emulation.setEmulatedMedia", features=features)

    def open(self, query: str = "") -> None:
        """The page, until it has its rows and its stream."""
        self.browser.open(f"/{query}")
        count = len(self.world.routes)
        self.browser.until("document.getElementById('connection').dataset.is === 'live'")
        self.browser.until(f"document.querySelector('#found').textContent.includes('{count} route')")
        self.browser.run("window.neverReloaded = true")

    def open_route(self, key: str) -> None:
        self.open(f"?route={quote(key, safe='')}")
        self.until_opened(key)

    def until_opened(self, key: str) -> None:
        self.browser.until(f"document.getElementById('panel').dataset.of === {key!r}")
        self.browser.until("document.querySelector('#panel .part.history')")

    def leave(self) -> None:
        """No page, so that no stream is left."""
        self.browser.driver.get("about:blank")
        self.browser.until("location.href === 'about:blank'")

    @property
    def keys(self) -> list[str]:
        """The routes shown, in order."""
        return list(self.browser.run("[...document.querySelectorAll('#rows tr')].map(row => row.dataset.key)"))

    def row(self, key: str) -> str:
        """The text of a row, its spaces folded."""
        return str(self.browser.run(f"document.querySelector('#rows tr[data-key={quoted(key)}]').textContent"))

    def stage(self, key: str) -> str:
        return str(self.browser.run(f"document.querySelector('#rows tr[data-key={quoted(key)}] .pill').textContent"))

    def until_stage(self, key: str, stage: str) -> None:
        self.browser.until(lambda: self.stage(key) == stage)

    def text(self, selector: str) -> str:
        return str(self.browser.run(f"document.querySelector({selector!r})?.innerText ?? ''"))

    def until_text(self, selector: str, text: str) -> None:
        self.browser.until(f"(document.querySelector({selector!r})?.innerText ?? '').includes({text!r})")

    def focus_row(self, key: str) -> None:
        self.browser.run(f"document.querySelector('#rows tr[data-key={quoted(key)}]').focus()")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.press(key)

    def until_dialog(self) -> None:
        self.browser.until(DIALOG)

    def fill(self, name: str, value: str) -> None:
        """A field of the dialog."""
        field = self.browser.driver.find_element("css selector", f"dialog[open] [name={name}]")
        if field.get_attribute("type") != "date":
            field.send_keys(Keys.CONTROL, "a")
        field.send_keys(value)

    def submit(self) -> None:
        self.browser.click("dialog[open] [type=submit]")

    def until_done(self) -> None:
        self.browser.until(f"!{DIALOG}")

    def told(self, name: str) -> dict[str, Any]:
        """What the page posted last under a name."""
        return next(body for told, body in reversed(self.stand_in.told) if told == name)


def quoted(key: str) -> str:
    return f'"{key}"'
