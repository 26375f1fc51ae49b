"""Reading what a client wants of playlists. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import INTEGER_MAX
from fastapi_app.playlists import criteria
from fastapi_app.playlists.shuffling import MOST_SEED
from fastapi_app.videos.bulk.ids import row_id

NAME_LENGTH = 255
DESCRIPTION_LENGTH = 1000
ADDRESS_LENGTH = 500
PER_PAGE, MOST_PER_PAGE = 50, 200
MOST_AT_ONCE = 500
"""Ids in one request."""
MOST_ENTRIES = 50_000
"""In one playlist."""
PREVIEWED, MOST_PREVIEWED = 20, 100
QUEUED, MOST_QUEUED = 50, 200
_FLAGS = frozenset({"true", "1", "yes"})


class Sort(StrEnum):
    """Orders of the list; the first is the default."""

    NAME = "name"
    CREATED = "created_at"
    UPDATED = "updated_at"


class Owner(StrEnum):
    """Whose playlists. ALL shows those who manage also private ones of others."""

    VISIBLE = "visible"
    MINE = "mine"
    ALL = "all"


@dataclass(frozen=True)
class Page:
    """One page of something, from 1."""

    page: int
    per_page: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


@dataclass(frozen=True)
class Listing(Page):
    """Which playlists, in which order. None asks for nothing."""

    search: str = ""
    owner: Owner = Owner.VISIBLE
    user_id: int | None = None
    is_dynamic: bool | None = None
    is_featured: bool | None = None
    is_changeable: bool = False
    video_id: int | None = None
    """A video of which each playlist tells whether it has it."""

    sort: Sort = Sort.NAME
    descending: bool = False


@dataclass(frozen=True)
class Addition:
    """Videos for a playlist, each once; what no video can have as its id is told apart. `position` is from 1."""

    video_ids: tuple[int, ...]
    unknown: tuple[Any, ...]
    position: int | None


@dataclass(frozen=True)
class Turn:
    """A stretch of what is played: after, or before, this video; shuffled by a seed, or in order."""

    seed: int | None
    after: int | None
    before: int | None
    limit: int

    def first(self, films: Sequence[int]) -> int:
        """Where the stretch begins among all films in order. After one that is no film any more: at the first."""
        if self.after is not None:
            return films.index(self.after) + 1 if self.after in films else 0
        if self.before is None:
            return 0
        return max(0, films.index(self.before) - self.limit) if self.before in films else len(films)

    def last(self, films: Sequence[int]) -> int:
        """Where it ends; that place is not in it."""
        if self.before is not None:
            return films.index(self.before) if self.before in films else len(films)
        return min(len(films), self.first(films) + self.limit)


def page(query: Mapping[str, str]) -> Page:
    """Raises BadField."""
    return Page(*_page(query))


def listing(query: Mapping[str, str], user_id: int | None = None) -> Listing:
    """Reads the query of the list. Raises BadField for what no list has."""
    return Listing(
        *_page(query),
        search=fields.plain(query.get("search", ""), "search").strip()[:NAME_LENGTH],
        owner=_choice(query, "owner", Owner, Owner.VISIBLE) if user_id is None else Owner.ALL,
        user_id=user_id,
        is_dynamic=fields.query_flag(query.get("is_dynamic") or None),
        is_featured=fields.query_flag(query.get("is_featured") or None),
        is_changeable=query.get("can_modify", "").lower() in _FLAGS,
        video_id=_number(query, "video_id", None, 1, INTEGER_MAX),
        sort=_choice(query, "sort", Sort, Sort.NAME),
        descending=query.get("order", "").lower() == "desc",
    )


def has_entries(query: Mapping[str, str]) -> bool:
    """Whether one playlist comes with its entries: unless somebody says no."""
    return fields.query_flag(query.get("include_entries") or None) is not False


def turn(query: Mapping[str, str]) -> Turn:
    """Reads the query of the queue. Raises BadField."""
    after, before = (_number(query, name, None, 1, INTEGER_MAX) for name in ("after", "before"))
    if after is not None and before is not None:
        raise BadField("before", "given without after")
    limit = _number(query, "limit", QUEUED, 1, MOST_QUEUED) or QUEUED
    return Turn(_number(query, "shuffle", None, 0, MOST_SEED), after, before, limit)


def pagination(wanted: Page, total: int) -> dict[str, Any]:
    """Where a page stands among all."""
    pages = ceil(total / wanted.per_page)
    return {
        "page": wanted.page,
        "per_page": wanted.per_page,
        "total": total,
        "pages": pages,
        "has_next": wanted.page < pages,
        "has_prev": wanted.page > 1,
    }


def new_playlist(body: Any) -> dict[str, Any]:
    """The columns of a playlist made by hand. Raises BadRequest."""
    given = _object(body)
    if "name" not in given:
        raise BadField("name", f"text of 1 to {NAME_LENGTH} characters")
    return {"is_public": False, "is_featured": False, **_read(given, _COLUMNS)}


def new_dynamic(body: Any) -> dict[str, Any]:
    """The columns of a dynamic playlist, its rules tidied. Raises BadRequest."""
    columns = new_playlist(body)
    given = _object(body)
    found = criteria.read(given.get("filter_criteria"))
    auto_update = fields.boolean(given.get("auto_update"), "auto_update", default=True)
    return {**columns, "is_dynamic": True, "auto_update": auto_update, "filter_criteria": found.stored}


def changes(body: Any) -> dict[str, Any]:
    """The columns that a change sets. Raises BadRequest."""
    found = _read(_object(body), _COLUMNS)
    if not found:
        raise BadRequest(f"Say at least one of {', '.join(_COLUMNS)}")
    return found


def previewed(body: Any) -> tuple[criteria.Criteria, int]:
    """Rules to try, and how many videos to show. Raises BadRequest."""
    given = _object(body)
    return criteria.read(given.get("filter_criteria")), _counted(given, "limit", PREVIEWED, MOST_PREVIEWED)


def new_rules(body: Any) -> tuple[criteria.Criteria, bool | None]:
    """Other rules, and whether they are looked at by themselves; None leaves that. Raises BadRequest."""
    given = _object(body)
    said = given.get("auto_update")
    auto_update = None if said is None else fields.boolean(said, "auto_update", default=True)
    return criteria.read(given.get("filter_criteria")), auto_update


def addition(body: Any) -> Addition:
    """Raises BadRequest."""
    given = _object(body)
    sent = ids(given, "video_ids")
    found = [(value, row_id(value)) for value in sent]
    known = tuple(dict.fromkeys(number for _, number in found if number is not None))
    position = None if given.get("position") is None else _counted(given, "position", 1, INTEGER_MAX)
    return Addition(known, tuple(value for value, number in found if number is None), position)


def move(body: Any) -> tuple[int, int]:
    """An entry, and the place that it gets, from 1; beyond the end is the end. Raises BadRequest."""
    given = _object(body)
    for name in ("entry_id", "new_position"):
        if given.get(name) is None:
            raise BadField(name, f"a whole number between 1 and {INTEGER_MAX}")
    return _counted(given, "entry_id", 1, INTEGER_MAX), _counted(given, "new_position", 1, INTEGER_MAX)


def deletion(body: Any) -> list[Any]:
    """The ids of playlists as they were sent. Raises BadRequest."""
    return ids(_object(body), "playlist_ids")


def picture_address(body: Any) -> str | None:
    """The address of a picture; None where it is to be forgotten. Raises BadField."""
    address = _object(body).get("thumbnail_url")
    if address is None or address == "":
        return None
    found = fields.text(address, "thumbnail_url", ADDRESS_LENGTH)
    if not found.startswith(("http://", "https://")) or any(char.isspace() or not char.isprintable() for char in found):
        raise BadField("thumbnail_url", "an address that begins with http:// or https://")
    return found


def ids(given: Mapping[str, Any], name: str) -> list[Any]:
    """A list of ids, none of which is looked at yet. Raises BadField."""
    sent = given.get(name)
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST_AT_ONCE:
        raise BadField(name, f"a list of 1 to {MOST_AT_ONCE} ids")
    for value in sent:
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise BadField(name, "made of ids")
    return sent


def numbered(sent: Sequence[Any]) -> list[int]:
    """The rows that ids name, each once, in the order in which every transaction locks them."""
    return sorted({found for value in sent if (found := row_id(value)) is not None})


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body


def _read(given: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: read(given[name]) for name, read in readers.items() if name in given}


def _page(query: Mapping[str, str]) -> tuple[int, int]:
    page_number = fields.query_integer(query.get("page", "1"), "page", least=1)
    return page_number, _number(query, "per_page", PER_PAGE, 1, MOST_PER_PAGE) or PER_PAGE


def _number(query: Mapping[str, str], name: str, default: int | None, least: int, most: int) -> int | None:
    """A number of the query; an empty text says nothing."""
    text = query.get(name)
    if text is None or (text == "" and default is None):
        return default
    try:
        number = int(text)
    except ValueError:
        raise BadField(name, f"a whole number between {least} and {most}") from None
    if not least <= number <= most:
        raise BadField(name, f"a whole number between {least} and {most}")
    return number


def _counted(given: Mapping[str, Any], name: str, default: int, most: int) -> int:
    """A number of a body, from 1."""
    value = given.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise BadField(name, f"a whole number between 1 and {most}")
    return value


def _choice(query: Mapping[str, str], name: str, members: Any, default: Any) -> Any:
    text = query.get(name, "")
    if not text:
        return default
    if text not in set(members):
        raise BadField(name, f"one of {', '.join(members)}")
    return members(text)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadField("name", f"text of 1 to {NAME_LENGTH} characters")
    return fields.text(value.strip(), "name", NAME_LENGTH)


def _description(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadField("description", "text or null")
    return fields.text((value or "").strip(), "description", DESCRIPTION_LENGTH) or None


def _flag(name: str) -> Callable[[Any], bool]:
    return lambda value: fields.boolean(value, name, default=False)


_COLUMNS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name,
    "description": _description,
    "is_public": _flag("is_public"),
    "is_featured": _flag("is_featured"),
}
