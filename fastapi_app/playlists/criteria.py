"""The rules of a dynamic playlist, as clients write them and as they are stored. Pure.

`docs/playlists.md` has the grammar for people, `schemas.FilterCriteria` for programs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest, Conflict
from fastapi_app.models import INTEGER_MAX, VideoStatus

FIELD = "filter_criteria"
MOST_VALUES = 100
"""In one list."""
MOST_VIDEOS = 10_000
"""The largest `limit`, and what is stored of a playlist that does not look by itself."""
LONGEST_TEXT = 255
_DAYS = 36_500
_YEARS = 9_999
_UNREADABLE = "The rules of this playlist can't be read, set them anew"


class Match(StrEnum):
    """How conditions go together."""

    ALL = "all"
    ANY = "any"


class Sort(StrEnum):
    """What the order is by; the first is the default. Equal ones are in the order of their ids."""

    TITLE = "title"
    ARTIST = "artist"
    YEAR = "year"
    ADDED = "added"
    DURATION = "duration"


class Source(StrEnum):
    """Where a video is known from."""

    YOUTUBE = "youtube"
    IMVDB = "imvdb"
    MANUAL = "manual"


@dataclass(frozen=True)
class Values:
    """Lists, each of which a video fits by any of its members, but for `genres` and `words` where `…_match` says all.

    An empty list asks for nothing.
    """

    artists: tuple[int, ...] = ()
    artist_names: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    status: tuple[VideoStatus, ...] = ()
    quality: tuple[str, ...] = ()
    source: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Criteria:
    """Which videos, in which order, and how many at most. None asks for nothing; no rule at all means every video."""

    match: Match = Match.ALL
    wanted: Values = Values()
    genres_match: Match = Match.ANY
    words_match: Match = Match.ANY
    year_from: int | None = None
    year_to: int | None = None
    duration_from: int | None = None
    duration_to: int | None = None
    added_within_days: int | None = None
    has_file: bool | None = None
    exclude: Values = Values()
    sort: Sort = Sort.TITLE
    descending: bool = False
    limit: int | None = None
    stored: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What was said, tidied, as the column keeps it."""


def read(value: Any) -> Criteria:
    """The rules in a member `filter_criteria`. Raises BadField, which names the key."""
    given = _object(value, FIELD, _LISTS.keys() | _SINGLES.keys() | {"exclude"})
    excluded = _object(given.get("exclude", {}), f"{FIELD}.exclude", _LISTS.keys())
    lists = _read_all(given, _LISTS, FIELD)
    without = _read_all(excluded, _LISTS, f"{FIELD}.exclude")
    singles = _read_all(given, _SINGLES, FIELD)
    _check_span(singles, "year_from", "year_to")
    _check_span(singles, "duration_from", "duration_to")
    order = singles.pop("order", "asc")
    said = {**{name: list(found) for name, found in lists.items()}, **singles}
    tail = {"order": order} if "order" in given and given["order"] is not None else {}
    but = {"exclude": {name: list(found) for name, found in without.items()}} if without else {}
    return Criteria(
        wanted=Values(**lists),
        exclude=Values(**without),
        descending=order == "desc",
        stored={**said, **tail, **but},
        **singles,
    )


def of_row(stored: Any) -> Criteria:
    """The rules that a row keeps. Raises Conflict for those that this version can't read."""
    try:
        return read(stored)
    except BadRequest:
        raise Conflict(_UNREADABLE) from None


def _object(value: Any, name: str, known: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadField(name, "an object")
    unknown = sorted(key for key in value if key not in known)
    if unknown:
        raise BadField(name, f"made of {', '.join(sorted(known))}")
    return value


def _read_all(given: Mapping[str, Any], readers: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """What is said; null and empty lists say nothing."""
    found = {
        name: reader(given[name], f"{prefix}.{name}") for name, reader in readers.items() if given.get(name) is not None
    }
    return {name: value for name, value in found.items() if value != ()}


def _check_span(said: Mapping[str, Any], first: str, last: str) -> None:
    if first in said and last in said and said[first] > said[last]:
        raise BadField(f"{FIELD}.{last}", f"at least {first}")


def _many(one: Callable[[Any, str], Any]) -> Callable[[Any, str], tuple[Any, ...]]:
    """A list of such values, each once."""

    def reader(value: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > MOST_VALUES:
            raise BadField(name, f"a list of at most {MOST_VALUES} values")
        return tuple(dict.fromkeys(one(item, name) for item in value))

    return reader


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise BadField(name, f"made of texts of 1 to {LONGEST_TEXT} characters")
    return fields.plain(value.strip(), name)


def _row_id(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= INTEGER_MAX:
        raise BadField(name, "made of ids")
    return value


def _one_of(members: type[StrEnum]) -> Callable[[Any, str], Any]:
    def reader(value: Any, name: str) -> StrEnum:
        if not isinstance(value, str) or value not in set(members):
            raise BadField(name, f"of {', '.join(members)}")
        return members(value)

    return reader


def _number(least: int, most: int) -> Callable[[Any, str], int]:
    def reader(value: Any, name: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadField(name, f"a whole number between {least} and {most}")
        return value

    return reader


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise BadField(name, "true or false")
    return value


def _order(value: Any, name: str) -> str:
    if value not in ("asc", "desc"):
        raise BadField(name, "asc or desc")
    return str(value)


_LISTS: Mapping[str, Callable[[Any, str], tuple[Any, ...]]] = {
    "artists": _many(_row_id),
    "artist_names": _many(_text),
    "genres": _many(_text),
    "words": _many(_text),
    "status": _many(_one_of(VideoStatus)),
    "quality": _many(_text),
    "source": _many(_one_of(Source)),
}
_SINGLES: Mapping[str, Callable[[Any, str], Any]] = {
    "match": _one_of(Match),
    "genres_match": _one_of(Match),
    "words_match": _one_of(Match),
    "year_from": _number(0, _YEARS),
    "year_to": _number(0, _YEARS),
    "duration_from": _number(0, INTEGER_MAX),
    "duration_to": _number(0, INTEGER_MAX),
    "added_within_days": _number(1, _DAYS),
    "has_file": _flag,
    "sort": _one_of(Sort),
    "order": _order,
    "limit": _number(1, MOST_VIDEOS),
}
KEYS = frozenset({*_LISTS, *_SINGLES, "exclude"})
"""Every key of the grammar."""
EXCLUDABLE = frozenset(_LISTS)
"""The keys of `exclude`."""
