"""Names of files and folders, as 0.9 made them from artists and titles. Pure."""

import re
from pathlib import PurePosixPath

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_LONGEST_NAME = 100
_NAME_BYTES = 200
_STEM_BYTES = 240


def destination(stored: str, artist: str, title: str) -> str:
    """The stored path of a file after a move: `<base>/<Artist>/<Artist> - <Title><ext>`, beside the old folder."""
    old = PurePosixPath(stored)
    return str(old.parent.parent / folder_name(artist) / file_name(artist, title, old.suffix))


def file_name(artist: str, title: str, suffix: str) -> str:
    return _cut(f"{clean(artist)} - {clean(title)}", _STEM_BYTES) + suffix


def folder_name(artist: str) -> str:
    """The artist's folder. Never empty, never a step up."""
    return clean(artist).strip(". ") or "Unknown"


def clean(name: str) -> str:
    """`name` without the characters that some file system refuses, short enough for every one."""
    kept = _REFUSED.sub("_", name).strip()[:_LONGEST_NAME]
    return _cut(kept, _NAME_BYTES).strip()


def _cut(name: str, most_bytes: int) -> str:
    """As much of `name` as fits, in whole characters."""
    return name.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")
