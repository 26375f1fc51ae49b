"""The five ways in which one route can be answered, as running servers."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi_app.config import Config
from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner
from tests.servers.web import free_port, running

THREADS = 10
"""Threads of the legacy side under gunicorn: as many as connections in its pool, and as the bridge has."""

NAMES = ("bare WSGI", "bridge", "front door, legacy", "bare FastAPI", "front door, modern")
_APPLICATIONS = {
    "bridge": "benchmarks.bridge:app",
    "front door, legacy": "legacy_flask.asgi:app",
    "bare FastAPI": "fastapi_app.asgi:app",
    "front door, modern": "legacy_flask.asgi:app",
}


@dataclass(frozen=True)
class Side:
    """A name for the report, and the address of the server behind it."""

    name: str
    base: str


@contextmanager
def five_sides(legacy: Config, modern: Config, folder: Path, core: int) -> Iterator[tuple[Side, ...]]:
    """Starts all five, pinned to `core`, one process each.

    The two configurations name equal libraries. Flags live in the library's database, so the two settings of the
    front door need one each.
    """
    move_all(legacy, Stage.LEGACY)
    move_all(modern, Stage.MODERN)
    with ExitStack() as servers, ThreadPoolExecutor(len(NAMES)) as starting:

        def start(name: str) -> Side:
            port = free_port()
            argv = ["taskset", "-c", str(core), sys.executable, "-m", *_command(name, port)]
            config = modern if name == "front door, modern" else legacy
            server = servers.enter_context(running(argv, port, environment(config), folder, ready="/api/health"))
            return Side(name, server.base)

        yield tuple(starting.map(start, NAMES))


def move_all(config: Config, stage: Stage) -> None:
    """Sets every flag that both sides own."""
    keys = [row.key for row in build(config).table if row.owner is Owner.BOTH]
    store = create_store(config)
    store.apply([Change(key, stage) for key in keys], actor="benchmark", reason="all on one side")
    store.close()


def environment(config: Config) -> dict[str, str]:
    """What makes a server find this library."""
    return {
        "MVIDARR_DATABASE_URL": config.database_url,
        "MVIDARR_DATA_DIR": str(config.data_dir),
        "MVIDARR_SECRET_KEY": "a-key-for-measuring-and-nothing-else",
        "MVIDARR_LOG_LEVEL": "WARNING",  # gunicorn writes no access log either
    }


def _command(name: str, port: int) -> list[str]:
    if name == "bare WSGI":
        threaded = ["-k", "gthread", "--threads", str(THREADS), "-b", f"127.0.0.1:{port}", "--log-level", "warning"]
        return ["gunicorn", *threaded, "legacy_flask.wsgi:app"]
    quiet = ["--log-level", "warning", "--no-access-log", "--no-server-header"]
    return ["uvicorn", _APPLICATIONS[name], "--port", str(port), *quiet]
