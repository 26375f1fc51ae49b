"""What a visitor asks the library for, read leniently from a query string and written back as short as possible."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from fastapi_app.models import VideoStatus

PAGE_SIZES = (24, 48, 96)
LONGEST_SEARCH = 200
_LAST_PAGE = 1_000_000


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
class Criteria:
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
            search=_search(parameters.get("q", "")),
            status=VideoStatus.__members__.get(parameters.get("status", "").upper()),
            sort=_sort(parameters.get("sort", "")),
            page=page_number(parameters.get("page", "")),
            page_size=_page_size(parameters.get("per_page", "")),
            view=View.TABLE if parameters.get("view") == View.TABLE else View.GRID,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether something keeps videos out of the view."""
        return bool(self.search or self.status)

    def query(self, **changes: Any) -> str:
        """The query string of this view with some fields changed: empty, or beginning with `?`.

        Any change but that of the page, and that of how it is shown, leads to the first page.
        """
        stays = changes.keys() == {"view"}
        target = replace(self, **{"page": self.page if stays else 1, **changes})
        default = Criteria()
        pairs = {
            "q": target.search,
            "status": target.status or "",
            "sort": "" if target.sort == default.sort else target.sort,
            "per_page": "" if target.page_size == default.page_size else target.page_size,
            "view": "" if target.view == default.view else target.view,
            "page": "" if target.page == default.page else target.page,
        }
        written = urlencode({name: str(value) for name, value in pairs.items() if value})
        return f"?{written}" if written else ""


def page_number(text: str) -> int:
    """A page in a query string, from 1; nonsense is the first."""
    return _number(text, 1)


def _search(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_SEARCH]


def _sort(text: str) -> Sort:
    return Sort(text) if text in set(Sort) else Sort.TITLE


def _number(text: str, default: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len(str(_LAST_PAGE))):
        return default
    return max(int(text), default)


def _page_size(text: str) -> int:
    size = _number(text, PAGE_SIZES[0])
    return size if size in PAGE_SIZES else PAGE_SIZES[0]
