"""An adopted 0.9 library, served by one of the two sides on a real socket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from sqlalchemy import Engine

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.schema import upgrade
from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner, RouteTable
from tests.router.serving import serving
from tests.servers import nine

SIDES = (Stage.LEGACY, Stage.MODERN)
DATABASES = ("mariadb", "sqlite")
SECRET = "a-key-that-only-these-tests-know"


@dataclass(frozen=True)
class Installation:
    """A library and a client of it. Nobody is logged in, and the gate is open, as 0.9 left it."""

    side: Stage
    config: Config
    engine: Engine
    table: RouteTable
    client: httpx2.Client

    def stored(self) -> nine.Stored:
        """What the database holds at this moment."""
        return nine.stored(self.engine)

    def changed_by(self, ask: Callable[[], object]) -> set[tuple[str, int, str]]:
        """What the requests that `ask` makes changed in the database."""
        before = self.stored()
        ask()
        return nine.differences(before, self.stored())


@contextmanager
def adopted(
    side: Stage, database_url: str, folder: Path, more: nine.Extra | None = None, media_roots: tuple[Path, ...] = ()
) -> Iterator[Installation]:
    """A plain 0.9 library with every quirk, and the rows that `more` adds, upgraded and served by `side`."""
    data = folder / "data"
    config = Config(database_url=database_url, data_dir=data, secret_key=SECRET, media_roots=media_roots)
    engine = blocking_engine(config)
    try:
        nine.build(engine, nine.PLAIN, more)
        upgrade(engine, data / "backups")
        with _served(side, config, engine) as installation:
            yield installation
    finally:
        engine.dispose()


@contextmanager
def _served(side: Stage, config: Config, engine: Engine) -> Iterator[Installation]:
    router = build(config)
    _move_all(config, router.table, side)
    with (
        serving(router) as server,
        httpx2.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=20) as client,
    ):
        yield Installation(side, config, engine, router.table, client)


def _move_all(config: Config, table: RouteTable, side: Stage) -> None:
    store = create_store(config)
    try:
        keys = [row.key for row in table if row.owner is Owner.BOTH]
        store.apply([Change(key, side) for key in keys], actor="the tests", reason="one side at a time")
    finally:
        store.close()
