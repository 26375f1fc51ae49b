"""The ways in which one toy application is served, side by side."""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.generator import request
from benchmarks.toys.modern import MANY
from benchmarks.toys.serve import THREADS
from tests.servers.web import Web, free_port, running

LEGACY = "benchmarks.toys.legacy:create_legacy"
MODERN = "benchmarks.toys.modern"
SERVE = "benchmarks.toys.serve"
_GUNICORN = ("gunicorn", "-k", "gthread", "--threads", str(THREADS), "-b", "127.0.0.1:{port}", "--log-level", "warning")
_GRANIAN = ("granian", "--interface", "wsgi", "--blocking-threads", str(THREADS), "--port", "{port}", "--no-ws")
_UVICORN = (
    "uvicorn",
    "--factory",
    "--port",
    "{port}",
    "--log-level",
    "warning",
    "--no-access-log",
    "--no-server-header",
)


@dataclass(frozen=True)
class Contender:
    """One server: what runs after ``python -m``, and the path that says that it is up. ``needs`` is a module."""

    name: str
    command: tuple[str, ...]
    needs: str = ""
    ready: str = "/json"

    @property
    def is_installed(self) -> bool:
        return not self.needs or find_spec(self.needs) is not None


GUNICORN = Contender("gunicorn gthread", (*_GUNICORN, f"{LEGACY}()"), "gunicorn")
WERKZEUG = Contender("Werkzeug threaded", ("benchmarks.toys.development", "{port}"))
GRANIAN = Contender("granian WSGI", (*_GRANIAN, "--log-level", "warning", "--factory", LEGACY), "granian")
A2WSGI = Contender("a2wsgi", (*_UVICORN, f"{SERVE}:a2wsgi"))
BRIDGE = Contender("bridge", (*_UVICORN, f"{SERVE}:bridge"))
LEGACY_DOOR = Contender("front door, legacy", (*_UVICORN, f"{SERVE}:legacy_behind_the_door"))
BARE_MODERN = Contender("bare FastAPI", (*_UVICORN, f"{MODERN}:create_modern"))
MODERN_DOOR = Contender("front door, modern", (*_UVICORN, f"{SERVE}:modern_behind_the_door"))
BARE_RECORD = Contender("bare FastAPI, one route", (*_UVICORN, f"{MODERN}:create_record"))
RECORD_DOOR = Contender("front door, one route", (*_UVICORN, f"{SERVE}:record_behind_the_door"))
BARE_NOUNS = Contender(f"bare FastAPI, {MANY} routes", (*_UVICORN, f"{MODERN}:create_nouns"), ready="/api/noun0/1")
NOUNS_DOOR = Contender(
    f"front door, {MANY} routes", (*_UVICORN, f"{SERVE}:nouns_behind_the_door"), ready="/api/noun0/1"
)

CONTROLS = (GUNICORN, WERKZEUG)
ALL_ROUTES = (*CONTROLS, GRANIAN, A2WSGI, BRIDGE, LEGACY_DOOR, BARE_MODERN, MODERN_DOOR)
JUDGED = (*CONTROLS, LEGACY_DOOR)
ONE_ROUTE = (BARE_RECORD, RECORD_DOOR)
MANY_ROUTES = (BARE_NOUNS, NOUNS_DOOR)

_FILE = b"\r\n".join(
    [
        b"--edge",
        b'Content-Disposition: form-data; name="file"; filename="a.bin"',
        b"Content-Type: application/octet-stream",
        b"",
        bytes(range(256)) * 400,
        b"--edge--",
        b"",
    ]
)
REQUESTS = {
    "json": (request("GET", "/json"),),
    "page": (request("GET", "/page"),),
    "upload": (request("POST", "/upload", _FILE, {"Content-Type": "multipart/form-data; boundary=edge"}),),
}
"""By route: what is asked of `ALL_ROUTES`. The upload is of 100 KiB."""

NOUNS = tuple(request("GET", f"/api/noun{number}/{number + 1}") for number in range(MANY))
"""What is asked of `MANY_ROUTES`: every route. A list is scanned further for the last one than for the first."""


@contextmanager
def contenders_running(contenders: Iterable[Contender], folder: Path, core: int) -> Iterator[dict[str, Web]]:
    """Starts them all, one process each, pinned to ``core``. By name."""
    chosen = list(contenders)
    with ExitStack() as servers, ThreadPoolExecutor(4) as starting:

        def start(contender: Contender) -> Web:
            port = free_port()
            command = [part.format(port=port) for part in contender.command]
            argv = ["taskset", "-c", str(core), sys.executable, "-m", *command]
            return servers.enter_context(running(argv, port, {}, folder, ready=contender.ready))

        yield dict(zip([one.name for one in chosen], starting.map(start, chosen), strict=True))
