"""What a visitor asks the page of artists for: read leniently from a query string, written back shortened."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from string import ascii_uppercase
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from fastapi_app.pages.criteria import LONGEST_SEARCH, View, page_number

PAGE_SIZES = (48, 96, 192)
OTHER = "0"
"""The letter of names that begin with none from A to Z."""
LETTERS = (*ascii_uppercase, OTHER)

Choice = TypeVar("Choice", bound=StrEnum)


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
class Criteria:
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
        size = page_number(parameters.get("per_page", ""))
        return cls(
            search=_text(parameters.get("q", "")),
            letter=letter if letter in LETTERS else "",
            watched=_one_of(Watched, parameters.get("monitored", "")),
            genre=_text(parameters.get("genre", "")),
            sort=_one_of(Sort, parameters.get("sort", "")) or Sort.NAME,
            view=_one_of(View, parameters.get("view", "")) or View.GRID,
            page=page_number(parameters.get("page", "")),
            page_size=size if size in PAGE_SIZES else PAGE_SIZES[0],
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether something keeps artists out of the view."""
        return bool(self.search or self.letter or self.watched or self.genre)

    def query(self, **changes: Any) -> str:
        """The query string of this view with some fields changed: empty, or beginning with `?`.

        Any change but that of the page, and that of how it is shown, leads to the first page.
        """
        stays = changes.keys() == {"view"}
        target = replace(self, **{"page": self.page if stays else 1, **changes})
        default = Criteria()
        pairs = {
            "q": target.search,
            "letter": target.letter,
            "monitored": target.watched or "",
            "genre": target.genre,
            "sort": "" if target.sort is default.sort else target.sort,
            "view": "" if target.view == default.view else target.view,
            "per_page": "" if target.page_size == default.page_size else target.page_size,
            "page": "" if target.page == default.page else target.page,
        }
        written = urlencode({name: str(value) for name, value in pairs.items() if value})
        return f"?{written}" if written else ""


def _text(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_SEARCH]


def _one_of(choices: type[Choice], text: str) -> Choice | None:
    return choices(text) if text in set(choices) else None
