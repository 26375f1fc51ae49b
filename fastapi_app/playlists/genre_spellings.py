"""A genre as the JSON text of a column may hold it, blind to capitals. Pure.

Both databases compare with the small letters of the column. SQLite's `lower` leaves letters beyond ASCII alone, and
escaped ones have no capitals, so those are looked for in the usual spellings.
"""

import json

_GLOB = {"*": "[*]", "?": "[?]", "[": "[[]"}
_LIKE = {"%": "\\%", "_": "\\_", "\\": "\\\\"}


def spellings(genre: str) -> list[str]:
    """Whole entries of a list, quotes included, in small ASCII letters. A genre of ASCII has one."""
    written = (genre, genre.lower(), genre.title(), genre.upper())
    texts = [json.dumps(text, ensure_ascii=ascii_only) for text in written for ascii_only in (True, False)]
    return list(dict.fromkeys(small for text in texts for small in (_small(text), text.lower())))


def like_pattern(spelling: str) -> str:
    """For `LIKE … ESCAPE '\\'`."""
    return "%" + "".join(_LIKE.get(char, char) for char in spelling) + "%"


def glob_pattern(spelling: str) -> str:
    """For SQLite's `GLOB`."""
    return "*" + "".join(_GLOB.get(char, char) for char in spelling) + "*"


def _small(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)
