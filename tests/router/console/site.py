"""The console of a toy behind a real uvicorn, asked over its socket."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from migration_flags import FlagStore
from router import Router
from tests.router.console.toy import create_router
from tests.router.serving import fetch, serving

BOTH = "GET /api/videos/all0"
OTHER = "GET /api/artists/{id}/part1"
LEGACY_ONLY = "POST /api/settings/all3"
MODERN_ONLY = "GET /api/jobs/{id}/part7"
WRITE = {"content-type": "application/json", "x-strangler-console": "1"}


@dataclass
class Site:
    """``port`` is the server's; ``router`` is in this process."""

    port: int
    router: Router
    store: FlagStore

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return fetch(self.port, path, headers=_named(headers))

    def api(self, name: str, **headers: str) -> Any:
        status, _, body = self.get(f"/_strangler/api/{name}", **headers)
        assert status == 200, (status, body)
        return json.loads(body)

    def state(self, **headers: str) -> Any:
        return self.api("state", **headers)

    def route(self, key: str) -> Any:
        return self.api(f"route?key={quote(key)}")

    def seen(self, key: str) -> Any:
        """A route as the state tells it."""
        return next(route for route in self.state()["routes"] if route["key"] == key)

    def post(self, name: str, value: Any, **headers: str) -> tuple[int, Any]:
        status, body = self.send(name, json.dumps(value).encode(), {**WRITE, **_named(headers)})
        return status, json.loads(body)

    def send(self, name: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        status, _, answer = fetch(self.port, f"/_strangler/api/{name}", "POST", body, headers)
        return status, answer

    def move(self, key: str, stage: str, percent: float | None = None, **more: Any) -> tuple[int, Any]:
        value = {"keys": [key], "stage": stage, "percent": percent, "reason": "a test", "gated": False}
        return self.post("moves", {**value, "epoch": self.store.epoch(), **more})


@contextmanager
def opened(
    store: FlagStore, count: int = 30, *, server: Mapping[str, Any] | None = None, **options: Any
) -> Iterator[Site]:
    """A site on a store, from its start to its stop. ``server`` is for uvicorn."""
    router = create_router(store, count, **options)
    with serving(router, **(server or {})) as started:
        yield Site(started.port, router, store)


@contextmanager
def listening(port: int, **headers: str) -> Iterator[http.client.HTTPResponse]:
    """An open stream of events."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/_strangler/api/events", headers=_named(headers))
        yield connection.getresponse()
    finally:
        connection.close()


def event(stream: http.client.HTTPResponse, name: str) -> Any:
    """The data of the next event of that name."""
    while line := stream.readline():
        if line.strip() == f"event: {name}".encode():
            return json.loads(stream.readline().removeprefix(b"data: "))
    raise AssertionError("The stream ended.")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
