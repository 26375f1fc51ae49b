"""IMVDb, asked in the request as in 0.9: one call per second, thirty seconds for an answer, five for a 429.

    Unavailable 503
    └── IMVDbFailed     nobody there, the key refused, too many requests, or an answer that is none

No message carries what IMVDb wrote, nor the key.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from flask import Flask, current_app

from legacy_flask.errors import Unavailable
from legacy_flask.outside import Unreadable, asked, parsed, sendable, whole

PER_PAGE = 50
_EXTENSION = "mvidarr_imvdb"
_BUSY_PAUSE = 5
_LATER = "30"
_NO_ANSWER = "IMVDb did not answer, try again later"
_KEY_REFUSED = "IMVDb refuses the key in the settings"
_TOO_MANY = "IMVDb asks for fewer requests, try again later"
_UNREADABLE = "IMVDb gave an answer that can't be read"


class IMVDbFailed(Unavailable):
    """IMVDb could not be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": _LATER}


class IMVDb:
    """Searches IMVDb. `interval` is the time between the starts of two calls, in seconds, over all threads."""

    def __init__(
        self,
        address: str,
        interval: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._turns = threading.Lock()
        self._next: float | None = None

    def search_videos(self, key: str, text: str, page: int) -> list[Any]:
        """The results on one page, counted from 1, as IMVDb writes them. Raises IMVDbFailed."""
        answer = self._get(key, "search/videos", {"q": text, "per_page": PER_PAGE, "page": page})
        if answer is None:
            return []
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list):
            raise IMVDbFailed(_UNREADABLE)
        return results

    def _get(self, key: str, path: str, query: dict[str, Any]) -> Any:
        """The JSON that IMVDb answers, None where it knows nothing."""
        if not sendable(key):
            raise IMVDbFailed(_KEY_REFUSED)
        self._wait()
        try:
            with asked(f"{self._address}/{path}", query, {"IMVDB-APP-KEY": key}) as response:
                return self._read(response)
        except (requests.RequestException, OSError):
            raise IMVDbFailed(_NO_ANSWER) from None

    def _wait(self) -> None:
        """Sleeps until it is this call's turn."""
        with self._turns:
            now = self._clock()
            begins = now if self._next is None else max(now, self._next)
            self._next = begins + self._interval
        if begins > now:
            self._sleep(begins - now)

    def _read(self, response: requests.Response) -> Any:
        status: int = response.status_code
        if status == 404:
            return None
        if status in (401, 403):
            raise IMVDbFailed(_KEY_REFUSED)
        if status == 429:
            self._sleep(_BUSY_PAUSE)
            raise IMVDbFailed(_TOO_MANY)
        if status != 200:
            raise IMVDbFailed(_NO_ANSWER if status >= 500 else _UNREADABLE)
        try:
            return parsed(whole(response))
        except Unreadable:
            raise IMVDbFailed(_UNREADABLE) from None


def keep(client: IMVDb, app: Flask) -> None:
    """Makes `client` the one that `app` asks."""
    app.extensions[_EXTENSION] = client


def current_imvdb() -> IMVDb:
    """That of the application that answers this request."""
    found: IMVDb = current_app.extensions[_EXTENSION]
    return found
