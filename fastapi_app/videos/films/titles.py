"""What the name of a file says about the video in it. Pure.

Names are compared in Unicode's composed form: a disk that came from macOS holds them decomposed.
"""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"\w+")
_SHORTEST_ID = 6
_FEWEST_WORDS = 2
_WHOLE_NAME = 255


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """`text` as it is compared: composed, without capitals."""
    return composed(composed(text).casefold())


def title_in(stem: str, artist: str) -> str:
    """The title in a file's name without its suffix: `<artist> - <title>`, `<title> - <artist>`, or all of it."""
    name, who = composed(stem), re.escape(composed(artist))
    for pattern in (rf"{who}\s*-\s*(.+)", rf"(.+?)\s*-\s*{who}"):
        found = re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL)
        if found and found[1].strip():
            return found[1].strip()
    return name.strip() or name


def resembles(title: str, other: str) -> bool:
    """Whether one title contains the other."""
    left, right = folded(title), folded(other)
    return bool(left and right) and (left in right or right in left)


def is_film_of(title: str, youtube_id: str | None, artist: str, name: str) -> int:
    """How surely the file `name` is the film of a video: 3 by its id, 2 by its title, 1 by its title among other
    words, 0 not at all. One word alone is no title among others: `Love` is not `Love Me Do`.
    """
    stem = name.rpartition(".")[0]
    if youtube_id and len(youtube_id) >= _SHORTEST_ID and youtube_id in stem:
        return 3
    wanted, said = words(title), words(title_in(stem, artist))
    if not wanted:
        return 0
    if wanted == said:
        return 2
    return 1 if len(wanted) >= _FEWEST_WORDS and wanted in _runs(said, len(wanted)) else 0


def words(text: str) -> list[str]:
    return _WORD.findall(folded(text[:_WHOLE_NAME]))


def _runs(said: list[str], length: int) -> Iterator[list[str]]:
    return (said[start : start + length] for start in range(len(said) - length + 1))
