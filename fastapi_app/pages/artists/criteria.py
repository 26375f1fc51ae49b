"""What a visitor asks the page of artists for: read leniently from a query string, written back shortened."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import ascii_uppercase
from typing import Any, Self

from fastapi_app.pages.criteria import Address, View, one_of, page_number, page_size, search_text

PAGE_SIZES = (48, 96, 192)
OTHER = "0"
"""The letter of names that begin with none from A to Z."""
LETTERS = (*ascii_uppercase, OTHER)


class Sort(StrEnum):
    """Orders that the page offers; the first is the default."""

    NAME = "name"
    VIDEOS = "videos"
    NEWEST = "newest"


class Watched(StrEnum):
    """Whether new videos of an artist are looked for."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True)
class Criteria(Address):
    """One view of the artists. `search` is a part of the name; `%` and `_` are wildcards. None is no matter which."""

    search: str = ""
    letter: str = ""
    watched: Watched | None = None
    genre: str = ""
    sort: Sort = Sort.NAME
    view: View = View.GRID
    page: int = 1
    page_size: int = PAGE_SIZES[0]

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Criteria from a query string. What makes no sense there counts as absent."""
        letter = parameters.get("letter", "").upper()
        return cls(
            search=search_text(parameters.get("q", "")),
            letter=letter if letter in LETTERS else "",
            watched=one_of(Watched, parameters.get("monitored", "")),
            genre=search_text(parameters.get("genre", "")),
            sort=one_of(Sort, parameters.get("sort", "")) or Sort.NAME,
            view=one_of(View, parameters.get("view", "")) or View.GRID,
            page=page_number(parameters.get("page", "")),
            page_size=page_size(parameters.get("per_page", ""), PAGE_SIZES),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether something keeps artists out of the view."""
        return bool(self.search or self.letter or self.watched or self.genre)

    def pairs(self) -> Mapping[str, Any]:
        return {
            "q": self.search,
            "letter": self.letter,
            "monitored": self.watched,
            "genre": self.genre,
            "sort": self.sort,
            "view": self.view,
            "per_page": self.page_size,
            "page": self.page,
        }
