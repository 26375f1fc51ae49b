"""The real application over a database made by the real upgrade, watched for calls that block the event loop."""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from blockbuster import blockbuster_ctx
from pydantic import TypeAdapter
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from fastapi_app.app import create_app
from fastapi_app.caching.tags import CACHE_PREFIX
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Setting
from fastapi_app.route import endpoints
from tests.servers.mariadb import MariaDB, start_mariadb

BASE = "http://music.example.org"
VECTORS = Path(__file__).parents[1] / "vectors"
NOBODY_OUTSIDE: dict[str, Any] = {
    "imvdb_url": "http://127.0.0.1:9",
    "imvdb_interval": 0.0,
    "youtube_url": "http://127.0.0.1:9",
}
"""No test asks the real services."""


class Client(httpx2.AsyncClient):
    """Talks to an application in process. `state` is what its lifespan made, `queries` what it asked its database."""

    state: dict[str, Any]
    queries: list[str]
    config: Config


def as_json(body: object) -> dict[str, Any]:
    """The arguments of a request that carries any JSON: null, and text that no UTF-8 can hold."""
    return {"content": json.dumps(body), "headers": {"content-type": "application/json"}}


def vectors(name: str, part: str = "cases") -> list[Any]:
    """The cases of one file in tests/vectors, which both sides run."""
    cases: list[Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))[part]
    return cases


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def config(tmp_path: Path, new_database: Path) -> Config:
    """The configuration of a new, empty installation."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(new_database, data / "mvidarr.db")
    return Config(data_dir=data, database_url="", db_host="", log_level="ERROR", **NOBODY_OUTSIDE)


@pytest.fixture
def rows(config: Config) -> Iterator[Callable[..., None]]:
    """Writes rows as they are: `rows(Artist(…), Video(…))`."""
    engine = blocking_engine(config)
    # In a thread, because a test's event loop must not wait either, and the detector would say so.
    with ThreadPoolExecutor(1) as writer:
        yield lambda *items: writer.submit(write, engine, *items).result()
        writer.submit(engine.dispose).result()


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """A real MariaDB, for the tests that are marked so."""
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


def write(engine: Engine, *items: Any) -> None:
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session, session.begin():
        for item in items:
            session.merge(item)
            session.flush()


@asynccontextmanager
async def connected(config: Config) -> AsyncIterator[Client]:
    """A client of the application for `config`, its lifespan running. Every JSON answer is held against its model."""
    app = create_app(config)
    described = {
        (row.path_regex, method): row.response_model for row in endpoints(app.routes) for method in row.methods or ()
    }

    async def validate(response: httpx2.Response) -> None:
        await response.aread()
        if response.is_success and response.headers.get("content-type") == "application/json":
            for (pattern, method), model in described.items():
                if method == response.request.method == "GET" and pattern.match(response.request.url.path) and model:
                    TypeAdapter(model).validate_json(response.content)

    async with app.router.lifespan_context(app) as made:
        state = dict(made or {})

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state)}, receive, send)

        connection = Client(
            transport=httpx2.ASGITransport(with_state), base_url=BASE, event_hooks={"response": [validate]}
        )
        connection.state, connection.queries, connection.config = state, [], config
        engine = state["database"].engine.sync_engine
        event.listen(engine, "before_cursor_execute", _recorder(connection.queries))
        with blockbuster_ctx("fastapi_app"):
            async with connection:
                yield connection


@pytest.fixture
async def client(config: Config) -> AsyncIterator[Client]:
    """A client of a new installation: the gate is closed."""
    async with connected(config) as connection:
        yield connection


@pytest.fixture
async def open_client(config: Config, rows: Callable[..., None]) -> AsyncIterator[Client]:
    """A client of an installation with an open gate, as 0.9 left it."""
    rows(Setting(id=1, key="require_authentication", value="false", description="Require login"))
    async with connected(config) as connection:
        yield connection


def _recorder(queries: list[str]) -> Callable[..., None]:
    """What an answer is made of. What looking for it in memory costs is counted with the caches."""

    def record(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")) and CACHE_PREFIX not in statement:
            queries.append(statement)

    return record
