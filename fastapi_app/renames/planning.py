"""From the rows of the library to a journal that says what will be renamed. It blocks."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from fastapi_app.downloads.kinds import DOWNLOAD
from fastapi_app.jobs.submission import active_key
from fastapi_app.models import Job, Rename, RenamedFile, Video, VideoStatus, now
from fastapi_app.naming import preferences, queries
from fastapi_app.naming.aim import aim
from fastapi_app.naming.template import Template
from fastapi_app.renames.plan import Film, Move, moves, ordered, stem_of
from fastapi_app.renames.shelf import Shelf
from fastapi_app.renames.states import State
from fastapi_app.transaction import Record

KEPT = 20
"""How many runs are remembered, and can be taken back."""
_BATCH = 500
_DOWNLOADS = active_key(DOWNLOAD.name, "video ")
_SHARED = "Two videos have this file"
_TOO_LONG = "The new path is too long"

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass
class Found:
    """What the rows say. `refused` are films that can't be renamed, with their state and the reason."""

    films: list[Film] = field(default_factory=list)
    refused: list[tuple[int, str, State, str]] = field(default_factory=list)
    outside: int = 0


def plan(sessions: Sessions, reading: Session, rename: Rename, shelf: Shelf) -> None:
    """Writes the journal of a run, in the order in which its films move."""
    made = _undone(reading, rename.undoes, shelf) if rename.undoes is not None else _renamed(reading, rename, shelf)
    found, total, refused = made
    rows: list[dict[str, Any]] = [
        {**_row(rename.id, move.video_id, move.old, move.new), "state": State.PENDING} for move in found
    ]
    rows += [
        {**_row(rename.id, video_id, stored, stored), "state": state, "reason": reason}
        for video_id, stored, state, reason in refused
    ]
    with sessions() as session:
        session.execute(delete(RenamedFile).where(RenamedFile.rename_id == rename.id))
    for some in _portions(rows):
        with sessions() as session:
            session.execute(insert(RenamedFile), some)
    with sessions() as session:
        stored = session.get_one(Rename, rename.id)
        stored.total, stored.unchanged, stored.planned_at = total, total - len(rows), now()
        _forget(session)


def read(reading: Session, template: Template, shelf: Shelf) -> Found:
    """Every film below the library, and where it belongs."""
    busy = _busy(reading)
    found = Found()
    query = queries.of_videos().add_columns(Video.status).order_by(Video.id).execution_options(yield_per=_BATCH)
    for row in reading.execute(query):
        home = shelf.home_of(row.local_path)
        if home is None:
            found.outside += 1
            continue
        found.films += _film(row, template, home, busy, found)
    _leave_shared(found)
    return found


def _film(row: Record, template: Template, home: str, busy: set[int], found: Found) -> list[Film]:
    suffix = row.local_path[len(stem_of(row.local_path)) :]
    wanted = aim(template, queries.facts(row), home, suffix)
    if wanted is None:
        found.refused.append((row.id, row.local_path, State.CONFLICT, _TOO_LONG))
        return []
    fixed = row.id in busy or row.status == VideoStatus.DOWNLOADING
    return [Film(row.id, home, row.local_path, wanted, fixed)]


def _leave_shared(found: Found) -> None:
    """A file that two rows name stays: one of them would lose it."""
    named = Counter(film.stored[len(film.home) :] for film in found.films)
    shared = [film for film in found.films if named[film.stored[len(film.home) :]] > 1]
    if shared:
        found.films = [film for film in found.films if named[film.stored[len(film.home) :]] == 1]
        found.refused += [(film.video_id, film.stored, State.CONFLICT, _SHARED) for film in shared]


def _renamed(reading: Session, rename: Rename, shelf: Shelf) -> tuple[Sequence[Move], int, list[Any]]:
    found = read(reading, preferences.template(rename.template), shelf)
    return moves(found.films), len(found.films) + len(found.refused) + found.outside, found.refused


def _undone(reading: Session, undoes: int | None, shelf: Shelf) -> tuple[Sequence[Move], int, list[Any]]:
    """Back to where they were, the last first; those that somebody moved since stay."""
    query = select(RenamedFile.video_id, RenamedFile.old_path, RenamedFile.new_path, Video.local_path)
    query = query.join(Video, Video.id == RenamedFile.video_id, isouter=True)
    query = query.where(RenamedFile.rename_id == undoes, RenamedFile.state == State.DONE).order_by(
        RenamedFile.id.desc()
    )
    rows = reading.execute(query).all()
    found = [
        Move(row.video_id, shelf.home_of(row.new_path) or "", row.new_path, row.old_path)
        for row in rows
        if row.local_path == row.new_path
    ]
    changed = [
        (row.video_id, row.new_path, State.CHANGED, "It was moved, or forgotten, since")
        for row in rows
        if row.local_path != row.new_path
    ]
    return list(ordered(found)), len(rows), changed


def _busy(reading: Session) -> set[int]:
    """The videos whose download is under way."""
    keys = reading.scalars(select(Job.active_key).where(Job.active_key.startswith(_DOWNLOADS, autoescape=True)))
    numbers = ((key or "").removeprefix(_DOWNLOADS) for key in keys)
    return {int(number) for number in numbers if number.isdecimal()}


def _row(rename_id: int, video_id: int, old: str, new: str) -> dict[str, Any]:
    return {
        "rename_id": rename_id,
        "video_id": video_id,
        "old_path": old,
        "new_path": new,
        "at_path": old,
        "reason": None,
    }


def _portions(rows: Sequence[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    left = iter(rows)
    while some := list(islice(left, _BATCH)):
        yield some


def _forget(session: Session) -> None:
    """Journals of long ago."""
    old = session.scalars(select(Rename.id).order_by(Rename.id.desc()).offset(KEPT).limit(_BATCH)).all()
    if old:
        session.execute(delete(RenamedFile).where(RenamedFile.rename_id.in_(old)))
        session.execute(delete(Rename).where(Rename.id.in_(old)))
