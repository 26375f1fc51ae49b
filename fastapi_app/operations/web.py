"""The web process: uvicorn, told what the configuration says and nothing else."""

import logging
import multiprocessing
import signal
import socket
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from fastapi_app.config import Config
from fastapi_app.logs import ACCESS, FORMATTERS, Form
from fastapi_app.middleware.forwarded import Forwarded
from fastapi_app.operations import application, configuration
from fastapi_app.operations.parent_death import leash

GRACE_SECONDS = 5
"""How long a request under way may still take once the process was asked to end."""


LARGEST_MESSAGE = 2**20
"""Bytes of a message on a WebSocket that are taken in at all. What it is for refuses far smaller ones."""

_TELLS_VALUES = ("aiosqlite",)
"""Drivers that write down the values of every statement at DEBUG, hashes and session tokens among them."""


def options(config: Config) -> dict[str, Any]:
    """What uvicorn is told. It writes no access log, for addresses carry search words and tokens; ours names routes."""
    return {
        "workers": config.workers,
        "proxy_headers": False,  # Forwarded does it
        "root_path": config.base_url,
        "server_header": False,
        "access_log": False,
        "ws_max_size": LARGEST_MESSAGE,
        "ws_per_message_deflate": False,  # a text would be compressed once for each socket, and each keeps a window
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "log_config": log_config(config.log_level, config.log_format),
    }


def log_config(level: str, form: Form = "text") -> dict[str, Any]:
    """Warnings and worse to standard error, or everything at DEBUG; an unknown level counts as INFO.

    Finished requests are told from INFO on.

    uvicorn's own news of starting and stopping would only repeat what the commands say.
    """
    named = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATTERS[form]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {name: {"level": "INFO"} for name in _TELLS_VALUES} | {ACCESS: {"level": named}},
        "root": {"level": named if named <= logging.DEBUG else max(named, logging.WARNING), "handlers": ["stderr"]},
    }


def serve(config: Config, listener: socket.socket, *, adopted: bool) -> None:
    """Serves until asked to end. Raises ApplicationUnknown before the first request is taken.

    `adopted` says whether the library came from 0.9.
    """
    loaded = application.load(config.app)
    application.prepare(config.app, config, adopted=adopted)
    if config.workers == 1:
        _end_as_asked()
        uvicorn.Server(uvicorn.Config(behind_proxies(loaded, config), **options(config))).run(sockets=[listener])
        return
    shared = uvicorn.Config(f"{__name__}:worker_application", factory=True, **options(config))
    Multiprocess(shared, sockets=[listener]).run()


def behind_proxies(loaded: application.Application, config: Config) -> application.Application:
    """The application, told of its visitors by the proxies that are trusted."""
    return Forwarded(loaded, config.trusted_proxies)


def _end_as_asked() -> None:
    """uvicorn repeats the signal that ended it; answered like this, an orderly stop has exit code 0."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


def worker_application() -> application.Application:
    """The application inside one of several workers, which ends when the process that started it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        leash(parent.pid)()
    config = configuration.read()
    return behind_proxies(application.load(config.app), config)
