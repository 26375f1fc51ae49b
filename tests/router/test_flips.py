"""Flags flip while clients keep asking: nobody notices but by the name of who answered."""

import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from tests.router.serving import serving
from tests.router.toys import KEYS, create_legacy, create_modern

FLIPS = 50
REQUESTS = (("GET", "/api/one/7"), ("GET", "/api/two"), ("POST", "/api/three"))
SEEN_WITHIN = 1.0


class Record:
    """When each route's flag changed to what."""

    def __init__(self) -> None:
        self._changes: dict[str, list[tuple[float, str]]] = {key: [(0.0, "legacy")] for key in KEYS}

    def add(self, stage: Stage) -> None:
        for changes in self._changes.values():
            changes.append((time.monotonic(), stage.value))

    def sides(self, key: str, began: float, ended: float) -> set[str]:
        """The sides that the flag named during a request, or a moment before."""
        changes = self._changes[key]
        untils = [at for at, _ in changes[1:]] + [float("inf")]
        return {
            side
            for (at, side), until in zip(list(changes), untils, strict=False)
            if at <= ended and until >= began - SEEN_WITHIN
        }


def _client(port: int, stopped: threading.Event, record: Record, wrong: list[object], sides: list[str]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        for key, (method, path) in zip(itertools.cycle(KEYS), itertools.cycle(REQUESTS), strict=False):
            if stopped.is_set():
                return
            try:
                began = time.monotonic()
                connection.request(method, path)
                response = connection.getresponse()
                body = json.loads(response.read())
            except Exception as error:  # noqa: BLE001  # the thread's edge: every failure fails the test
                wrong.append(error)
                return
            served_by = response.headers["X-Served-By"]
            if response.status != 200 or body["side"] != served_by:
                wrong.append((response.status, body, served_by))
            if served_by not in record.sides(key, began, time.monotonic()):
                wrong.append((key, served_by, "was not named"))
            sides.append(served_by)


def test_fifty_flips_under_load_fail_no_request() -> None:
    store, record, stopped = MemoryStore(), Record(), threading.Event()
    router = Router(create_legacy(), create_modern(), store, poll_interval=0.02)
    wrong, sides = list[object](), list[str]()
    with serving(router) as server:
        arguments = (server.port, stopped, record, wrong, sides)
        clients = [threading.Thread(target=_client, args=arguments) for _ in range(4)]
        for client in clients:
            client.start()
        _flip(store, record, router)
        stopped.set()
        for client in clients:
            client.join(15)
        assert not any(client.is_alive() for client in clients)
        counted = _served(router)
    assert wrong == []
    assert counted == len(sides)
    assert {"legacy", "modern"} == set(sides)
    assert router.epoch == FLIPS


def _flip(store: MemoryStore, record: Record, router: Router) -> None:
    """Waits for each flip to be served, and a few requests more, before the next."""
    for number in range(FLIPS):
        stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
        record.add(stage)
        store.apply([Change(key, stage) for key in KEYS], actor="test", reason="flip")
        _until(partial(_epoch_is, router, number + 1))
        _until(partial(_has_served, router, _served(router) + 6))


def _epoch_is(router: Router, epoch: int) -> bool:
    return router.epoch == epoch


def _served(router: Router) -> int:
    return sum(router.metrics.requests().values())


def _has_served(router: Router, count: int) -> bool:
    return _served(router) >= count


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "A flip was not seen in time."
        time.sleep(0.002)
