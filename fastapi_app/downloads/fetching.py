"""yt-dlp as a library: the only module, with `information` and `playlists` through it, that asks the internet.

Nothing here knows rows or the library; it fills a folder and answers what came.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL  # type: ignore[import-untyped]
from yt_dlp.globals import plugin_dirs  # type: ignore[import-untyped]
from yt_dlp.utils import YoutubeDLError  # type: ignore[import-untyped]

from fastapi_app.downloads import options
from fastapi_app.downloads.addresses import is_askable
from fastapi_app.downloads.failures import ErrorClass, classified, facts_of, failure, wait_of
from fastapi_app.downloads.guard import Guard, guarded
from fastapi_app.downloads.options import Surroundings
from fastapi_app.downloads.progress import Told, told
from fastapi_app.downloads.quality import Choice
from fastapi_app.downloads.transcript import Transcript
from fastapi_app.jobs.work import Failed

_LIVE = frozenset({"is_live", "is_upcoming", "post_live"})
_SEVERAL = "There are several films behind this address: download it as a playlist"
_NOT_WEB = "Only addresses that begin with http:// or https:// are fetched"
_LIVE_TEXT = "This is a live stream, which has no end"


@dataclass(frozen=True)
class Fetcher:
    """One job's way to the internet. `clock` tells seconds since 1970."""

    around: Surroundings
    transcript: Transcript
    clock: Callable[[], float]

    def look(self, url: str, params: dict[str, Any], *, is_search: bool = False) -> dict[str, Any]:
        """What is known about an address, formats included; nothing is written. Raises Failed.

        A search of yt-dlp's, like `ytsearch1:`, is only taken from ourselves.
        """
        if not is_search and not is_askable(url):
            raise failure(ErrorClass.UNSUPPORTED_URL, _NOT_WEB)
        with self._asking(params, reads_address=True) as ydl:
            found = ydl.extract_info(url, download=False)
        if not isinstance(found, dict):
            raise failure(ErrorClass.EXTRACTION, log=self.transcript.text)
        return found

    def film(self, info: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        """Fetches the film that `look` found. Answers what came; its `filepath` is a file. Raises Failed."""
        with self._asking(params) as ydl:
            came = ydl.process_ie_result(info, download=True)
        path = _path_of(came)
        if path is None or not path.is_file():
            raise failure(ErrorClass.NETWORK, log=self.transcript.text)
        return {**came, "filepath": str(path)}

    def extras(self, info: dict[str, Any], params: dict[str, Any]) -> None:
        """Fetches picture and subtitles. Whatever fails is a warning in the transcript."""
        try:
            with self._asking(params) as ydl:
                ydl.process_ie_result(info, download=True)
        except Failed as failed:
            self.transcript.warning(failed.message)

    @contextmanager
    def _asking(self, params: dict[str, Any], *, reads_address: bool = False) -> Iterator[YoutubeDL]:
        """yt-dlp with `params`, held to the public internet; its errors come out as ours."""
        plugin_dirs.value = []
        with guarded(allow_private=self.around.allow_private) as guard:
            try:
                # Extractors are only needed to read an address: making nearly two thousand takes a while.
                with YoutubeDL(params, auto_init="no_verbose_header" if reads_address else False) as ydl:
                    yield ydl
            except Failed:
                raise
            except Exception as error:  # the edge to foreign code, which raises whatever it met: translated, raised
                raise self._translated(error, guard) from error

    def _translated(self, error: Exception, guard: Guard) -> Failed:
        if guard.refused:
            return failure(ErrorClass.PRIVATE_ADDRESS, log=self.transcript.text)
        if not isinstance(error, YoutubeDLError | OSError):
            self.transcript.error(f"{type(error).__name__} in an extractor")
        facts = facts_of(error)
        kind = classified(facts)
        after = wait_of(facts, self.clock()) if kind in {ErrorClass.RATE_LIMIT, ErrorClass.NETWORK} else 0.0
        return failure(kind, log=self.transcript.text, after=after)


@dataclass
class Parts:
    """Turns the hooks of one film into its progress: how many files there are, and which one is being fetched.

    `watch` is called with each: it may raise, and what it raises ends the download.
    """

    tell: Callable[[Told], None]
    watch: Callable[[int], None]
    expected: int = 1
    _seen: list[str] = field(default_factory=list)

    def hook(self, said: dict[str, Any]) -> None:
        name = str(said.get("filename") or "")
        if name not in self._seen:
            self._seen.append(name)
        now = told(said, self._seen.index(name), self.expected)
        self.watch(max((now["bytes_total"] or 0) - (now["bytes_done"] or 0), 0))
        self.tell(now)


def single(info: dict[str, Any]) -> dict[str, Any]:
    """The one film in what `look` found. Raises Failed for several, for none, and for what has no end."""
    found = info
    if info.get("_type") in {"playlist", "multi_video"}:
        entries = [entry for entry in info.get("entries") or () if entry]
        if len(entries) != 1:
            raise failure(ErrorClass.UNSUPPORTED_URL, _SEVERAL if entries else "")
        found = entries[0]
    if found.get("is_live") or found.get("live_status") in _LIVE:
        raise failure(ErrorClass.UNSUPPORTED_URL, _LIVE_TEXT)
    return found


def files_of(info: dict[str, Any]) -> int:
    """Of how many files the film that `look` chose is made."""
    return max(len(info.get("requested_formats") or ()), 1)


def size_of(info: dict[str, Any]) -> int:
    """How many bytes the chosen formats have, as far as the site tells."""
    formats = info.get("requested_formats") or [info]
    sizes = [one.get("filesize") or one.get("filesize_approx") or 0 for one in formats]
    return int(sum(size for size in sizes if isinstance(size, int | float)))


def film_params(around: Surroundings, choice: Choice, folder: Path, parts: Parts | None = None) -> dict[str, Any]:
    return options.for_film(around, choice, folder, parts.hook if parts else lambda _said: None)


def _path_of(came: Any) -> Path | None:
    downloads = came.get("requested_downloads") if isinstance(came, dict) else None
    path = downloads[0].get("filepath") if downloads else None
    return Path(os.fspath(path)) if path else None
