"""What the library page says about a view, computed from its counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi_app.models import VideoStatus
from fastapi_app.pages.cards import LABELS
from fastapi_app.pages.criteria import Criteria, Sort
from fastapi_app.pages.paging import Paging

SORT_LABELS = {
    Sort.TITLE: "Sort by title",
    Sort.ARTIST: "Sort by artist",
    Sort.YEAR: "Newest year first",
    Sort.NEWEST: "Recently added first",
}

Counts = Mapping[VideoStatus | None, int]


@dataclass(frozen=True)
class StatusChoice:
    """One choice of the status filter, with how many videos it would show. An empty value stands for all."""

    value: str
    label: str
    count: int
    is_chosen: bool


def status_choices(criteria: Criteria, counts: Counts) -> list[StatusChoice]:
    """All, every status that has videos, and the one in force."""
    choices = [
        StatusChoice(status.value, label, counts.get(status, 0), criteria.status is status)
        for status, label in LABELS.items()
        if counts.get(status) or criteria.status is status
    ]
    return [StatusChoice("", "All", sum(counts.values()), criteria.status is None), *choices]


def paging_of(criteria: Criteria, counts: Counts) -> Paging:
    """The page that is asked for, among those that there are."""
    matched = counts.get(criteria.status, 0) if criteria.status else sum(counts.values())
    return Paging.of(matched, criteria.page, criteria.page_size)


def count_text(paging: Paging) -> str:
    """`25–48 of 312 videos`."""
    if not paging.matched:
        return "No videos"
    return f"{paging.first:,}–{paging.last:,} of {paging.matched:,} {'video' if paging.matched == 1 else 'videos'}"
