"""Ten thousand requests of every kind, faults mixed in, leave the server as it was."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.router.serving import PROTOCOLS, Child, child, fetch, get, raw, talk

CLIENTS = 4
RSS_KIB = 6 * 1024
OBJECTS = 300
BROKEN = [
    {"fail": "before"},
    {"fail": "after", "blocks": ["x"], "times": 100_000},
    {"fail": "after", "blocks": ["x"], "headers": [["Content-Length", "1"]]},
    {"blocks": ["hello"], "headers": [["Content-Length", "50"]]},
    {"blocks": ["hello"], "headers": [["Content-Length", "2"]]},
    {"blocks": ["hello"], "headers": [["X-Evil", "a\r\nb: c"]]},
    {"blocks": ["hello"], "status": "nonsense"},
    {"blocks": ["hello"], "close": "broken"},
    {"blocks": [""], "fail": "page"},
    {"status": "204 No Content"},
    {"status": "304 Not Modified", "blocks": ["hello"]},
    {"write": ["x" * 1000], "blocks": ["hello"]},
]


def status(answer: bytes) -> int:
    return int(answer[9:12] or 0)


def keep_alive(port: int, dice: random.Random) -> list[int]:
    received = talk(port, get("/hello", close=False) * 19 + get("/told"))
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


def small(port: int, dice: random.Random) -> list[int]:
    body = dice.randbytes(dice.randrange(2000))
    found, _, back = fetch(port, "/echo", "POST", body)
    assert back == body
    return [found]


def large(port: int, dice: random.Random) -> list[int]:
    body = bytes(dice.randrange(70_000, 600_000))
    found, _, back = fetch(port, "/count", "POST", iter([body, body[:99]]) if dice.random() < 0.5 else body)
    assert int(back) >= len(body)
    return [found]


def head(port: int, dice: random.Random) -> list[int]:
    return [status(talk(port, get("/hello", method="HEAD")))]


def stream(port: int, dice: random.Random) -> list[int]:
    path = dice.choice(["/blocks?number=8&size=50000", "/film?size=700000", "/blocks?number=900&size=10&told=1"])
    found, _, body = fetch(port, path)
    assert len(body) >= 9_000
    return [found]


def broken(port: int, dice: random.Random) -> list[int]:
    return [status(talk(port, get("/says?answer=" + quote(json.dumps(dice.choice(BROKEN))))))]


def abandoned(port: int, dice: random.Random) -> list[int]:
    connection, received = raw(port, get(dice.choice(["/events", "/events?every=0&size=100000"])), enough=20)
    connection.close()
    return [status(received)]


def failed_send(port: int, dice: random.Random) -> list[int]:
    line = dice.choice([f"X-Fail-At: {dice.randrange(5)}", "X-Cancel-After: 0.01"])
    return [status(talk(port, get("/events?every=0.001&size=90000", line)))]


def half(port: int, dice: random.Random) -> list[int]:
    sent = dice.choice([0, 10, 100_000])
    connection, _ = raw(port, get("/echo", "Content-Length: 200000", method="POST") + b"x" * sent, enough=0)
    connection.close()
    return [0]


def nonsense(port: int, dice: random.Random) -> list[int]:
    answer = talk(
        port, dice.choice([b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00\xff\r\n\r\n", get("/\xff")])
    )
    return [status(answer)]


def hasty(port: int, dice: random.Random) -> list[int]:
    """Leaves before the answer, or before the question."""
    connection, _ = raw(port, dice.choice([b"", get("/hello"), b"GET /hel"]), enough=0)
    connection.close()
    return [0]


KINDS: list[Callable[[int, random.Random], list[int]]] = [small, large, head, stream, broken, abandoned, failed_send]
KINDS += [half, nonsense, hasty]


def ask_many(server: Child, number: int, seed: int) -> Counter[int]:
    """So many requests, by a few clients at once. Returns how often each status came; 0 where none could."""

    def client(which: int) -> Counter[int]:
        dice, seen = random.Random(seed * 100 + which), Counter[int]()
        while seen.total() < number // CLIENTS:
            for kind in (keep_alive, *dice.sample(KINDS, len(KINDS))):
                seen.update(kind(server.port, dice))
        return seen

    with ThreadPoolExecutor(CLIENTS) as clients:
        total = sum(clients.map(client, range(CLIENTS)), Counter[int]())
    server.until(busy=0, zombies=0, waiting=0, streams=0)
    return total


def leaves_nothing(log: Path, protocol: str, number: int) -> dict[str, int]:
    """What was counted."""
    with child(log, protocol, server={"log_level": "critical"}, threads=CLIENTS + 1, patience=5) as server:
        ask_many(server, 1500, seed=1)
        before = weigh(server)
        statuses = ask_many(server, number, seed=2)
        after = weigh(server)
    assert statuses.total() >= number
    assert statuses[200] > number * 0.6
    assert statuses[500] > number * 0.01
    assert statuses[503] == 0
    threads, descriptors, objects, kib = (new - old for new, old in zip(after, before, strict=True))
    assert (threads, descriptors) == (0, 0)
    assert objects < OBJECTS
    assert kib < RSS_KIB
    return {"requests": statuses.total(), "objects more": objects, "KiB more": kib}


def weigh(server: Child) -> tuple[int, int, int, int]:
    """Threads, descriptors, living objects, and memory in KiB. Connections that were dropped are gone first."""
    objects = int(fetch(server.port, "/_/objects")[2])
    fewest = server.descriptors
    for _ in range(20):  # the connection that asked, and those that were dropped, take a moment to go
        time.sleep(0.02)
        fewest = min(fewest, server.descriptors)
    return server.kib("Threads"), fewest, objects, server.kib("VmRSS")


@pytest.mark.parametrize(
    ("protocol", "number"), [("httptools", 10_000), pytest.param("h11", 10_000, marks=pytest.mark.long)]
)
def test_ten_thousand_requests_leave_nothing_behind(tmp_path: Path, protocol: str, number: int) -> None:
    leaves_nothing(tmp_path / "log", protocol, number)


@pytest.mark.long
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_hundred_thousand_requests_leave_nothing_behind(
    tmp_path: Path, protocol: str, record_property: Callable[[str, object], None]
) -> None:
    for name, figure in leaves_nothing(tmp_path / "log", protocol, 100_000).items():
        record_property(name, figure)
