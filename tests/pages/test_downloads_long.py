"""The downloads page while a real worker fetches real films, and the web process restarts in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Setting
from tests.pages.browser import chromium, make_files
from tests.pages.queue_view import see, until_titles, until_toast
from tests.pages.shelf import environment_of, make_shelf
from tests.pages.site import Site
from tests.servers.media_server import MediaServer, media_server
from tests.servers.redis import start_redis
from tests.servers.web import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.long]

SECONDS = 25
"""How long a film takes to arrive."""
PATIENCE = 120.0


@pytest.fixture
def films(tmp_path: Path) -> Iterator[MediaServer]:
    make_files(tmp_path)
    film = (tmp_path / "musicvideos" / "film.mp4").read_bytes()
    with media_server() as served:
        for number in range(1, 3):
            served.put(f"/{number}.mp4", film, rate=len(film) / SECONDS)
        served.put("/private.mp4", status=403)
        yield served


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An empty library whose worker is in a hurry."""
    made = make_shelf(tmp_path / "library", [])
    engine = blocking_engine(made)
    settings = {"download_pause": "0", "download_request_pause": "0", "minimum_free_space_mb": "1"}
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add_all(Setting(key=key, value=value) for key, value in settings.items())
    engine.dispose()
    return made


@contextmanager
def worker(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """`mvidarr worker` with its beat; nothing of it is left after the block."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MVIDARR_", "DB_"))}
    argv = [sys.executable, "-m", "fastapi_app.cli", "worker", "--queues", "downloads", "--processes", "4", "--beat"]
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={**inherited, **environment, "PYTHONPATH": str(PROJECT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def test_real_downloads_are_followed_across_a_restart(films: MediaServer, config: Config, tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    with start_redis(tmp_path / "redis") as redis:
        more = {"MVIDARR_REDIS_URL": redis.url, "MVIDARR_ALLOW_PRIVATE_ADDRESSES": "true"}
        environment = environment_of(config) | more
        site = Site(environment, tmp_path)
        with worker(environment, tmp_path), chromium(tmp_path / "profile", site.base) as browser:
            site.start()
            try:
                browser.size(1280, 900)
                see(browser)
                for title, path in (("One", "/1.mp4"), ("Two", "/2.mp4"), ("Private", "/private.mp4")):
                    for field, text in (("url", films.url + path), ("artist", "Nova Kestrel"), ("title", title)):
                        browser.driver.find_element("id", field).send_keys(text)
                    browser.click("form.add button[type=submit]")
                    browser.until("document.getElementById('url').value === ''")
                until_toast(browser, "Private: added.")
                browser.until("document.querySelectorAll('#running progress[value]').length > 0", PATIENCE)
                bar = "document.querySelector('#running progress[value]')?.value"
                browser.until(f"{bar} > 5")
                before = browser.run(bar)
                site.stop()
                browser.until("document.getElementById('live').dataset.live === 'lost'")
                site.start()
                browser.until("document.getElementById('live').dataset.live === 'live'")
                browser.until(f"document.querySelectorAll('#done tbody tr').length > 0 || {bar} > {before}")
                browser.until("document.querySelectorAll('#done tbody tr').length === 2", PATIENCE)
                until_titles(browser, "failed", "Private")
                assert browser.run("document.querySelector('#failed .reason').innerText") != ""
                serious = [told for told in browser.complaints() if "Content Security Policy" in told]
                assert serious == []
            finally:
                site.stop()
    found = sorted(path.name for path in (config.data_dir / "musicvideos").rglob("*.mp4"))
    assert found == ["One.mp4", "Two.mp4"]
