"""YouTube's data interface, asked in the request as in 0.9, which gave it no timeout; here it has thirty seconds.

    Unavailable 503
    └── YouTubeFailed   nobody there, the key refused, the quota used up, or an answer that is none

No message carries what YouTube wrote, nor the key, which travels in a header and never in an address.
"""

from typing import Any

import requests
from flask import Flask, current_app

from legacy_flask.errors import Unavailable
from legacy_flask.outside import Unreadable, asked, parsed, sendable, whole

BATCH = 50
"""The most entries on one page, and the most videos that one call asks about."""
_EXTENSION = "mvidarr_youtube"
_PAGES = 20
_NO_ANSWER = "YouTube did not answer, try again later"
_KEY_REFUSED = "YouTube refuses the key in the settings"
_TOO_MANY = "YouTube asks for fewer requests, try again later"
_UNREADABLE = "YouTube gave an answer that can't be read"
_NOT_THERE = ("playlistNotFound", "playlistItemsNotAccessible", "playlistForbidden")
_USED_UP = ("quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "userRateLimitExceeded")
_NO_KEY = ("badRequest", "keyInvalid", "keyExpired")


class YouTubeFailed(Unavailable):
    """YouTube could not be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": "600" if message == _TOO_MANY else "30"}


class YouTube:
    """Reads playlists. Every method raises YouTubeFailed."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def playlist(self, key: str, playlist_id: str) -> Any:
        """A playlist as YouTube writes it; None where there is none, or it is private."""
        answer = self._get(key, "playlists", part="snippet,contentDetails,status", id=playlist_id)
        found = [item for item in _items(answer) if isinstance(item, dict)]
        return found[0] if found else None

    def entries(self, key: str, playlist_id: str) -> list[Any] | None:
        """What is in a playlist, a thousand entries at most; None where there is no such playlist."""
        found: list[Any] = []
        query = {"part": "snippet,status", "playlistId": playlist_id, "maxResults": str(BATCH)}
        for _ in range(_PAGES):
            answer = self._get(key, "playlistItems", **query)
            if answer is None:
                return None
            found.extend(_items(answer))
            query["pageToken"] = answer.get("nextPageToken")
            if not query["pageToken"] or not isinstance(query["pageToken"], str):
                break
        return found

    def videos(self, key: str, video_ids: list[str]) -> list[Any]:
        """Facts about at most BATCH videos; those that are gone or private are missing."""
        parts = "snippet,contentDetails,statistics"
        return _items(self._get(key, "videos", part=parts, id=",".join(video_ids), maxResults=str(BATCH)))

    def _get(self, key: str, path: str, **query: str) -> Any:
        """The object that YouTube answers, None where there is no such thing."""
        if not sendable(key):
            raise YouTubeFailed(_KEY_REFUSED)
        try:
            with asked(f"{self._address}/{path}", query, {"X-Goog-Api-Key": key}) as response:
                return _read(response)
        except (requests.RequestException, OSError):
            raise YouTubeFailed(_NO_ANSWER) from None
        except Unreadable:
            raise YouTubeFailed(_UNREADABLE) from None


def keep(client: YouTube, app: Flask) -> None:
    """Makes `client` the one that `app` asks."""
    app.extensions[_EXTENSION] = client


def current_youtube() -> YouTube:
    """That of the application that answers this request."""
    found: YouTube = current_app.extensions[_EXTENSION]
    return found


def _read(response: requests.Response) -> Any:
    status: int = response.status_code
    if status >= 500:
        raise YouTubeFailed(_NO_ANSWER)
    raw = whole(response)
    if status == 200:
        return _object(parsed(raw))
    reason = _reason(raw)
    if status == 404 or reason in _NOT_THERE:
        return None
    if status == 429 or reason in _USED_UP:
        raise YouTubeFailed(_TOO_MANY)
    raise YouTubeFailed(_KEY_REFUSED if status in (401, 403) or reason in _NO_KEY else _UNREADABLE)


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise YouTubeFailed(_UNREADABLE)
    return answer


def _reason(raw: bytes) -> str:
    """The word by which YouTube names an error, empty where it names none."""
    try:
        return str(parsed(raw)["error"]["errors"][0]["reason"])
    except (Unreadable, KeyError, IndexError, TypeError):
        return ""


def _items(answer: Any) -> list[Any]:
    items = [] if answer is None else answer.get("items", [])
    if not isinstance(items, list):
        raise YouTubeFailed(_UNREADABLE)
    return items
