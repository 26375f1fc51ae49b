"""One address can't have the server for itself; everybody else notices nothing; counting costs and keeps little."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import CapturingLogger

from fastapi_app.middleware import tally as tally_module
from fastapi_app.middleware.flood import SECONDS, Flood, subject
from fastapi_app.middleware.tally import Tally
from fastapi_app.middleware.windows import MOST_ADDRESSES, Windows
from fastapi_app.operations import redis_server
from tests.operations.processes import until

pytestmark = pytest.mark.anyio

LIMIT = 20


async def toy(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


async def ask(
    flood: Flood, address: str, path: str = "/api/videos/", tally: Tally | None = None, **extensions: Any
) -> Any:
    """The first message of the answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "client": (address, 1)}
    await flood({**scope, "state": {"tally": tally}, "extensions": extensions}, receive, send)
    return sent[0]


async def statuses(flood: Flood, address: str, times: int, **options: Any) -> list[int]:
    return [(await ask(flood, address, **options))["status"] for _ in range(times)]


async def test_copies_of_a_request_do_not_count() -> None:
    flood = Flood(toy, LIMIT, Clock())
    copies = await statuses(flood, "203.0.113.9", LIMIT + 1, **{"http.request.copy": {}})
    assert set(copies) == {200}


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a private Redis, which may take its time: whom it misses within the limit is not the question."""
    monkeypatch.setattr(tally_module, "_PATIENCE", 30.0)
    place = tmp_path / "redis.sock"
    command = redis_server.command(redis_server.executable(), place)
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: redis_server.answers(redis_server.url(place)))
        yield redis_server.url(place)
    finally:
        server.terminate()
        server.wait(10)


async def test_one_too_many_is_refused_and_told_when_to_come_back() -> None:
    clock = Clock()
    flood = Flood(toy, LIMIT, clock)
    assert await statuses(flood, "203.0.113.9", LIMIT) == [200] * LIMIT
    refused = await ask(flood, "203.0.113.9")
    assert refused["status"] == 429
    assert 1 <= int(dict(refused["headers"])[b"retry-after"]) <= SECONDS + 1
    assert await statuses(flood, "203.0.113.10", 1) == [200]
    clock.at += 2 * SECONDS
    assert await statuses(flood, "203.0.113.9", 1) == [200]


async def test_the_turn_of_a_window_is_no_gap() -> None:
    clock = Clock()
    flood = Flood(toy, LIMIT, clock)
    clock.at += SECONDS - 0.01
    assert await statuses(flood, "203.0.113.9", LIMIT) == [200] * LIMIT
    clock.at += 0.02
    assert (await statuses(flood, "203.0.113.9", LIMIT)).count(200) <= 1
    clock.at += SECONDS / 2
    assert LIMIT / 2 - 1 <= (await statuses(flood, "203.0.113.9", LIMIT)).count(200) <= LIMIT / 2 + 1


async def test_pictures_of_pages_health_and_metrics_are_not_counted() -> None:
    flood = Flood(toy, 1)
    for path in ("/static/page.css", "/healthz", "/readyz", "/metrics", "/api/health", "/favicon.ico"):
        assert await statuses(flood, "203.0.113.9", 3, path=path) == [200] * 3


async def test_this_machine_is_not_counted() -> None:
    flood = Flood(toy, 1)
    for address in ("127.0.0.1", "127.1.2.3", "::1", "", "testclient"):
        assert await statuses(flood, address, 3) == [200] * 3


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:127.0.0.1", ""),
        ("not an address", ""),
    ],
)
def test_an_ipv6_customer_is_one_sender(address: str, counted: str) -> None:
    assert subject(address) == counted


def test_a_hundred_thousand_addresses_fill_nothing() -> None:
    windows = Windows(LIMIT, SECONDS)
    for number in range(100_000):
        windows.hit(str(number), 5.0)
    assert len(windows._current) + len(windows._before) <= 2 * MOST_ADDRESSES
    windows.hit("late", 5.0 + 2 * SECONDS)
    assert len(windows._current) + len(windows._before) == 1


def test_counting_costs_next_to_nothing() -> None:
    windows = Windows(10**9, SECONDS)
    best = min(_seconds(windows) for _ in range(5))
    assert best / 2_000 < 20e-6


def _seconds(windows: Windows) -> float:
    """Of this thread's own work: who else is busy on the machine does not count."""
    began = time.thread_time()
    for _ in range(2_000):
        windows.hit(subject("203.0.113.9"), time.monotonic())
    return time.thread_time() - began


async def test_processes_count_together_through_redis(redis: str) -> None:
    clock = Clock()
    tallies = [Tally(redis, LIMIT, SECONDS) for _ in range(2)]
    try:
        floods = [Flood(toy, LIMIT, clock) for _ in tallies]
        passed = 0
        for _ in range(LIMIT):
            for flood, tally in zip(floods, tallies, strict=True):
                passed += (await ask(flood, "203.0.113.9", tally=tally))["status"] == 200
        assert LIMIT <= passed <= LIMIT * 1.3
    finally:
        for tally in tallies:
            await tally.close()


async def test_without_redis_each_process_counts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = CapturingLogger()
    monkeypatch.setattr("fastapi_app.middleware.tally.log", log)
    tally = Tally(redis_server.url(tmp_path / "nobody.sock"), LIMIT, SECONDS)
    try:
        flood = Flood(toy, LIMIT, Clock())
        assert await statuses(flood, "203.0.113.9", LIMIT, tally=tally) == [200] * LIMIT
        assert await statuses(flood, "203.0.113.9", 2, tally=tally) == [429, 429]
    finally:
        await tally.close()
    assert [call.args for call in log.calls] == [("floods are counted per process, Redis is away",)]


async def test_a_redis_that_went_away_is_asked_again_later(redis: str, tmp_path: Path) -> None:
    clock = Clock()
    tally = Tally(redis_server.url(tmp_path / "nobody.sock"), LIMIT, SECONDS, clock)
    try:
        assert await tally.hit("203.0.113.9")
        (tmp_path / "nobody.sock").symlink_to(tmp_path / "redis.sock")
        clock.at += 11
        assert [await tally.hit("203.0.113.9") for _ in range(LIMIT + 1)] == [True] * LIMIT + [False]
    finally:
        await tally.close()
