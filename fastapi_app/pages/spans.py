"""Where a page of grouped rows begins: in which groups, and how many rows of them are before it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True)
class Span(Generic[Key]):
    """The groups that rows of a page are in, in their order, and how many rows of them the page leaves out first."""

    keys: tuple[Key, ...]
    skipped: int


def span(groups: Iterable[tuple[Key, int]], offset: int, size: int) -> Span[Key]:
    """The groups, given with their numbers of rows, that a page of `size` rows behind `offset` others touches."""
    keys: list[Key] = []
    before, skipped = 0, 0
    for key, rows in groups:
        if before >= offset + size:
            break
        if rows and before + rows > offset:
            if not keys:
                skipped = offset - before
            keys.append(key)
        before += rows
    return Span(tuple(keys), skipped)
