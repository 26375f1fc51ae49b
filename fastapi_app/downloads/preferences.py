"""What the settings say about downloads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.downloads.quality import BEST
from fastapi_app.models import Setting

_LIBRARY = "data/musicvideos"
_LANGUAGES = ("en",)
_SEPARATORS = re.compile(r"[,;\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_YES = frozenset({"true", "1", "yes", "on"})
_NAMES = (
    "music_videos_path",
    "video_quality_preference",
    "minimum_video_height",
    "download_subtitles",
    "subtitle_languages",
    "download_request_pause",
    "download_pause",
    "minimum_free_space_mb",
)


@dataclass(frozen=True)
class Preferences:
    """The settings of downloads.

    `library` is a stored path. `minimum_height` is in pixels, 0: any. Between two questions to one site lie
    `request_pause` seconds, between two downloads from one host `pause`, on this machine. `free_bytes` stay free.
    """

    library: str = _LIBRARY
    quality: str = BEST
    minimum_height: int = 0
    subtitles: bool = False
    languages: tuple[str, ...] = _LANGUAGES
    request_pause: float = 0.75
    pause: float = 5.0
    free_bytes: int = 512 * 2**20


def preferences(settings: Mapping[str, str | None]) -> Preferences:
    """Reads the settings; what is missing or unreadable is the default. Pure."""
    usual = Preferences()
    text = {name: (value or "").strip() for name, value in settings.items()}
    return Preferences(
        library=(text.get("music_videos_path") or _LIBRARY).rstrip("/") or "/",
        quality=text.get("video_quality_preference") or BEST,
        minimum_height=int(_number(text.get("minimum_video_height"), usual.minimum_height)),
        subtitles=text.get("download_subtitles", "").lower() in _YES,
        languages=languages(text.get("subtitle_languages", "")) or _LANGUAGES,
        request_pause=_number(text.get("download_request_pause"), usual.request_pause),
        pause=_number(text.get("download_pause"), usual.pause),
        free_bytes=int(_number(text.get("minimum_free_space_mb"), usual.free_bytes / 2**20) * 2**20),
    )


def read(session: Session) -> Preferences:
    rows = session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(_NAMES)))
    return preferences({row.key.lower(): row.value for row in rows})


def languages(text: str) -> tuple[str, ...]:
    """The languages in a list like `en, pt-BR`; what is none is left out."""
    return tuple(dict.fromkeys(part for part in _SEPARATORS.split(text) if _LANGUAGE.fullmatch(part)))


def _number(text: str | None, default: float) -> float:
    """A number that is not negative, else the default."""
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if 0 <= value < float("inf") else default
