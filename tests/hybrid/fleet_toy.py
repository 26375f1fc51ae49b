"""A Flask and a FastAPI application behind the front door, for tests of many workers: modern fails on demand.

The environment says how a worker is made: ``TOY_STORE`` is the address of the flag store; ``TOY_PROBE_AFTER`` the
seconds until a route that took itself back is tried again; ``TOY_FROZEN_AFTER`` and ``TOY_WITHDRAWN_AFTER`` the
seconds of the store's silence that count as long; ``TOY_SKEW`` by how many seconds the workers' clocks are wrong, half
of them fast and half of them slow, told apart in the folder ``TOY_FOLDER``.
"""

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Header
from flask import Flask

import router.partition
from migration_flags import FlagStore
from migration_flags.stores.address import store_at
from migration_flags.stores.sql import SQLStore
from router import Router
from router.rollback.probe import ProbeRule
from router.rollback.rules import RollbackRules
from router.types import ASGIApp, Receive, Scope, Send
from tests.servers.fleet import STATE

FACTORY = f"{__name__}:create"
PATH, KEY = "/toy", "GET /toy"


class ModernIsBroken(Exception):
    """On demand."""


def create_legacy() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get(PATH)
    def toy() -> str:
        return "toy"

    return app


def create_modern() -> FastAPI:
    app = FastAPI()

    @app.get(PATH)
    async def toy(x_fault: str = Header("")) -> str:
        if x_fault:
            raise ModernIsBroken
        return "toy"

    return app


def identify(scope: Scope) -> str | None:
    """The visitor's own word, which is enough for a toy."""
    return next((f"user:{value.decode()}" for name, value in scope["headers"] if name == b"authorization"), None)


def create() -> ASGIApp:
    router.partition.FROZEN_AFTER = float(os.environ.get("TOY_FROZEN_AFTER", "30"))
    router.partition.WITHDRAWN_AFTER = float(os.environ.get("TOY_WITHDRAWN_AFTER", "600"))
    skew = float(os.environ.get("TOY_SKEW", "0"))
    skew *= _turn() if skew else 1
    probe = ProbeRule(after=timedelta(seconds=float(os.environ.get("TOY_PROBE_AFTER", "300"))))
    door = Router(
        create_legacy(),
        create_modern(),
        _store(skew),
        identify=identify,
        rollback=RollbackRules(probe=probe),
        clock=lambda: time.perf_counter() + skew,
    )
    return Told(door, skew)


class Told:
    """The front door, and at `STATE` what the worker knows of itself."""

    def __init__(self, door: Router, skew: float) -> None:
        self._door = door
        self._skew = skew

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != STATE:
            await self._door(scope, receive, send)
            return
        body = json.dumps(self._state()).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _state(self) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "epoch": self._door.epoch,
            "trouble": self._door.trouble,
            "frozen": self._door._refresher.is_frozen,
            "side": self._door.decision(KEY).side.value,
            "reason": self._door.decision(KEY).reason,
            "skew": self._skew,
            "threads": threading.active_count(),
        }


def _store(skew: float) -> FlagStore:
    address = os.environ["TOY_STORE"]
    if not skew:
        return store_at(address)
    return SQLStore(address, clock=lambda: datetime.now(UTC) + timedelta(seconds=skew))


def _turn() -> int:
    """1 for the first worker, -1 for the second, and so on: whose file can be made is next."""
    for number in count():
        try:
            (Path(os.environ["TOY_FOLDER"]) / f"worker-{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return 1 if number % 2 == 0 else -1
    raise AssertionError
