"""How soon an event about a job reaches the sockets that it concerns: `python -m benchmarks.sockets`, about a minute.

The hybrid on one core holds a thousand WebSockets of `/ws/jobs`; twenty belong to the user whose jobs move, the others
to somebody else. Each gets its snapshot first. An event counts from before it is published on Redis until its frame has
been read from each of the twenty sockets. Then an event that concerns everybody, until the last of all has it. In the
end all are closed, and the web process must have let go of every one.
"""

import argparse
import asyncio
import base64
import json
import os
import resource
import secrets
import struct
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import httpx
from redis.asyncio import Redis as RedisClient
from rich.console import Console
from rich.table import Table

from benchmarks.raw import RESULTS, keep
from fastapi_app.jobs.event import CHANNEL, Event
from tests.fastapi_app.library import PASSWORD
from tests.progress.events import an_event
from tests.progress.site import Site, running

TARGET = 0.010
"""Seconds within which 99 of 100 frames arrive, when at most twenty of a thousand sockets are concerned."""

SOCKETS, CONCERNED, EVENTS, BROADCASTS = 1_000, 20, 500, 20
PAUSE = 0.04
JOBS = 50
"""So many jobs in turn: each rests long enough between two events not to be coalesced."""

AT_ONCE = 50
"""Handshakes under way at a time."""

ITS_OWN = 10
"""So many sockets the web process may have opened for itself meanwhile: to its Redis, for one."""

GIVE_UP = 120.0
"""Seconds after which something counts as hanging: thousands of sockets on a busy machine take their time."""
TEXT, PING, PONG = 0x1, 0x9, 0xA
SERVER_CORE, LOAD_CORE = 0, 1


@dataclass(frozen=True)
class Figures:
    """Seconds: of every frame of an event that concerns few, and until the last socket had one that concerns all."""

    sockets: int
    concerned: int
    few: tuple[float, ...]
    everybody: tuple[float, ...]
    memory_mib: float
    kib_per_socket: float

    def percentile(self, percent: int) -> float:
        return quantiles(self.few, n=100, method="inclusive")[percent - 1]


class Ear(asyncio.Protocol):
    """One client: reads frames as raw as can be, and notes when each sequence came."""

    def __init__(self, heard: "Heard", request: bytes) -> None:
        self._heard = heard
        self._request = request
        self._rest = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._rest += data
        if not self.opened.done():
            self._shake()
        for text in self._frames():
            if text.startswith(b'{"type":"snapshot"'):
                self._heard.snapshots += 1
            elif text.startswith(b'{"type":"job_update"'):
                self._heard.note(int(text.partition(b'"seq":')[2].partition(b",")[0]), at)

    def connection_lost(self, _error: Exception | None) -> None:
        self._heard.lost += 1
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("refused"))

    def say(self, content: bytes, kind: int = TEXT) -> None:
        """A short frame, masked with zeroes."""
        if self._transport is not None:
            self._transport.write(bytes((0x80 | kind, 0x80 | len(content))) + b"\0\0\0\0" + content)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _shake(self) -> None:
        head, found, rest = self._rest.partition(b"\r\n\r\n")
        if not found:
            return
        self._rest = rest
        if head.startswith(b"HTTP/1.1 101"):
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionError(head.split(b"\r\n")[0].decode()))

    def _frames(self) -> Iterator[bytes]:
        while self.opened.done() and len(self._rest) >= 2:
            size, start = self._rest[1], 2
            if size == 126 and len(self._rest) >= 4:
                size, start = struct.unpack("!H", self._rest[2:4])[0], 4
            elif size == 127 and len(self._rest) >= 10:
                size, start = struct.unpack("!Q", self._rest[2:10])[0], 10
            if len(self._rest) < start + size:
                return
            kind, content = self._rest[0] & 0x0F, self._rest[start : start + size]
            self._rest = self._rest[start + size :]
            if kind == PING:
                self.say(content, PONG)
            else:
                yield content


class Heard:
    """When each sequence arrived, at however many sockets."""

    def __init__(self) -> None:
        self.times: dict[int, list[float]] = {}
        self.lost = 0
        self.snapshots = 0

    def note(self, seq: int, at: float) -> None:
        self.times.setdefault(seq, []).append(at)

    async def until(self, seq: int, number: int) -> list[float]:
        """Waits until so many sockets have it. Raises TimeoutError."""
        async with asyncio.timeout(GIVE_UP):
            while len(self.times.get(seq, ())) < number:  # noqa: ASYNC110 - an event for each frame would cost time
                await asyncio.sleep(0.001)
        return self.times.pop(seq)

    async def until_greeted(self, number: int) -> None:
        """Waits until so many sockets have their snapshot. Raises TimeoutError."""
        async with asyncio.timeout(GIVE_UP):
            while self.snapshots < number:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)


async def connect(base: str, cookies: Sequence[str], heard: Heard, ears: list[Ear]) -> None:
    """Opens one socket for each cookie, subscribed to all, and puts it into `ears`."""
    parts = urlsplit(base)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(cookie: str) -> None:
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [
            "GET /ws/jobs?subscribe=all HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            f"Cookie: {cookie}",
        ]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        async with gate:
            loop = asyncio.get_running_loop()
            _, ear = await loop.create_connection(lambda: Ear(heard, request), parts.hostname or "", parts.port or 80)
            ears.append(ear)
            async with asyncio.timeout(GIVE_UP):
                await ear.opened

    async with asyncio.TaskGroup() as handshakes:
        for cookie in cookies:
            handshakes.create_task(one(cookie))


async def measured(site: Site, sockets: int, events: int) -> Figures:
    """Connects, publishes, counts and closes. Raises TimeoutError when a frame, or an end, does not come."""
    few, others = _cookie(site.base, "anna"), _cookie(site.base, "bert")
    heard = Heard()
    ears: list[Ear] = []
    before, others_open = _memory(site.pid), _open_sockets(site.pid)
    kept = asyncio.create_task(_kept_alive(ears))  # thousands of handshakes take longer than a socket may be silent
    try:
        await connect(site.base, [few] * CONCERNED + [others] * (sockets - CONCERNED), heard, ears)
        await heard.until_greeted(sockets)
        held = _memory(site.pid)
        latencies, lasts = await _published(site.redis.url, heard, sockets, events)
        if heard.lost:
            raise ConnectionError(f"{heard.lost} sockets were lost")
        at_most = _memory(site.pid)
    finally:
        kept.cancel()
        for ear in ears:
            ear.close()
    await _let_go(site, others_open)
    return Figures(sockets, CONCERNED, latencies, lasts, at_most, 1024 * (held - before) / sockets)


async def _published(url: str, heard: Heard, sockets: int, events: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of every frame of events that concern few, and until the last socket had one that concerns all."""
    async with RedisClient.from_url(url) as redis:
        for number in range(100):  # warms both sides up
            await _told(redis, _event(number, 5), heard, CONCERNED)
        latencies: list[float] = []
        for number in range(events):
            latencies += await _told(redis, _event(1_000 + number, 5), heard, CONCERNED)
            await asyncio.sleep(PAUSE)
        lasts = []
        for number in range(BROADCASTS):
            lasts.append(max(await _told(redis, _event(1_000_000 + number, None), heard, sockets)))
            await asyncio.sleep(10 * PAUSE)
    return tuple(latencies), tuple(lasts)


async def _let_go(site: Site, before: int) -> None:
    """Waits until the web process holds hardly more sockets than before, and is idle. Raises TimeoutError."""
    async with asyncio.timeout(GIVE_UP):
        while _open_sockets(site.pid) > before + ITS_OWN:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    async with httpx.AsyncClient(base_url=site.base, timeout=GIVE_UP) as client:
        (await client.get("/healthz")).raise_for_status()


async def _told(redis: RedisClient, event: Event, heard: Heard, number: int) -> list[float]:
    text = json.dumps(event.to_json())
    began = time.perf_counter()
    await redis.publish(CHANNEL, text)
    return [at - began for at in await heard.until(event.seq, number)]


async def _kept_alive(ears: Sequence[Ear]) -> None:
    while True:
        await asyncio.sleep(20.0)
        for ear in tuple(ears):
            ear.say(b'{"type":"pong"}')
            await asyncio.sleep(0.001)


def _event(number: int, owner: int | None) -> Event:
    told: dict[str, Any] = {
        "title": "Nova Kestrel - Glass Harbor",
        "stage": "downloading",
        "percent": 41.5,
        "speed": 1_200_000,
    }
    return an_event(number % JOBS + 1, number + 1, user_id=owner, eta=12, bytes_done=4_150_000, **told)


def _cookie(base: str, name: str) -> str:
    with httpx.Client(base_url=base) as client:
        client.post("/auth/login", json={"username": name, "password": PASSWORD}).raise_for_status()
        return "; ".join(f"{key}={value}" for key, value in client.cookies.items())


def _memory(pid: int) -> float:
    """MiB that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _open_sockets(pid: int) -> int:
    """How many sockets a process has open."""
    found = 0
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found += str(one.readlink()).startswith("socket:")
    return found


@contextmanager
def _site(sockets: int) -> Iterator[Site]:
    """The hybrid with room for all of them, on its own core. What it starts may open as many files as we may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    room = str(sockets + 100)
    with tempfile.TemporaryDirectory() as folder:
        limits = {"MVIDARR_SOCKETS": room, "MVIDARR_SOCKETS_PER_USER": room, "MVIDARR_LOG_LEVEL": "WARNING"}
        with running(Path(folder), "--ws-per-message-deflate", "false", "--log-level", "warning", **limits) as site:
            if len(os.sched_getaffinity(0)) > 1:
                os.sched_setaffinity(site.pid, {SERVER_CORE})
                os.sched_setaffinity(0, {LOAD_CORE})
            yield site


def main(argv: Sequence[str] | None = None, results: Path = RESULTS) -> int:
    """0 when the target is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--events", type=int, default=EVENTS)
    asked = parser.parse_args(argv)
    with _site(asked.sockets) as site:
        figures = asyncio.run(measured(site, asked.sockets, asked.events))
    Console().print(_table(figures))
    keep("sockets", asdict(figures), results)
    return 0 if figures.percentile(99) < TARGET else 1


def _table(figures: Figures) -> Table:
    few = [1000 * figures.percentile(percent) for percent in (50, 95, 99)]
    last = quantiles(figures.everybody, n=100, method="inclusive")
    table = Table("event to socket", "p50 ms", "p95 ms", "p99 ms", "target p99")
    kept = "kept" if figures.percentile(99) < TARGET else "MISSED"
    name = f"{figures.concerned} of {figures.sockets} concerned"
    table.add_row(name, *(f"{one:.1f}" for one in few), f"{1000 * TARGET:g} ms, {kept}")
    everybody = [f"{1000 * last[percent - 1]:.1f}" for percent in (50, 95, 99)]
    table.add_row(f"all {figures.sockets} concerned, until the last", *everybody, "none")
    held = f"the web process holds {figures.memory_mib:.0f} MiB, {figures.kib_per_socket:.0f} KiB for each socket"
    table.caption = f"{held}; every socket had its snapshot, and was let go of in the end"
    return table


if __name__ == "__main__":
    sys.exit(main())
