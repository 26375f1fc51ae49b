"""Somebody at a browser who knows no page: what is pressed is found by the words it shows or is read aloud by."""

from typing import Any

from selenium.webdriver.remote.webelement import WebElement

from tests.pages.browser import Browser

PRESSED = frozenset({"button", "link", "checkbox", "radio", "DisclosureTriangle"})
WRITTEN = frozenset({"textbox", "searchbox"})


class Person:
    """Scrolls to a thing, then uses the real mouse and keys: what is covered by something else can't be pressed."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def press(self, name: str) -> None:
        """A link, button or box of this name, or, where there is none, whose name begins so."""
        self._found(PRESSED, name).click()

    def write(self, label: str, text: str) -> None:
        self._found(WRITTEN, label).send_keys(text)

    def sees(self, text: str) -> None:
        """Waits until the page shows it. Raises TimeoutException."""
        self._browser.until(lambda: text in self._browser.run("document.body.innerText"))

    def _found(self, roles: frozenset[str], name: str) -> WebElement:
        node: int = self._browser.until(lambda: self._node(roles, name))
        ask = self._browser.driver.execute_cdp_cmd
        thing = ask("DOM.resolveNode", {"backendNodeId": node})["object"]["objectId"]
        ask(
            "Runtime.callFunctionOn", {"objectId": thing, "functionDeclaration": "function () { window.found = this; }"}
        )
        element: WebElement = self._browser.run("window.found")
        self._browser.run("found.scrollIntoView({ block: 'nearest' })")
        return element

    def _node(self, roles: frozenset[str], name: str) -> int | None:
        if self._browser.run("document.readyState") != "complete":
            return None
        tree: list[dict[str, Any]] = self._browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        named = [
            (node["name"]["value"].strip(), node["backendDOMNodeId"])
            for node in tree
            if not node["ignored"] and node["role"]["value"] in roles and "value" in node.get("name", {})
        ]
        fitting = [node for found, node in named if found == name] or [
            node for found, node in named if found.startswith(name)
        ]
        return fitting[0] if fitting else None
