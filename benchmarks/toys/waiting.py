"""Toys that wait for others: for a slow site outside, and for commands of the system. Factories for servers.

Legacy does it as 0.9 did: `requests` and `subprocess.run` in the request's own thread. Modern has httpx clients of ten
connections, as the product's have, for one looks through all of its connections at each request. It has commands run
by `commands.py`: a thread for each would cost more than it gains, and uvloop's own way forks, which takes seven times
the processor time. Nothing is kept between two requests.
"""

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import httpx
import requests
from fastapi import FastAPI, HTTPException
from flask import Flask, abort, jsonify
from flask.typing import ResponseReturnValue

from benchmarks.toys.commands import Commands, ceiling
from benchmarks.toys.door import door
from router import Router

COMMANDS = {
    "df": ("df", "-k", "/"),
    "service": ("sh", "-c", "kill -0 1 2> /dev/null; echo $?"),
    "git": ("git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"),
}
"""The probe is what a service's script does where there is no systemd: ask whether a process is there."""

_LOOK_EVERY = 0.002
_CLIENTS, _CONNECTIONS = 25, 10
"""For 250 calls at the same time; the scenario has 200."""


def legacy() -> Flask:
    app = Flask("waiting", static_folder=None)
    kept = threading.local()

    @app.get("/ready")
    def ready() -> ResponseReturnValue:
        return jsonify(ready=True)

    @app.get("/outside")
    def outside() -> ResponseReturnValue:
        if not hasattr(kept, "session"):
            kept.session = requests.Session()
        return jsonify(size=len(kept.session.get(_outside(), timeout=10).content))

    @app.get("/commands/<name>")
    def command(name: str) -> ResponseReturnValue:
        if name not in COMMANDS:
            abort(404)
        told = _run(COMMANDS[name])
        return jsonify(code=told.returncode, size=len(told.stdout))

    return app


def modern() -> FastAPI:
    worst = [0.0]
    clients: list[httpx.AsyncClient] = []
    commands = Commands()
    calls = count()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        async with AsyncExitStack() as opened:
            made = [httpx.AsyncClient(limits=limits, timeout=10) for _ in range(_CLIENTS)]
            clients.extend([await opened.enter_async_context(one) for one in made])
            watching = asyncio.create_task(_watched(worst))
            yield
            watching.cancel()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.get("/ready")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    @app.get("/lag")
    async def lag() -> dict[str, float]:
        """The longest pause of the loop since this was asked last, in milliseconds."""
        found, worst[0] = worst[0], 0.0
        return {"worst_ms": found * 1000}

    @app.get("/outside")
    async def outside() -> dict[str, int]:
        client = clients[next(calls) % _CLIENTS]
        return {"size": len((await client.get(_outside())).content)}

    @app.get("/commands/{name}")
    async def command(name: str) -> dict[str, int]:
        if name not in COMMANDS:
            raise HTTPException(404)
        told = await commands.run(COMMANDS[name])
        return {"code": told.code, "size": len(told.output)}

    @app.get("/ceiling")
    def highest() -> dict[str, float]:
        """How many commands a second this core can run at all, without HTTP."""
        return {"per_second": ceiling(tuple(COMMANDS.values()))}

    return app


def hybrid() -> Router:
    return door(legacy(), modern())


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, capture_output=True, check=False, timeout=5)


def _outside() -> str:
    return os.environ["TOY_OUTSIDE"]


async def _watched(worst: list[float]) -> None:
    """Wakes up every now and then; how much too late, at worst, is how long the loop stood still."""
    while True:
        due = time.perf_counter() + _LOOK_EVERY
        await asyncio.sleep(_LOOK_EVERY)
        worst[0] = max(worst[0], time.perf_counter() - due)
