"""Mixed traffic at a fixed rate, with what each request met."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx2

CLIENTS = 8
AT_ONCE = 32


@dataclass(frozen=True)
class Seen:
    """One answered request: the flag that governs it, the times (monotonic seconds), the status and the side."""

    key: str
    began: float
    ended: float
    status: int
    side: str


@dataclass(frozen=True)
class Ask:
    """One kind of request, under the key of the flag that governs it."""

    key: str
    method: str
    path: str
    expected: int
    headers: dict[str, str] | None = None
    body: Callable[[int], object] | None = None


READS = (
    Ask("GET /api/artists/", "GET", "/api/artists/?per_page=20", 200),
    Ask("GET /api/videos/", "GET", "/api/videos/?limit=20", 200),
    Ask("GET /api/videos/{video_id}", "GET", "/api/videos/2", 200),
    Ask("GET /api/settings/", "GET", "/api/settings/", 200),
    Ask("GET /api/health", "GET", "/api/health", 200),
    Ask("GET /api/videos/{video_id}/stream", "GET", "/api/videos/1/stream", 206, {"Range": "bytes=1000-66535"}),
    Ask("* /{path}", "GET", "/api/nothing/here", 404),
)
WRITES = (
    Ask("PUT /api/videos/{video_id}", "PUT", "/api/videos/3", 200, body=lambda n: {"year": 1900 + n % 100}),
    Ask("POST /api/artists/", "POST", "/api/artists/", 201, body=lambda n: {"name": f"Somebody new {n}"}),
    Ask("PUT /api/settings/{key}", "PUT", "/api/settings/note", 200, body=lambda n: {"value": str(n)}),
)
MIX = (*READS * 3, *WRITES)
"""Three reads of each kind for one write of each."""


async def capacity(base: str, seconds: float) -> float:
    """Requests a second that the server answers when eight clients never pause."""
    stop = time.monotonic() + seconds
    numbers = itertools.count()

    async def client(http: httpx2.AsyncClient) -> int:
        done = 0
        while time.monotonic() < stop:
            await _ask(http, MIX[next(numbers) % len(MIX)], 10**6 + next(numbers))
            done += 1
        return done

    async with _http(base) as http:
        answered = await asyncio.gather(*(client(http) for _ in range(CLIENTS)))
    return sum(answered) / seconds


async def offered(base: str, rate: float, seconds: float, also: Awaitable[None]) -> list[Seen]:
    """Sends `rate` requests a second for `seconds` while `also` runs.

    With `AT_ONCE` unanswered it waits: a machine that became slower since the rate was chosen is not the thing tested.
    """
    chosen = random.Random(4)
    seen: list[Seen] = []
    places = asyncio.Semaphore(AT_ONCE)
    async with _http(base) as http, asyncio.TaskGroup() as tasks:
        tasks.create_task(_run(also))
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            await places.acquire()
            tasks.create_task(_keep(seen, _ask(http, chosen.choice(MIX), number), places))
    return seen


def unexpected(seen: Sequence[Seen]) -> list[Seen]:
    """The answers whose status is not the one expected of that request."""
    wanted = {ask.key: ask.expected for ask in MIX}
    return [one for one in seen if one.status != wanted[one.key]]


async def _run(work: Awaitable[None]) -> None:
    await work


async def _keep(seen: list[Seen], work: Awaitable[Seen], places: asyncio.Semaphore) -> None:
    seen.append(await work)
    places.release()


async def _ask(http: httpx2.AsyncClient, ask: Ask, number: int) -> Seen:
    began = time.monotonic()
    body = ask.body(number) if ask.body else None
    answer = await http.request(ask.method, ask.path, headers=ask.headers, json=body)
    return Seen(ask.key, began, time.monotonic(), answer.status_code, answer.headers["x-served-by"])


def _http(base: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
    return httpx2.AsyncClient(base_url=base, timeout=30, limits=limits)
