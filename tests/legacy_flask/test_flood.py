"""One address can't have the legacy side for itself, however many threads and processes serve it."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastapi_app.operations import redis_server
from legacy_flask import flood as flood_module
from legacy_flask.errors import TooManyRequests
from legacy_flask.flood import SECONDS, Flood, keep, subject
from tests.legacy_flask.library import Library, make_library
from tests.operations.processes import until

LIMIT = 20
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Library]:
    with make_library(tmp_path) as made:
        keep(Flood(LIMIT, clock=Clock()), made.app)
        yield made


def passed(flood: Flood, times: int, address: str = "203.0.113.9") -> int:
    """How many of these requests were let through."""
    count = 0
    for _ in range(times):
        try:
            flood.refuse(address)
        except TooManyRequests:
            continue
        count += 1
    return count


def test_one_too_many_is_refused_and_told_when_to_come_back(limited: Library) -> None:
    client = limited.client()
    answers = [client.get("/api/videos/", environ_base=STRANGER) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
    assert answers[-1].json == {"error": "Too many requests, try again later"}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= SECONDS + 1
    assert client.get("/static/page.css", environ_base=STRANGER, buffered=True).status_code == 200
    assert client.get("/api/health", environ_base=STRANGER).status_code == 200
    assert client.get("/api/videos/", environ_base={"REMOTE_ADDR": "203.0.113.10"}).status_code == 200
    assert client.get("/api/videos/").status_code == 200


def test_copies_of_a_request_do_not_count(limited: Library) -> None:
    client = limited.client()
    copy = {**STRANGER, "asgi.scope": {"extensions": {"http.request.copy": {}}}}
    answers = [client.get("/api/videos/", environ_base=copy) for _ in range(LIMIT + 1)]
    assert {answer.status_code for answer in answers} == {200}


def test_the_turn_of_a_window_is_no_gap() -> None:
    clock = Clock()
    flood = Flood(LIMIT, clock=clock)
    clock.at += SECONDS - 0.01
    assert passed(flood, 2 * LIMIT) == LIMIT
    clock.at += 0.02
    assert passed(flood, LIMIT) <= 1
    clock.at += 2 * SECONDS
    assert passed(flood, LIMIT) == LIMIT


def test_threads_count_together() -> None:
    flood, counts = Flood(1000, clock=Clock()), []
    threads = [threading.Thread(target=lambda: counts.append(passed(flood, 400))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 1000


def test_a_hundred_thousand_addresses_fill_nothing() -> None:
    flood = Flood(LIMIT, clock=Clock())
    for number in range(100_000):
        flood.refuse(str(number))
    assert len(flood._current) + len(flood._before) <= 100_000


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_one_sender(address: str, counted: str) -> None:
    assert subject(address) == counted


def test_processes_count_together_through_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood_module, "_PATIENCE", 30.0)  # whether a busy machine answers in time is not the question
    place = tmp_path / "redis.sock"
    server = subprocess.Popen(redis_server.command(redis_server.executable(), place), stdout=subprocess.DEVNULL)
    clock = Clock()
    floods = [Flood(LIMIT, redis_server.url(place), clock) for _ in range(2)]
    try:
        until(lambda: redis_server.answers(redis_server.url(place)))
        together = sum(passed(flood, 1) for _ in range(LIMIT) for flood in floods)
        assert LIMIT <= together <= LIMIT * 1.3
    finally:
        for flood in floods:
            flood.close()
        server.terminate()
        server.wait(10)


def test_without_redis_each_process_counts_alone(
    tmp_path: Path, limited: Library, caplog: pytest.LogCaptureFixture
) -> None:
    flood = Flood(LIMIT, redis_server.url(tmp_path / "nobody.sock"), Clock())
    with limited.app.app_context():
        assert passed(flood, 2 * LIMIT) == LIMIT
    flood.close()
    assert caplog.text.count("Redis is away") == 1
