"""Reading and tidying genres, and finding them in the text that a JSON column holds. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from legacy_flask import fields
from legacy_flask.errors import BadRequest

_LONGEST = 5_000
_WILDCARDS = {"%": "*", "_": "?"}


def genre_names(stored: Any) -> list[str]:
    """The genres in a stored value; rows made by hand may hold any JSON."""
    return [genre for genre in stored if isinstance(genre, str)] if isinstance(stored, list) else []


def sorted_genres(values: Iterable[Any]) -> list[str]:
    """Every genre in these values once."""
    found: set[str] = set()
    for value in values:
        found.update(genre_names(value))
    return sorted(found)


def new_genres(body: Any) -> list[str]:
    """The genres that a change sets: trimmed, title-cased, each once, only texts. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    given = body.get("genres", [])
    if not isinstance(given, list):
        raise BadRequest("Genres must be a list")
    kept: list[str] = []
    for genre in genre_names(given):
        fields.refuse_unstorable(genre, "genres")
        tidied = genre.strip().title()
        if tidied and tidied not in kept:
            kept.append(tidied)
    return kept


def read_limit(query: Mapping[str, str]) -> int:
    """How many rows: 50 for text that is no number, none for less than nothing."""
    limit = fields.tolerant_number(query.get("limit"))
    return 50 if limit is None else fields.not_negative(max(limit, 0), "limit")


def patterns(genre: str, *, for_glob: bool) -> list[str]:
    """What finds `genre` in JSON text: escaped as 0.9 stored it, and plain. None for a genre that nothing holds.

    % and _ are wildcards. LIKE minds case in MariaDB's JSON; SQLite needs GLOB for that.
    """
    if len(genre) > _LONGEST:
        return []
    texts = {json.dumps(genre), json.dumps(genre, ensure_ascii=False)}
    return sorted(map(_glob if for_glob else _like, texts))


def _like(text: str) -> str:
    return f"%{text}%".replace("\\", r"\\")


def _glob(text: str) -> str:
    return "*" + "".join(f"[{char}]" if char in "*?[" else _WILDCARDS.get(char, char) for char in text) + "*"
