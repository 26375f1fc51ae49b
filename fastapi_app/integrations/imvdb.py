"""IMVDb, as far as it is asked: one client per process, one call per interval."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import anyio
import httpx

from fastapi_app.config import Config
from fastapi_app.integrations.asking import Passing, asked, opened_client, repeated
from fastapi_app.integrations.failures import KeyRefused, NoAnswer, TooManyRequests, Unreadable
from fastapi_app.integrations.reading import parsed, retry_after, sendable, whole

NAME = "IMVDb"
PER_PAGE = 50
"""The most results that IMVDb puts on one page."""

_KEY_HEADER = "IMVDB-APP-KEY"
_PATIENCE_SECONDS = 10.0
"""How long a call waits for its turn, before it is refused."""
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
        return await repeated(lambda: self._in_turn(key, path, query), self._sleep)

    async def _in_turn(self, key: str, path: str, query: dict[str, str | int]) -> Any:
        await self._turn()
        async with asked(self._client, NAME, path, query, {_KEY_HEADER: key}) as response:
            self._judge(response)
            raw = None if response.status_code == HTTPStatus.NOT_FOUND else await whole(response, NAME)
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
            raise Passing(TooManyRequests(NAME, seconds))
        if status in _PASSING:
            raise Passing(NoAnswer(NAME))
        raise NoAnswer(NAME) if response.is_server_error else Unreadable(NAME)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[IMVDb]:
    """The client of this process, closed at the end of the block. Connects to nothing by itself."""
    async with opened_client(config.imvdb_url) as client:
        yield IMVDb(client, config.imvdb_interval)
