"""What lies beside a film and is named after it: description, pictures, subtitles. Pure."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from fastapi_app.indexing.walk import FILMS

_PICTURE = r"\.(?:jpe?g|png|webp)"
_BEHIND = re.compile(
    rf"\.nfo|\.info\.json|\.description|\.txt|{_PICTURE}"
    rf"|-(?:poster|thumb|fanart|banner|landscape|backdrop|logo|clearlogo){_PICTURE}"
    r"|(?:\.[A-Za-z0-9-]{1,20}){0,3}\.(?:srt|vtt|ass|ssa|sub|idx|lrc)",
    re.IGNORECASE,
)


def behind(film: str, names: Iterable[str]) -> list[str]:
    """What follows the stem of `film` in the names of its companions, among the `names` of its folder.

    None where another film has the same stem: whose they are, nobody knows.
    """
    stem = PurePosixPath(film).stem
    found = []
    for name in names:
        if name == film or not name.startswith(stem):
            continue
        rest = name[len(stem) :]
        if rest.lower() in FILMS:
            return []
        if _BEHIND.fullmatch(rest):
            found.append(rest)
    return sorted(found)
