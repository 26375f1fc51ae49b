"""A bounded memory: what was not asked for the longest goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

LARGEST_SHARE = 8
"""Nothing larger than this part of the whole is kept: it would drive out too much."""


@dataclass(slots=True)
class Tally:
    """What happened in one cache of a process. `unchanged` were told to clients that had the answer already."""

    hits: int = 0
    misses: int = 0
    unchanged: int = 0
    evictions: int = 0
    entries: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    version: Hashable
    value: Any
    size: int


class Store:
    """Values by cache and question, each under the version that it was made of. Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        """`most` is in bytes, of all caches together."""
        self.tallies: dict[str, Tally] = {}
        self._most = most
        self._size = 0
        self._entries: OrderedDict[tuple[str, Hashable], _Entry] = OrderedDict()

    def tally(self, cache: str) -> Tally:
        return self.tallies.setdefault(cache, Tally())

    def get(self, cache: str, question: Hashable, version: Hashable) -> Any:
        """What was kept of this very version; None for nothing."""
        entry = self._entries.get((cache, question))
        if entry is None or entry.version != version:
            self.tally(cache).misses += 1
            return None
        self._entries.move_to_end((cache, question))
        self.tally(cache).hits += 1
        return entry.value

    def put(self, cache: str, question: Hashable, version: Hashable, value: Any, size: int) -> None:
        """Keeps `value`, of about `size` bytes, in the place of what was kept of another version."""
        self._forget((cache, question))
        if size * LARGEST_SHARE > self._most:
            return
        self._entries[cache, question] = _Entry(version, value, size)
        self._count(cache, 1, size)
        while self._size > self._most:
            oldest = next(iter(self._entries))
            self._forget(oldest)
            self.tally(oldest[0]).evictions += 1

    def _forget(self, key: tuple[str, Hashable]) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._count(key[0], -1, -entry.size)

    def _count(self, cache: str, entries: int, size: int) -> None:
        tally = self.tally(cache)
        tally.entries += entries
        tally.size += size
        self._size += size
