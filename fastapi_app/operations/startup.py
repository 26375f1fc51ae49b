"""`mvidarr up`: one installation, from nothing to an address that answers, and back to nothing."""

import http.client
import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from fastapi_app.config import Config
from fastapi_app.operations import accounts, folder, gate, listener, redis_server, tables
from fastapi_app.operations.supervision import StopRequested, Supervisor
from fastapi_app.secret_key import signing_keys

REDIS_SECONDS = 10.0
WEB_SECONDS = 60.0
_WEB_GRACE_SECONDS = 8.0
_WORKER_GRACE_SECONDS = 7.0
_REDIS_GRACE_SECONDS = 3.0
_PROBE_SECONDS = 1.0


@dataclass(frozen=True)
class Welcome:
    """What the person at the terminal needs. `password` only when the administrator was made just now."""

    address: str
    password: str | None
    gate_open: bool


def run(config: Config, announce: Callable[[Welcome], None], fill: Callable[[Engine], None] | None = None) -> None:
    """Returns when asked to stop. Raises Refusal, SchemaError or UnusableSecretKey; whatever happens, no child remains.

    `fill` is given the current tables before anything is served.
    """
    with ExitStack() as stack:
        door = stack.enter_context(listener.listen(config.host, config.port))
        folder.prepare(config.data_dir)
        lock = stack.enter_context(folder.claimed(config.data_dir))
        signing_keys(config)
        engine = stack.enter_context(tables.engine_for(config))
        tables.bring_up_to_date(engine)
        if fill is not None:
            fill(engine)
        run_folder = stack.enter_context(redis_server.socket_folder(config.data_dir))
        stack.enter_context(suppress(StopRequested))
        supervisor = stack.enter_context(Supervisor())
        redis_url = config.redis_url or _start_redis(supervisor, run_folder, config.data_dir, lock)
        welcome = _start_web(supervisor, config, door, lock, redis_url)
        announce(Welcome(welcome, accounts.create_first(engine), gate.is_open(engine)))
        if config.worker_processes:
            _start_worker(supervisor, lock, redis_url)
        supervisor.watch()


def _start_redis(supervisor: Supervisor, run_folder: Path, data_dir: Path, lock: int) -> str:
    place = run_folder / redis_server.SOCKET_NAME
    log_path = data_dir / "logs" / redis_server.LOG_NAME
    log_path.parent.mkdir(exist_ok=True)
    with log_path.open("wb") as log:
        supervisor.start(
            "The private Redis",
            redis_server.command(redis_server.executable(), place),
            descriptors=[lock],
            output=log,
            grace_seconds=_REDIS_GRACE_SECONDS,
        )
    address = redis_server.url(place)
    supervisor.wait_until(
        lambda: redis_server.answers(address),
        seconds=REDIS_SECONDS,
        otherwise=f"The private Redis doesn't answer: {log_path} says why.",
    )
    return address


def _start_web(supervisor: Supervisor, config: Config, door: socket.socket, lock: int, redis_url: str) -> str:
    port = listener.port_of(door)
    descriptor = door.fileno()
    web = supervisor.start(
        "The web process",
        [sys.executable, "-m", "fastapi_app.cli", "serve", "--listener", str(descriptor)],
        environment={**os.environ, "MVIDARR_REDIS_URL": redis_url, "MVIDARR_PORT": str(port)},
        descriptors=[descriptor, lock],
        grace_seconds=_WEB_GRACE_SECONDS,
    )
    door.close()
    host = listener.reachable_host(config.host)
    supervisor.wait_until(
        lambda: _is_ready(host, port),
        seconds=WEB_SECONDS,
        otherwise=f"{web.name} didn't get ready in {WEB_SECONDS:.0f} s.",
    )
    return listener.address(config.host, port, config.base_url)


def _start_worker(supervisor: Supervisor, lock: int, redis_url: str) -> None:
    """Once the web answers, which needs the machine until then. A worker may die without anybody losing anything."""
    supervisor.start(
        "The worker",
        [sys.executable, "-m", "fastapi_app.cli", "worker", "--beat"],
        environment={**os.environ, "MVIDARR_REDIS_URL": redis_url},
        descriptors=[lock],
        grace_seconds=_WORKER_GRACE_SECONDS,
        joins=True,
        restarts=True,
    )


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_PROBE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
