"""IMVDb, as far as it is asked: one client per process, one call per interval."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import anyio
import httpx
from anyio import to_thread

from fastapi_app.config import Config
from fastapi_app.integrations.failures import KeyRefused, NoAnswer, ServiceFailure, TooManyRequests, Unreadable
from fastapi_app.integrations.reading import parsed, retry_after, sendable, whole

NAME = "IMVDb"
PER_PAGE = 50
"""The most results that IMVDb puts on one page."""

_KEY_HEADER = "IMVDB-APP-KEY"
_HEADERS = {"User-Agent": "MVidarr/1.0", "Accept": "application/json", "Accept-Encoding": "identity"}
_CONNECT_SECONDS = 5.0
_DEADLINE_SECONDS = 30.0
"""For one call as a whole: an answer that trickles is no answer."""
_PATIENCE_SECONDS = 10.0
"""How long a call waits for its turn, before it is refused."""
_PAUSES = (0.5, 1.0)
"""Seconds before the second and the third attempt."""
_PASSING = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


class IMVDb:
    """Searches IMVDb. `interval` is the time between the starts of two calls, in seconds.

    Every method takes the key, because users change it while the process runs, and raises ServiceFailure.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        interval: float,
        *,
        clock: Callable[[], float] = anyio.current_time,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._client = client
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._next = -math.inf

    async def search_videos(self, key: str, text: str, page: int) -> list[Any]:
        """The results on one page, counted from 1, as IMVDb writes them; at most PER_PAGE."""
        answer = await self._get(key, "search/videos", {"q": text, "per_page": PER_PAGE, "page": page})
        if answer is None:
            return []
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list):
            raise Unreadable(NAME)
        return results

    async def _get(self, key: str, path: str, query: dict[str, str | int]) -> Any:
        """The JSON that IMVDb answers, None where it knows nothing. Only reads go this way, so they may be repeated."""
        if not sendable(key):
            raise KeyRefused(NAME)
        for pause in _PAUSES:
            try:
                return await self._in_turn(key, path, query)
            except _Passing:
                await self._sleep(pause)
        try:
            return await self._in_turn(key, path, query)
        except _Passing as last:
            raise last.failure from None

    async def _in_turn(self, key: str, path: str, query: dict[str, str | int]) -> Any:
        await self._turn()
        try:
            with anyio.fail_after(_DEADLINE_SECONDS):
                async with self._client.stream("GET", path, params=query, headers={_KEY_HEADER: key}) as response:
                    self._judge(response)
                    raw = None if response.status_code == HTTPStatus.NOT_FOUND else await whole(response, NAME)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            raise _Passing(NoAnswer(NAME)) from None
        except (httpx.HTTPError, TimeoutError):
            raise NoAnswer(NAME) from None
        return None if raw is None else await parsed(raw, NAME)

    async def _turn(self) -> None:
        """Waits until this call may begin. Raises TooManyRequests where that would take too long."""
        now = self._clock()
        begins = max(now, self._next)
        if begins - now > _PATIENCE_SECONDS:
            raise TooManyRequests(NAME, math.ceil(begins - now))
        self._next = begins + self._interval
        await self._sleep(begins - now)

    def _judge(self, response: httpx.Response) -> None:
        """Passes an answer, and one that says that nothing is there; raises for every other."""
        status = response.status_code
        if status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            return
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise KeyRefused(NAME)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = retry_after(response.headers.get("retry-after"))
            self._next = max(self._next, self._clock() + seconds)
            raise _Passing(TooManyRequests(NAME, seconds))
        if status in _PASSING:
            raise _Passing(NoAnswer(NAME))
        raise NoAnswer(NAME) if response.is_server_error else Unreadable(NAME)


class _Passing(Exception):
    """A failure that may be over at the next attempt."""

    def __init__(self, failure: ServiceFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[IMVDb]:
    """The client of this process, closed at the end of the block. Connects to nothing by itself."""
    # In a thread, because reading the certificates takes long enough to be felt.
    client = await to_thread.run_sync(_client, config.imvdb_url)
    async with client:
        yield IMVDb(client, config.imvdb_interval)


def _client(address: str) -> httpx.AsyncClient:
    """No redirect is followed: the key is for this host alone."""
    return httpx.AsyncClient(
        base_url=address,
        headers=_HEADERS,
        timeout=httpx.Timeout(_DEADLINE_SECONDS, connect=_CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=10, max_keepalive_connections=2),
        follow_redirects=False,
        verify=address.startswith("https:"),  # an http address has no certificates, and reading ours takes long
    )
