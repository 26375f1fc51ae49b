"""What a visitor asks the library for, read leniently from a query string and written back as short as possible."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from fastapi_app.models import VideoStatus

PAGE_SIZES = (24, 48, 96)
LONGEST_SEARCH = 200
_LAST_PAGE = 1_000_000

Choice = TypeVar("Choice", bound=StrEnum)


class Sort(StrEnum):
    """Orders that the library offers; the first is the default."""

    TITLE = "title"
    ARTIST = "artist"
    YEAR = "year"
    NEWEST = "newest"


class View(StrEnum):
    """How videos are shown; the first is the default."""

    GRID = "grid"
    TABLE = "table"


@dataclass(frozen=True)
class Address(ABC):
    """What an address asks of a list; whatever it leaves out is as in one made without arguments."""

    @abstractmethod
    def pairs(self) -> Mapping[str, Any]:
        """Each name that the query string knows, with what it says."""

    def query(self, **changes: Any) -> str:
        """The query string of this view with some fields changed: empty, or beginning with `?`.

        Any change but that of the page, and that of how it is shown, leads to the first page.
        """
        first = {} if changes.keys() == {"view"} else {"page": 1}
        changed: Any = {**first, **changes}
        usual = type(self)().pairs()
        told = replace(self, **changed).pairs().items()
        written = urlencode({name: str(value) for name, value in told if value and value != usual[name]})
        return f"?{written}" if written else ""


@dataclass(frozen=True)
class Criteria(Address):
    """One view of the library. `search` matches title or artist; `%` and `_` are wildcards; None is every status."""

    search: str = ""
    status: VideoStatus | None = None
    sort: Sort = Sort.TITLE
    page: int = 1
    page_size: int = PAGE_SIZES[0]
    view: View = View.GRID

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Criteria from a query string. A person may type anything there: what makes no sense counts as absent."""
        return cls(
            search=search_text(parameters.get("q", "")),
            status=VideoStatus.__members__.get(parameters.get("status", "").upper()),
            sort=one_of(Sort, parameters.get("sort", "")) or Sort.TITLE,
            page=page_number(parameters.get("page", "")),
            page_size=page_size(parameters.get("per_page", ""), PAGE_SIZES),
            view=one_of(View, parameters.get("view", "")) or View.GRID,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether something keeps videos out of the view."""
        return bool(self.search or self.status)

    def pairs(self) -> Mapping[str, Any]:
        return {
            "q": self.search,
            "status": self.status,
            "sort": self.sort,
            "per_page": self.page_size,
            "view": self.view,
            "page": self.page,
        }


def search_text(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_SEARCH]


def one_of(choices: type[Choice], text: str) -> Choice | None:
    return choices(text) if text in set(choices) else None


def page_number(text: str) -> int:
    """A page in a query string, from 1; nonsense is the first."""
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(_LAST_PAGE))
    return max(int(text), 1) if is_number else 1


def page_size(text: str, sizes: Sequence[int]) -> int:
    """One of the sizes, the first for nonsense."""
    size = page_number(text)
    return size if size in sizes else sizes[0]
