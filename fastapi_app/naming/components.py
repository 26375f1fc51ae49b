"""Text that becomes part of a path: one name, good for every file system. Pure.

What a value turns into is what 0.9 made of it, so that the default template names films as they always were.
"""

import re

from fastapi_app.indexing.names import folder_name
from fastapi_app.videos.films.titles import composed, folded

NAME_BYTES = 255
"""The most that a file system takes for one name."""
ROOM_BYTES = 55
"""What is left of it for ` (999)`, `-landscape.jpg`, `.zh-Hant-TW.forced.srt` behind a name."""
_HIDDEN_OR_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONE = re.compile(r"[\ud800-\udfff]")
_EDGES = ". "
_UNKNOWN = "Unknown"
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{number}" for number in range(10)), *(f"lpt{number}" for number in range(10))}
)
"""Names that Windows keeps for itself, with any suffix: libraries lie on shares."""


def value(text: str) -> str:
    """A value as part of a name: at most 100 characters, no step up, never empty."""
    return folder_name(_LONE.sub("_", _HIDDEN_OR_CONTROL.sub("", composed(text))))


def component(text: str) -> str:
    """A whole name, with room for every suffix of what lies beside a film. Never empty, never hidden."""
    name = cut(text.strip(_EDGES), NAME_BYTES - ROOM_BYTES).strip(_EDGES) or _UNKNOWN
    return f"{name}_" if name.split(".")[0].strip().lower() in _DEVICES else name


def cut(name: str, most_bytes: int) -> str:
    """As much of `name` as fits, in whole characters."""
    return name.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def key(path: str) -> str:
    """One text for all paths that some file system takes for the same: without case, composed."""
    return folded(path)
