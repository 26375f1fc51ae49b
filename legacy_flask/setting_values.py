"""Which texts the settings take that something reads. Rows of other names take any. Pure."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from legacy_flask.errors import BadField

_SWITCH = frozenset({"true", "1", "yes", "on", "false", "0", "no", "off"})
_QUALITIES = ("best", "2160p", "1440p", "1080p", "720p", "480p", "360p", "240p", "audio")
_SHORT_QUALITIES = frozenset({"4k", "2160", "1440", "1080", "720", "480", "360", "240"})
_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_PICTURES = ("-poster", "-thumb", "none")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
_LONGEST = 500

Rule = tuple[Callable[[str], bool], str]
"""Whether a text is taken, and what is said of one that is not."""


def _is_folder(text: str) -> bool:
    return _is_line(text) and ".." not in PurePosixPath(text).parts


def _is_line(text: str) -> bool:
    return len(text) <= _LONGEST and text.isprintable()


def _is_name_of_files(text: str) -> bool:
    return len(text) <= 300 and text.isprintable()


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    return found is not None and int(found[1]) < 24 and int(found[2]) < 60


def _are_days(text: str) -> bool:
    words = [word.strip().lower() for word in text.split(",")]
    return words in (["daily"], ["weekly"]) or _WEEKDAYS.issuperset(words)


def _are_languages(text: str) -> bool:
    words = [word for word in re.split(r"[,;\s]+", text) if word]
    return len(text) <= _LONGEST and all(map(_LANGUAGE.fullmatch, words))


def _whole(least: int, most: int) -> Rule:
    return _between(_WHOLE, least, most), f"a whole number from {least} to {most}"


def _decimal(least: int, most: int) -> Rule:
    return _between(_DECIMAL, least, most), f"a number from {least} to {most}"


def _between(shape: re.Pattern[str], least: int, most: int) -> Callable[[str], bool]:
    return lambda text: shape.fullmatch(text) is not None and least <= float(text) <= most


def _one_of(words: tuple[str, ...], others: frozenset[str] = frozenset()) -> Rule:
    told = f"{', '.join(words[:-1])} or {words[-1]}"
    return lambda text: text.lower() in others or text.lower() in words, told


_ON_OR_OFF: Rule = (lambda text: text.lower() in _SWITCH, "true or false")
_FOLDER: Rule = (_is_folder, f"a folder, in at most {_LONGEST} characters and without ..")
_SECRET: Rule = (_is_line, f"one line of at most {_LONGEST} characters")

_RULES: Mapping[str, Rule] = {
    "music_videos_path": _FOLDER,
    "downloads_path": _FOLDER,
    "downloads_directory": _FOLDER,
    "require_authentication": _ON_OR_OFF,
    "imvdb_api_key": _SECRET,
    "youtube_api_key": _SECRET,
    "video_quality_preference": _one_of(_QUALITIES, _SHORT_QUALITIES),
    "minimum_video_height": _whole(0, 4320),
    "download_subtitles": _ON_OR_OFF,
    "subtitle_languages": (_are_languages, "codes of languages like en, pt-BR"),
    "auto_download_schedule_enabled": _ON_OR_OFF,
    "auto_download_schedule_time": (_is_time, "a time from 00:00 to 23:59"),
    "auto_download_schedule_days": (_are_days, "daily, weekly, or days like monday, friday"),
    "auto_download_max_videos": _whole(1, 500),
    "download_pause": _decimal(0, 3600),
    "download_request_pause": _decimal(0, 600),
    "minimum_free_space_mb": _whole(0, 100_000_000),
    "auto_index_organized_videos": _ON_OR_OFF,
    "naming_template": (_is_name_of_files, "one line of at most 300 characters"),
    "write_nfo": _ON_OR_OFF,
    "write_artwork": _ON_OR_OFF,
    "artwork_suffix": _one_of(_PICTURES),
    "backup_every_days": _whole(0, 365),
    "backup_keep": _whole(1, 365),
}


def check(key: str, folded: str, value: str | None) -> None:
    """Raises BadField naming `key` for a value that the readers of the row `folded` couldn't use."""
    text = (value or "").strip()
    takes, expected = _RULES.get(folded, (bool, ""))
    if text and not takes(text):
        raise BadField(key, expected)
