"""A web process that can be stopped and started in the middle of a test."""

import sys
from contextlib import ExitStack
from pathlib import Path

from tests.servers.web import free_port, running


class Site:
    """The web process, always on the same port."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._port = free_port()
        self._environment = environment
        self._folder = folder
        self._started = ExitStack()
        self.base = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        argv = [sys.executable, "-m", "uvicorn", "fastapi_app.asgi:app", "--port", str(self._port), "--no-access-log"]
        argv += ["--timeout-graceful-shutdown", "1"]
        self._started.enter_context(running(argv, self._port, self._environment, self._folder))

    def stop(self) -> None:
        self._started.close()
