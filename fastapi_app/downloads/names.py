"""What a downloaded film and its folder are called: as 0.9 named them, within what every file system takes. Pure."""

import re
from collections.abc import Iterator
from itertools import count

from fastapi_app.indexing.names import folder_name
from fastapi_app.videos.films.titles import composed

NAME_BYTES = 255
"""The most that a file system takes for one name. `folder_name` stops at 200: the rest is for ` (12).pt-BR.vtt`."""
_HIDDEN_OR_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONE = re.compile(r"[\ud800-\udfff]")
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{number}" for number in range(10)), *(f"lpt{number}" for number in range(10))}
)
"""Names that Windows keeps for itself, with any suffix: libraries lie on shares."""


def folder(artist: str) -> str:
    """The folder of an artist. Never empty, never hidden, never a step up."""
    return _named(artist)


def stem(title: str) -> str:
    """The name of a film without its suffix, with room for every suffix of what lies beside it."""
    return _named(title)


def candidates(stem: str, suffix: str) -> Iterator[str]:
    """The names that a film may get, the best first: `Title.mp4`, `Title (1).mp4` …"""
    yield stem + suffix
    for number in count(1):
        yield f"{stem} ({number}){suffix}"


def stored(library: str, artist_folder: str, name: str) -> str:
    return f"{library}/{artist_folder}/{name}"


def _named(text: str) -> str:
    clean = _LONE.sub("_", _HIDDEN_OR_CONTROL.sub("", composed(text)))
    name = folder_name(clean)
    return f"{name}_" if name.split(".")[0].strip().lower() in _DEVICES else name
