"""What the legacy application is told, as plain values: it reads no environment and no file of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

_EXTENSION = "mvidarr_settings"


@dataclass(frozen=True)
class LegacySettings:
    """Everything that `create_app` needs.

    `database_url` names no driver. `secret_keys` is asked once, at the first cookie; it gives the keys from the oldest
    to the newest, which signs. `imvdb_interval` is the time between two calls to IMVDb, in seconds. `cors_origins` are
    written as browsers do, `flood_limit` counts the requests of one address in ten seconds, 0 for any number. Unless
    `runs_downloads`, a download that is asked for is a row and nothing else: a rehearsal fetches no film.
    """

    database_url: str
    secret_keys: Callable[[], Sequence[str]]
    data_dir: Path
    static_folder: Path
    media_roots: tuple[Path, ...] = ()
    max_body_bytes: int = 100 * 2**20
    pool_size: int = 10
    pool_overflow: int = 20
    pool_timeout: float = 30.0
    imvdb_url: str = "https://imvdb.com/api/v1"
    imvdb_interval: float = 1.0
    youtube_url: str = "https://www.googleapis.com/youtube/v3"
    cors_origins: tuple[str, ...] = ()
    hsts_seconds: int = 0
    flood_limit: int = 0
    redis_url: str = ""
    runs_downloads: bool = True
    allow_private_addresses: bool = False
    search_address: str = "ytsearch1:"


def keep(settings: LegacySettings, app: Flask) -> None:
    """Makes `settings` those of `app`."""
    app.extensions[_EXTENSION] = settings


def current_settings() -> LegacySettings:
    """Those of the application that answers this request."""
    found: LegacySettings = current_app.extensions[_EXTENSION]
    return found
