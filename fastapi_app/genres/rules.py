"""Reading and tidying genres, and finding them in the text that a JSON column holds. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadRequest

PER_LIST = 50
LONGEST = 5_000
"""No genre is longer, so none is looked for: SQLite refuses enormous patterns."""

_GLOB = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}


def names(stored: Any) -> list[str]:
    """The genres in a stored value; rows made by hand may hold any JSON."""
    return [name for name in stored if isinstance(name, str)] if isinstance(stored, list) else []


def all_names(stored: Iterable[Any]) -> list[str]:
    """Every genre in these values once, by code point."""
    return sorted({name for genres in stored for name in names(genres)})


def chosen(body: Any) -> list[str]:
    """The genres that a change sets: trimmed, Each Word Capitalised, each once; what is no text is dropped.

    Raises BadRequest.
    """
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = body.get("genres", [])
    if not isinstance(given, list):
        raise BadRequest("Genres must be a list")
    tidied = (fields.plain(name, "genres").strip().title() for name in given if isinstance(name, str))
    return list(dict.fromkeys(name for name in tidied if name))


def limit(query: Mapping[str, str]) -> int:
    """How many rows. Text that is no number means the default, less than nothing means nothing, as in 0.9."""
    return fields.in_range(max(0, fields.lenient_integer(query.get("limit"), PER_LIST)), "limit")


def spellings(genre: str) -> list[str]:
    """`genre` as the JSON text of a column holds it: with escapes, as 0.9 wrote it, and as other programs do."""
    return list(dict.fromkeys((json.dumps(genre), json.dumps(genre, ensure_ascii=False))))


def like_pattern(spelling: str) -> str:
    """The pattern of LIKE for a column that holds `spelling`; % and _ stay wildcards, as everywhere in 0.9."""
    return "%" + spelling.replace("\\", "\\\\") + "%"


def glob_pattern(spelling: str) -> str:
    """The same for SQLite's GLOB, which minds case as MariaDB does in JSON."""
    return "*" + "".join(_GLOB.get(char, char) for char in spelling) + "*"
