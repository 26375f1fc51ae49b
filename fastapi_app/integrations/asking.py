"""Asking another service over HTTP: a client per process, a deadline per call, another try where it may help."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import httpx
from anyio import to_thread

from fastapi_app.integrations.failures import NoAnswer, ServiceFailure

DEADLINE_SECONDS = 30.0
"""For one call as a whole: an answer that trickles is no answer."""

_CONNECT_SECONDS = 5.0
_PAUSES = (0.5, 1.0)
"""Seconds before the second and the third attempt."""
_HEADERS = {"User-Agent": "MVidarr/1.0", "Accept": "application/json", "Accept-Encoding": "identity"}

_Found = TypeVar("_Found")


class Passing(Exception):
    """A failure that may be over at the next attempt."""

    def __init__(self, failure: ServiceFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@asynccontextmanager
async def opened_client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client for one service, closed at the end of the block. Connects to nothing by itself."""
    # In a thread, because reading the certificates takes long enough to be felt.
    client = await to_thread.run_sync(_client, address)
    async with client:
        yield client


def _client(address: str) -> httpx.AsyncClient:
    """No redirect is followed: the key is for this host alone."""
    return httpx.AsyncClient(
        base_url=address,
        headers=_HEADERS,
        timeout=httpx.Timeout(DEADLINE_SECONDS, connect=_CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=10, max_keepalive_connections=2),
        follow_redirects=False,
        verify=address.startswith("https:"),  # an http address has no certificates, and reading ours takes long
    )


@asynccontextmanager
async def asked(
    client: httpx.AsyncClient, service: str, path: str, query: Mapping[str, str | int], headers: Mapping[str, str]
) -> AsyncIterator[httpx.Response]:
    """The beginning of an answer; its body is read inside the block. Raises Passing and NoAnswer."""
    try:
        with anyio.fail_after(DEADLINE_SECONDS):
            async with client.stream("GET", path, params=query, headers=headers) as response:
                yield response
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        raise Passing(NoAnswer(service)) from None
    except (httpx.HTTPError, TimeoutError):
        raise NoAnswer(service) from None


async def repeated(ask: Callable[[], Awaitable[_Found]], sleep: Callable[[float], Awaitable[None]]) -> _Found:
    """What one of three attempts brings. Only for reads. Raises the last one's failure."""
    for pause in _PAUSES:
        try:
            return await ask()
        except Passing:
            await sleep(pause)
    try:
        return await ask()
    except Passing as last:
        raise last.failure from None
