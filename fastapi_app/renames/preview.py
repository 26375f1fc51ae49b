"""What a template would do to the films, some at a time. Nothing is changed."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.media.files import existing_file
from fastapi_app.models import Video, VideoStatus
from fastapi_app.naming import queries
from fastapi_app.naming.aim import aim
from fastapi_app.naming.template import Template
from fastapi_app.renames.plan import Film, claim_of, stem_of
from fastapi_app.renames.shelf import Shelf
from fastapi_app.transaction import Record

LOOKED_AT = 500
"""Films that are looked at for one page."""
SHOWN = 50
_BATCH = 2000


class Fate(StrEnum):
    """What would become of a film."""

    RENAME = "rename"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    MISSING = "missing"
    BUSY = "busy"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Line:
    """A film before and after, below the library; `new` is empty for one that no new name was made for."""

    video_id: int
    artist: str
    title: str
    old: str
    new: str
    fate: Fate
    reason: str = ""

    def told(self) -> dict[str, Any]:
        return {
            "video_id": self.video_id,
            "artist": self.artist,
            "title": self.title,
            "old": self.old,
            "new": self.new,
            "state": self.fate,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Page:
    """Some lines; `after` is where the next page begins, None on the last one. `looked` counts the films of it."""

    lines: Sequence[Line]
    after: int | None
    looked: int


async def read(session: AsyncSession, after: int, limit: int) -> Sequence[Record]:
    """Films behind a video."""
    query = queries.of_videos().add_columns(Video.status).where(Video.id > after)
    rows: Sequence[Record] = (await session.execute(query.order_by(Video.id).limit(limit))).all()
    return rows


async def total(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Video).where(Video.local_path.is_not(None))) or 0


def page(config: Config, shelf: Shelf, template: Template, rows: Sequence[Record], *, everything: bool) -> Page:
    """The first lines that are worth showing, or all. Asks the disk about those that would be renamed. It blocks.

    Of films that want one name the first of the page gets it here; the run itself looks at the whole library.
    """
    taken: set[str] = set()
    lines: list[Line] = []
    for number, row in enumerate(rows):
        line = _line(config, shelf, template, row, taken)
        if everything or line.fate is not Fate.UNCHANGED:
            lines.append(line)
        if len(lines) == SHOWN:
            return Page(lines, row.id if number + 1 < len(rows) or len(rows) >= LOOKED_AT else None, number + 1)
    return Page(lines, rows[-1].id if len(rows) >= LOOKED_AT else None, len(rows))


def _line(config: Config, shelf: Shelf, template: Template, row: Record, taken: set[str]) -> Line:
    home = shelf.home_of(row.local_path)

    def line(fate: Fate, new: str = "", reason: str = "") -> Line:
        old = row.local_path[len(home) + 1 :] if home else row.local_path
        return Line(row.id, row.artist, row.title, old, new[len(home or "") + 1 :], fate, reason)

    if home is None:
        return line(Fate.OUTSIDE, reason="It lies outside the library's folder")
    film = _film(row, template, home)
    if film is None:
        return line(Fate.CONFLICT, reason="The new path is too long")
    if film.number == 0 and film.aim.stored(film.suffix) == film.stored:
        taken.add(film.claim)
        return line(Fate.UNCHANGED, film.stored)
    if row.status == VideoStatus.DOWNLOADING:
        return line(Fate.BUSY, reason="Its download is under way")
    if existing_file(config, film.stored) is None:
        return line(Fate.MISSING, reason="There is no such file")
    wanted = film.aim.stored(film.suffix)
    claim, real = claim_of(home, wanted), shelf.real(wanted)
    if claim in taken or (claim != film.claim and real is not None and os.path.lexists(real)):
        if film.number:
            return line(Fate.UNCHANGED, film.stored)
        return line(Fate.CONFLICT, wanted, "This name is used: it waits for it, gets a number, or stays")
    taken.add(claim)
    return line(Fate.RENAME, wanted)


def _film(row: Record, template: Template, home: str) -> Film | None:
    suffix = row.local_path[len(stem_of(row.local_path)) :]
    wanted = aim(template, queries.facts(row), home, suffix)
    return Film(row.id, home, row.local_path, wanted) if wanted is not None else None


class Count:
    """The whole library by what would become of its films, as far as their rows tell: the disk is not asked."""

    def __init__(self, shelf: Shelf, template: Template) -> None:
        self._shelf = shelf
        self._template = template
        self._wanted: Counter[int] = Counter()
        self._fates: Counter[Fate] = Counter()

    def add(self, rows: Sequence[Record]) -> None:
        """Computes: call it in a thread."""
        self._fates.update(self._counted(rows))

    def told(self) -> dict[str, int]:
        """`conflict` counts films beyond the first of those that want one name: they get numbers."""
        several = sum(number - 1 for number in self._wanted.values())
        told = {fate.value: self._fates[fate] for fate in (Fate.RENAME, Fate.UNCHANGED, Fate.OUTSIDE)}
        return {"total": self._fates.total(), **told, "conflict": several}

    def _counted(self, rows: Sequence[Record]) -> Iterator[Fate]:
        for row in rows:
            home = self._shelf.home_of(row.local_path)
            film = _film(row, self._template, home) if home is not None else None
            if home is None or film is None:
                yield Fate.OUTSIDE
                continue
            wanted = film.aim.stored(film.suffix)
            self._wanted[hash(claim_of(home, wanted))] += 1
            yield Fate.UNCHANGED if wanted == film.stored or film.number else Fate.RENAME


async def counted(session: AsyncSession, count: Count) -> dict[str, int]:
    """Reads the library in portions."""
    after = 0
    while rows := await read(session, after, _BATCH):
        await to_thread.run_sync(count.add, rows)
        after = rows[-1].id
    return count.told()
