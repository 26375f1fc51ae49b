"""A real Chromium without a window, and a library with real films for it."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import JavascriptException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from fastapi_app.models import VideoStatus
from tests.pages.shelf import Item
from tests.servers.web import free_port

DEADLINE_SECONDS = 45.0
"""Patience with a machine that runs several browsers, and no measure."""
FIRST_VIEW_BYTES = 300_000
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
FILM = "data/musicvideos/film.mp4"
PICTURE = "data/thumbnails/videos/picture.jpg"

SHELF = (
    Item("Björk", "Alarm Call", 1998, picture=PICTURE, file=FILM),
    Item("Björk", "Bachelorette", 1997, file=FILM),
    Item("Low Orbit", "Crater", 2016, picture=PICTURE, file=FILM),
    Item("Low Orbit", "Debris", 2016, status=VideoStatus.WANTED, file=None),
    *(Item("The Slow Trams", f"Line {number:02}", 2000 + number, file=FILM) for number in range(26)),
)


def make_files(data: Path) -> None:
    """The film (five seconds with sound) and the picture that `SHELF` names."""
    film = data / "musicvideos" / "film.mp4"
    picture = data / "thumbnails" / "videos" / "picture.jpg"
    for path in (film, picture):
        path.parent.mkdir(parents=True, exist_ok=True)
    sources = ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=5:r=24", "-f", "lavfi", "-i", "sine=d=5"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    argv = ["ffmpeg", "-loglevel", "error", "-y", *sources, *codecs, "-movflags", "+faststart", str(film)]
    subprocess.run(argv, check=True)
    Image.new("RGB", (320, 180), (90, 40, 120)).save(picture)


class Browser:
    """One window. `base` is the site's address."""

    def __init__(self, driver: webdriver.Chrome, base: str) -> None:
        self.driver = driver
        self.base = base

    def open(self, path: str) -> None:
        self.driver.get(self.base + path)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        return self.driver.execute_script(f"return {script}")

    def until(self, what: str | Callable[[], object], seconds: float = DEADLINE_SECONDS) -> Any:
        """Waits until an expression, or a function, is true. Raises TimeoutException.

        What can't be asked is not true yet: a page that is only coming lacks the element.
        """
        probe = what if callable(what) else lambda: self.run(what)
        wait = WebDriverWait(self.driver, seconds, 0.05, [JavascriptException, StaleElementReferenceException])
        return wait.until(lambda _driver: probe())

    def press(self, keys: str) -> None:
        """Types into whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(keys)

    def click(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile
        )

    def command(self, name: str, **arguments: object) -> None:
        """A command of the DevTools protocol."""
        self.driver.execute_cdp_cmd(name, arguments)

    def complaints(self) -> list[str]:
        """What the console collected since the last call: errors, and violations of the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def weights(self) -> dict[str, int]:
        """The bytes of the page and of all that it fetched so far, by address. Thumbnails and films are left out."""
        found: dict[str, int] = self.run(
            "Object.fromEntries(['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
            ".filter(({ name }) => !/[/](thumbnail|stream)/.test(name))"
            ".map(({ name, decodedBodySize }) => [name, decodedBodySize]))"
        )
        return found

    @property
    def path(self) -> str:
        """Path and query in the address bar."""
        return self.driver.current_url.removeprefix(self.base)

    @property
    def titles(self) -> list[str]:
        return list(self.run("[...document.querySelectorAll('.title')].map(title => title.textContent)"))


@contextmanager
def chromium(profile: Path, base: str) -> Iterator[Browser]:
    """A browser with an empty profile in `profile`, closed at the end."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver", free_port()))
    try:
        yield Browser(driver, base)
    finally:
        driver.quit()
