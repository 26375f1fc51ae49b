"""What axe-core finds in a page: https://github.com/dequelabs/axe-core, vendored with its licence."""

from pathlib import Path
from typing import Any

from selenium import webdriver

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SECONDS = 180
_ASK = """
const [tags, done] = arguments;
const told = ({ target, failureSummary }) => [target.join(" "), failureSummary];
axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })
  .then(({ violations }) => done(violations.map(({ id, help, nodes }) => [id, help, nodes.map(told)])))
  .catch((error) => done([["axe", String(error), []]]));
"""


def violations(driver: webdriver.Chrome) -> list[str]:
    """A line for each element that breaks WCAG 2.2 AA, or what is held to be good practice. Empty is good.

    The page's own policy forbids foreign scripts; the driver's are none.
    """
    if not driver.execute_script("return 'axe' in window"):
        driver.execute_script(AXE.read_text())
    driver.set_script_timeout(_SECONDS)
    found: list[Any] = driver.execute_async_script(_ASK, STANDARDS)
    return [
        f"{rule}: {target}: {' '.join(why.split())}"
        for rule, text, nodes in found
        for target, why in (nodes or [["page", text]])
    ]
