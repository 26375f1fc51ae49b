"""kill -9 in the middle of writes: what was acknowledged is there, the database is whole, the next start works."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from legacy_flask.front_door import create_store
from migration_flags import Change, Stage
from tests.hybrid.library import make_library
from tests.servers.fleet import until
from tests.servers.web import serving

WRITERS = 4
LIVES = 3
WRITES_BEFORE_DEATH = 10
"""At least, by each of them."""
PATIENCE = 60.0


class Writer(threading.Thread):
    """Creates artists as fast as it can, and remembers which were acknowledged."""

    def __init__(self, base: str, names: Callable[[], str]) -> None:
        super().__init__()
        self.base = base
        self.names = names
        self.acknowledged: list[str] = []

    def run(self) -> None:
        with httpx2.Client(base_url=self.base, timeout=PATIENCE) as http:
            while True:
                name = self.names()
                try:
                    answer = http.post("/api/artists/", json={"name": name, "keywords": ["kept"] * 50})
                except httpx2.TransportError:
                    return
                if answer.status_code == 201:
                    self.acknowledged.append(name)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
def test_a_kill_during_writes_loses_nothing_that_was_acknowledged(tmp_path: Path, stage: Stage) -> None:
    library = make_library(tmp_path)
    store = create_store(library.config)
    store.apply([Change("POST /api/artists/", stage)], actor="a test", reason="who writes")
    store.close()
    acknowledged: list[str] = []
    for life in range(LIVES):
        with serving("legacy_flask.asgi:app", library.environment, tmp_path) as web:
            writers = [Writer(web.base, _names(life, number)) for number in range(WRITERS)]
            for writer in writers:
                writer.start()
            until(lambda: all(len(one.acknowledged) >= WRITES_BEFORE_DEATH for one in writers), PATIENCE)  # noqa: B023
            os.killpg(web.pid, signal.SIGKILL)
            for writer in writers:
                writer.join(10)
                acknowledged += writer.acknowledged

    with closing(sqlite3.connect(library.config.data_dir / "mvidarr.db")) as database:
        assert database.execute("SELECT count(*) FROM artists WHERE name IS NULL OR keywords IS NULL").fetchone() == (
            0,
        )
        stored = {name for (name,) in database.execute("SELECT name FROM artists")}
    assert set(acknowledged) <= stored

    with serving("legacy_flask.asgi:app", library.environment, tmp_path) as web:
        answer = httpx2.post(f"{web.base}/api/artists/", json={"name": "After all that"})
        assert answer.status_code == 201
        assert answer.headers["x-served-by"] == stage.value


def _names(life: int, number: int) -> Callable[[], str]:
    counter = iter(range(10**6))
    return lambda: f"Life {life} writer {number} artist {next(counter)}"
