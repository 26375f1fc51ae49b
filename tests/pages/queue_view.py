"""What a test sees of the downloads page, and presses on it."""

from tests.pages.browser import Browser


def see(browser: Browser, state: str = "live") -> None:
    browser.open("/downloads")
    browser.until(f"document.getElementById('live').dataset.live === '{state}'")


def titles(group: str) -> str:
    """An expression: what the rows of a group are called, from top to bottom."""
    return f"[...document.querySelectorAll('#{group} tbody .title')].map(title => title.textContent).join()"


def until_titles(browser: Browser, group: str, *expected: str) -> None:
    browser.until(f"{titles(group)} === '{','.join(expected)}'")


def until_toast(browser: Browser, text: str) -> None:
    browser.until(f"document.getElementById('toasts').textContent.includes('{text}')")


def press(browser: Browser, job_id: int, action: str) -> None:
    browser.click(f"#job-{job_id} button[value={action}]")
