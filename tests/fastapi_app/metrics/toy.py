"""An application of several workers that counts, without a database: `STATE` tells its process, `/metrics` the sums."""

import json
import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from fastapi_app.metrics.sharing import Sharing, opened
from tests.servers.fleet import STATE

FACTORY = f"{__name__}:Toy"
EVERY = 0.2


class Toy:
    """``TOY_DATA`` is the data folder. `/count` counts."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._counted = Counter("toy_counted", "Requests.", ("path",), registry=registry)
        self._seconds = Histogram("toy_seconds", "Seconds.", buckets=(1.0, 2.0), registry=registry)
        Gauge("toy_epoch", "Epoch.", ("worker",), registry=registry).labels(str(os.getpid())).set(7)
        self._highest = Gauge("toy_highest", "The same everywhere.", registry=registry)
        self._registry = registry
        self._stack = AsyncExitStack()
        self._sharing: Sharing | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["path"] == "/count":
            self._counted.labels("/count").inc()
            self._seconds.observe(1.5)
            self._highest.set(3)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self._body(scope["path"])})

    def _body(self, path: str) -> bytes:
        if path == STATE:
            return json.dumps({"pid": os.getpid()}).encode()
        return self._sharing.text() if path == "/metrics" and self._sharing is not None else b""

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._sharing = await self._stack.enter_async_context(
            opened(self._registry, Path(os.environ["TOY_DATA"]), EVERY)
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})
