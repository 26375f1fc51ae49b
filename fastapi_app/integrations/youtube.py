"""YouTube's data interface, as far as it is asked: a playlist, what is in it, and facts about videos."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import anyio
import httpx

from fastapi_app.config import Config
from fastapi_app.integrations.asking import Passing, asked, opened_client, repeated
from fastapi_app.integrations.failures import KeyRefused, NoAnswer, ServiceFailure, TooManyRequests, Unreadable
from fastapi_app.integrations.reading import parsed, retry_after, sendable, whole

NAME = "YouTube"
PER_CALL = 50
"""The most entries on one page, and the most videos that one call asks about."""
MOST_ENTRIES = 1000
"""Of one playlist; what comes after them is not read."""

_KEY_HEADER = "X-Goog-Api-Key"
_QUOTA_SECONDS = 600
_PASSING = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_HIDDEN = frozenset({"playlistNotFound", "playlistItemsNotAccessible", "playlistForbidden"})
_EXHAUSTED = frozenset({"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded"})
_BAD_KEY = frozenset({"badRequest", "keyInvalid", "keyExpired"})


class YouTube:
    """Reads playlists. Every method takes the key, because users change it while the process runs.

    All raise ServiceFailure. The key travels in a header, never in an address.
    """

    def __init__(self, client: httpx.AsyncClient, *, sleep: Callable[[float], Awaitable[None]] = anyio.sleep) -> None:
        self._client = client
        self._sleep = sleep

    async def playlist(self, key: str, playlist_id: str) -> dict[str, Any] | None:
        """A playlist as YouTube writes it; None where there is none, or it is private."""
        items = await self._items(key, "playlists", {"part": "snippet,contentDetails,status", "id": playlist_id})
        return next((item for item in items or () if isinstance(item, dict)), None)

    async def entries(self, key: str, playlist_id: str) -> list[Any] | None:
        """What is in a playlist, in its order, MOST_ENTRIES at most; None where there is no such playlist."""
        found: list[Any] = []
        query: dict[str, str | int] = {"part": "snippet,status", "playlistId": playlist_id, "maxResults": PER_CALL}
        for _ in range(MOST_ENTRIES // PER_CALL):
            answer = await self._get(key, "playlistItems", query)
            if answer is None:
                return None
            found += _items_of(answer)
            token = answer.get("nextPageToken")
            if not isinstance(token, str) or not token:
                break
            query = {**query, "pageToken": token}
        return found

    async def videos(self, key: str, video_ids: Sequence[str]) -> list[Any]:
        """Facts about at most PER_CALL videos; those that are gone or private are missing."""
        query: dict[str, str | int] = {"part": "snippet,contentDetails,statistics", "id": ",".join(video_ids)}
        return await self._items(key, "videos", {**query, "maxResults": PER_CALL}) or []

    async def _items(self, key: str, path: str, query: dict[str, str | int]) -> list[Any] | None:
        answer = await self._get(key, path, query)
        return None if answer is None else _items_of(answer)

    async def _get(self, key: str, path: str, query: dict[str, str | int]) -> dict[str, Any] | None:
        """The object that YouTube answers, None where there is no such thing. Only reads, so they may be repeated."""
        if not sendable(key):
            raise KeyRefused(NAME)
        return await repeated(lambda: self._once(key, path, query), self._sleep)

    async def _once(self, key: str, path: str, query: dict[str, str | int]) -> dict[str, Any] | None:
        async with asked(self._client, NAME, path, query, {_KEY_HEADER: key}) as response:
            if response.status_code in _PASSING:
                raise Passing(NoAnswer(NAME))
            raw = await whole(response, NAME)
        if response.status_code == HTTPStatus.OK:
            return _object(await parsed(raw, NAME))
        failure = judged(response.status_code, await _reason(raw), response.headers.get("retry-after"))
        if failure is not None:
            raise failure
        return None


def judged(status: int, reason: str, after: str | None) -> ServiceFailure | None:
    """What an answer other than 200 means: None where the thing asked for is not there."""
    if status == HTTPStatus.NOT_FOUND or reason in _HIDDEN:
        return None
    if reason in _EXHAUSTED:
        return TooManyRequests(NAME, _QUOTA_SECONDS)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TooManyRequests(NAME, retry_after(after))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) or reason in _BAD_KEY:
        return KeyRefused(NAME)
    return NoAnswer(NAME) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Unreadable(NAME)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[YouTube]:
    """The client of this process, closed at the end of the block. Connects to nothing by itself."""
    async with opened_client(config.youtube_url) as client:
        yield YouTube(client)


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise Unreadable(NAME)
    return answer


def _items_of(answer: dict[str, Any]) -> list[Any]:
    items = answer.get("items", [])
    if not isinstance(items, list):
        raise Unreadable(NAME)
    return items


async def _reason(raw: bytes) -> str:
    """The word by which YouTube names an error, empty where it names none."""
    try:
        return str((await parsed(raw, NAME))["error"]["errors"][0]["reason"])
    except (Unreadable, KeyError, IndexError, TypeError):
        return ""
