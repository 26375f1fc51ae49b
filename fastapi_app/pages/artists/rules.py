"""What the page of artists says about a view, and what its form for a new artist means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi_app.artists.rules import keywords
from fastapi_app.errors import AppError, BadField
from fastapi_app.pages.artists.criteria import Criteria, Sort, Watched
from fastapi_app.pages.paging import Paging

SORT_LABELS = {
    Sort.NAME: "Sort by name",
    Sort.VIDEOS: "Most videos first",
    Sort.NEWEST: "Recently added first",
}
WATCHED_LABELS = {Watched.YES: "Monitored", Watched.NO: "Not monitored"}


@dataclass(frozen=True)
class Choice:
    """One choice of a filter, with how many artists it would show. An empty value stands for all."""

    value: str
    label: str
    count: int
    is_chosen: bool


def watched_choices(criteria: Criteria, counts: Mapping[Watched, int]) -> list[Choice]:
    """All, and the two kinds where there are both or one is chosen."""
    choices = [Choice("", "All", sum(counts.values()), criteria.watched is None)]
    if all(counts.values()) or criteria.watched:
        choices += [
            Choice(watched.value, label, counts[watched], criteria.watched is watched)
            for watched, label in WATCHED_LABELS.items()
        ]
    return choices


def paging_of(criteria: Criteria, counts: Mapping[Watched, int]) -> Paging:
    """The page that is asked for, among those that there are."""
    matched = counts[criteria.watched] if criteria.watched else sum(counts.values())
    return Paging.of(matched, criteria.page, criteria.page_size)


def count_text(paging: Paging) -> str:
    """`49–96 of 2,500 artists`."""
    if not paging.matched:
        return "No artists"
    noun = "artist" if paging.matched == 1 else "artists"
    return f"{paging.first:,}–{paging.last:,} of {paging.matched:,} {noun}"


def new_artist(values: Mapping[str, str]) -> dict[str, Any]:
    """The body of `POST /api/artists/` from the form. Raises BadField."""
    name = values.get("name", "").strip()
    if not name:
        raise BadField("name", "given")
    return {
        "name": name,
        "keywords": keywords(values.get("keywords", "")),
        "monitored": "monitored" in values,
        "auto_download": "auto_download" in values,
    }


def sentence(refusal: AppError) -> str:
    """A refusal as people read it: fields begin with a capital and have no underscores."""
    words = refusal.message
    if isinstance(refusal, BadField):
        words = words.replace(refusal.field, refusal.field.replace("_", " "), 1)
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
