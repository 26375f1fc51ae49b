"""The downloads page through the front door of both sides, over MariaDB: what a house that has just moved sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.states import State
from fastapi_app.models import WRITES, Setting
from fastapi_app.schema import upgrade
from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner
from tests.jobs.workers import until
from tests.pages.browser import Browser, chromium
from tests.pages.queue_view import press, see, until_titles
from tests.pages.shelf import SECRET, environment_of
from tests.pages.work import Work, job, work_in
from tests.servers.mariadb import start_mariadb
from tests.servers.redis import Redis, start_redis
from tests.servers.web import serving

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.long]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with start_redis(tmp_path / "redis") as started:
        yield started


@pytest.fixture
def config(tmp_path: Path, redis: Redis) -> Iterator[Config]:
    """An empty library, its gate open as in an adopted one, every route of both sides moved."""
    data = tmp_path / "data"
    data.mkdir()
    with start_mariadb(tmp_path / "mariadb") as mariadb:
        address = mariadb.create_database("page")
        made = Config(data_dir=data, database_url=address, secret_key=SECRET, redis_url=redis.url)
        engine = blocking_engine(made)
        upgrade(engine)
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.add(Setting(key="require_authentication", value="false"))
        engine.dispose()
        keys = [row.key for row in build(made).table if row.owner is Owner.BOTH]
        store = create_store(made)
        store.apply([Change(key, Stage.MODERN) for key in keys], actor="the tests", reason="moved")
        store.close()
        yield made


@pytest.fixture
def browser(config: Config, tmp_path: Path) -> Iterator[Browser]:
    with (
        serving("legacy_flask.asgi:app", environment_of(config), tmp_path) as web,
        chromium(tmp_path / "profile", web.base) as started,
    ):
        started.size(1280, 900)
        yield started


@pytest.fixture
def work(config: Config) -> Iterator[Work]:
    with work_in(config, config.redis_url) as made:
        yield made


def test_the_page_lives_and_what_is_pressed_reaches_the_rows(browser: Browser, work: Work) -> None:
    running, waiting = work.add(job(1, State.RUNNING, stage="downloading", percent=10.0), job(2))
    see(browser)
    until_titles(browser, "running", "Song 1")
    until_titles(browser, "waiting", "Song 2")
    work.change(running, percent=55.0)
    browser.until("document.querySelector('#running progress').value === 55")
    press(browser, waiting, "pause")
    until(lambda: (stored := work.get(waiting)) is not None and stored.state == State.PAUSED)
    work.change(running, state=State.COMPLETED)
    until_titles(browser, "done", "Song 1")
    serious = [told for told in browser.complaints() if "Content Security Policy" in told]
    assert serious == []
