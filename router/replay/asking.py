"""Asks both sides some requests, each time of data that is as it was at first."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from router.comparison.answer import Answer
from router.comparison.mismatch import Mismatch
from router.parity.agreement import differing_rows, mismatches
from router.parity.errors import AskedInVain
from router.parity.play import play
from router.parity.recording import Recording
from router.parity.rehearsal import Rehearsal, Rehearse
from router.parity.run import key_of, shared_keys
from router.row import Side
from router.table import RouteTable


@dataclass(frozen=True)
class Outcome:
    """In what the answers to each request differ, in the order of asking, and the rows that were left behind."""

    answers: Sequence[Sequence[Mismatch]]
    rows: Sequence[Mismatch] = ()


class Asker(Protocol):
    """Who asks both sides. ``table`` is known once anything was asked."""

    @property
    def table(self) -> RouteTable: ...

    def ask(self, recordings: Sequence[Recording]) -> Outcome | None:
        """None where a request had no answer at all."""
        ...


class Copies:
    """Throwaway copies: new ones for every question. It is a `Rehearse` itself, which notes what it opened."""

    def __init__(self, rehearse: Rehearse) -> None:
        self._rehearse = rehearse
        self._table: RouteTable | None = None

    @property
    def table(self) -> RouteTable:
        if self._table is None:
            raise AskedInVain("Nothing was asked yet.")
        return self._table

    def __call__(self, side: Side) -> AbstractContextManager[Rehearsal]:
        return self._opened(side)

    def ask(self, recordings: Sequence[Recording]) -> Outcome | None:
        named = [replace(one, id=str(number)) for number, one in enumerate(recordings)]
        try:
            with self(Side.LEGACY) as copy:
                control = asyncio.run(play(copy, named))
            with self(Side.MODERN) as copy:
                candidate = asyncio.run(play(copy, named))
        except AskedInVain:
            return None
        at = datetime.now(UTC).replace(tzinfo=None)
        pairs = [(control.answers[one.id], candidate.answers[one.id]) for one in named]
        found = compared(recordings, pairs, at, copy)
        return Outcome(found, list(differing_rows(control.rows, candidate.rows, at, copy.by_chance)))

    @contextmanager
    def _opened(self, side: Side) -> Iterator[Rehearsal]:
        with self._rehearse(side) as copy:
            self._table = copy.router.table
            yield copy


def compared(
    recordings: Sequence[Recording], pairs: Sequence[tuple[Answer, Answer]], at: datetime, rehearsal: Rehearsal
) -> list[list[Mismatch]]:
    """In what the two answers to each request differ. ``at`` is the present, naive UTC."""
    table = rehearsal.router.table
    shared = frozenset(shared_keys(table))
    return [
        mismatches(one, key_of(table, one), pair, at, rehearsal, shared)
        for one, pair in zip(recordings, pairs, strict=True)
    ]
