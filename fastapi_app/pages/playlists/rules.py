"""What the pages of playlists are asked, and how they say what they show. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from zlib import crc32

from fastapi_app.errors import BadField
from fastapi_app.models import INTEGER_MAX
from fastapi_app.pages.cards import TONES
from fastapi_app.pages.criteria import Address, one_of, page_number, search_text
from fastapi_app.pages.paging import Paging
from fastapi_app.playlists.queries import Totals
from fastapi_app.playlists.rules import MOST_AT_ONCE, Listing, Owner, Sort
from fastapi_app.playlists.standing import Standing
from fastapi_app.transaction import Record

PER_PAGE = 24
ENTRIES_PER_PAGE = 50
COVERS = 4


class Shown(StrEnum):
    """Which playlists; the first is the default."""

    ALL = ""
    MINE = "mine"
    DYNAMIC = "dynamic"


class Order(StrEnum):
    """In which order; the first is the default."""

    NAME = "name"
    CHANGED = "changed"
    NEWEST = "newest"


SHOWN_LABELS = {Shown.ALL: "All", Shown.MINE: "Mine", Shown.DYNAMIC: "By rules"}
ORDER_LABELS = {Order.NAME: "Sort by name", Order.CHANGED: "Last changed first", Order.NEWEST: "Newest first"}
_SORTS = {Order.NAME: Sort.NAME, Order.CHANGED: Sort.UPDATED, Order.NEWEST: Sort.CREATED}


@dataclass(frozen=True)
class View(Address):
    """One view of the list. What makes no sense in an address counts as absent."""

    search: str = ""
    shown: Shown = Shown.ALL
    order: Order = Order.NAME
    page: int = 1

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        return cls(
            search=search_text(values.get("q", "")),
            shown=one_of(Shown, values.get("show", "")) or Shown.ALL,
            order=one_of(Order, values.get("sort", "")) or Order.NAME,
            page=page_number(values.get("page", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.shown)

    def listing(self, page: int = 1) -> Listing:
        """The same as the API's question."""
        return Listing(
            page,
            PER_PAGE,
            search=self.search,
            owner=Owner.MINE if self.shown is Shown.MINE else Owner.VISIBLE,
            is_dynamic=True if self.shown is Shown.DYNAMIC else None,
            sort=_SORTS[self.order],
            descending=self.order is not Order.NAME,
        )

    def pairs(self) -> Mapping[str, Any]:
        return {"q": self.search, "show": self.shown, "sort": self.order, "page": self.page}


@dataclass(frozen=True)
class Card:
    """A playlist as the list shows it. `covers` are videos that have a picture."""

    id: int
    name: str
    description: str
    owner: str
    size: str
    chips: list[str]
    covers: list[int]
    picture: str | None
    tone: int
    may_change: bool


def card(row: Record, totals: Totals, covers: list[int], picture: str | None, standing: Standing) -> Card:
    """`picture` is its own, which goes before a collage."""
    return Card(
        id=row.id,
        name=row.name,
        description=row.description or "",
        owner="" if standing.owns(row) else row.username or "",
        size=size(totals),
        chips=chips(row),
        covers=covers if len(covers) == COVERS else covers[:1],
        picture=picture,
        tone=tone(row.name),
        may_change=standing.changes(row),
    )


def tone(name: str) -> int:
    """Which colours it has without a picture."""
    return crc32(name.encode(errors="replace")) % TONES


def chips(row: Any) -> list[str]:
    """What sets it apart, each in a word or two."""
    told = {"Featured": row.is_featured, "By rules": row.is_dynamic, "Private": not row.is_public and row.user_id}
    return [word for word, holds in told.items() if holds]


def size(totals: Totals) -> str:
    """`12 videos, 48 min`."""
    count, seconds = totals
    if not count:
        return "No videos"
    videos = f"{count:,} {'video' if count == 1 else 'videos'}"
    return f"{videos}, {duration(seconds)}" if seconds >= 60 else videos


def duration(seconds: int) -> str:
    """`48 min`, `3 h 12 min`, `104 h`."""
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours:,} h {minutes} min" if minutes and hours < 100 else f"{hours:,} h"


def count_text(paging: Paging) -> str:
    """`25-48 of 312 playlists`, with a dash as the library has it."""
    if not paging.matched:
        return "No playlists"
    word = "playlist" if paging.matched == 1 else "playlists"
    if paging.pages == 1:
        return f"{paging.matched:,} {word}"
    return f"{paging.first:,}–{paging.last:,} of {paging.matched:,} {word}"


def numbers(texts: list[str]) -> list[int]:
    """The ids in a form, each once; what is none is left out."""
    plain = (text for text in texts if text.isascii() and text.isdecimal() and len(text) < 11)
    return list(dict.fromkeys(int(text) for text in plain if 0 < int(text) <= INTEGER_MAX))[:MOST_AT_ONCE]


def fields(form: Mapping[str, str] | None = None) -> dict[str, str]:
    """What stands in the fields of the form of a playlist."""
    return {**dict.fromkeys(("name", "description", "is_public", "is_featured", "kind"), ""), **(form or {})}


def faults(wrong: BadField | None) -> dict[str, str]:
    """What is wrong with each of its fields, empty where nothing is."""
    return {"name": "", "description": "", **({wrong.field: wrong.message} if wrong else {})}


def written(form: Mapping[str, str], *, features: bool) -> dict[str, Any]:
    """The form of a playlist as the body that the API takes."""
    body: dict[str, Any] = {
        "name": form.get("name", ""),
        "description": form.get("description", "").replace("\r\n", "\n"),
        "is_public": form.get("is_public") == "yes",
    }
    return {**body, "is_featured": form.get("is_featured") == "yes"} if features else body
