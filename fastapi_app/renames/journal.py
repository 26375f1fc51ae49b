"""The journal as a run reads and writes it. A step is noted before anything on the disk changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fastapi_app.downloads.kinds import DOWNLOAD
from fastapi_app.downloads.payload import video_subject
from fastapi_app.jobs.submission import active_key
from fastapi_app.models import Download, Job, RenamedFile, Video, VideoStatus
from fastapi_app.renames.plan import stem_of
from fastapi_app.renames.shelf import Shelf
from fastapi_app.renames.states import UNDER_WAY, State

_REASON_LENGTH = 200


@dataclass(frozen=True)
class Entry:
    """One film of a run; see `models/renamed_file.py`."""

    id: int
    rename_id: int
    video_id: int
    state: State
    old: str
    new: str
    at: str
    to: str | None = None
    beside: tuple[str, ...] = ()
    size: int | None = None
    modified: int | None = None

    @classmethod
    def of(cls, row: RenamedFile) -> Self:
        beside = tuple(row.beside or ())
        paths = (row.old_path, row.new_path, row.at_path, row.to_path)
        return cls(row.id, row.rename_id, row.video_id, State(row.state), *paths, beside, row.size, row.modified)

    @property
    def is_parked(self) -> bool:
        """Whether it stepped aside, and waits for its new name."""
        return self.state is State.PENDING and self.at != self.old


def one(session: Session, entry_id: int) -> Entry:
    return Entry.of(session.get_one(RenamedFile, entry_id))


def pending(session: Session, rename_id: int) -> Sequence[tuple[int, str]]:
    """The films that have not moved yet, in order: their entries, and where they are."""
    query = select(RenamedFile.id, RenamedFile.at_path)
    query = query.where(RenamedFile.rename_id == rename_id, RenamedFile.state == State.PENDING)
    return [(entry_id, at) for entry_id, at in session.execute(query.order_by(RenamedFile.id))]


def unfinished(session: Session, rename_id: int | None = None) -> list[Entry]:
    """The films that were on their way when somebody died, and those that stepped aside; of one run, or of all."""
    is_parked = (RenamedFile.state == State.PENDING) & (RenamedFile.at_path != RenamedFile.old_path)
    query = select(RenamedFile).where(RenamedFile.state.in_(UNDER_WAY) | is_parked)
    if rename_id is not None:
        query = query.where(RenamedFile.rename_id == rename_id)
    return [Entry.of(row) for row in session.scalars(query.order_by(RenamedFile.id))]


def note(session: Session, entry: Entry) -> None:
    """What is about to happen to a film."""
    _write(
        session,
        entry.id,
        state=State.MOVING,
        to_path=entry.to,
        beside=list(entry.beside),
        size=entry.size,
        modified=entry.modified,
    )


def settle(session: Session, entry: Entry, state: State, reason: str | None = None) -> Entry:
    """What became of it. A film that was told of its new name is there."""
    at = (entry.to or entry.at) if entry.state is State.TOLD else entry.at
    _write(session, entry.id, state=state, at_path=at, to_path=None, reason=reason[:_REASON_LENGTH] if reason else None)
    return replace(entry, state=state, at=at, to=None)


def whereabouts(session: Session, video_id: int) -> str | None:
    """Where the row of a video says that its film is."""
    return session.scalar(select(Video.local_path).where(Video.id == video_id))


def tell(session: Session, entry: Entry, shelf: Shelf, moved: Sequence[str]) -> State:
    """Tells the rows that the film has its new name: TOLD, or why not. `moved` is what follows the stem of those
    companions that came with it.
    """
    columns = (Video.local_path, Video.thumbnail_path, Video.status)
    row = session.execute(select(*columns).where(Video.id == entry.video_id).with_for_update()).one_or_none()
    if row is None or row.local_path != entry.at or entry.to is None:
        return State.CHANGED
    if row.status == VideoStatus.DOWNLOADING or _is_downloaded(session, entry.video_id):
        return State.BUSY
    changes: dict[str, Any] = {"local_path": entry.to}
    picture = _picture(shelf, row.thumbnail_path, entry, moved)
    if picture is not None:
        changes["thumbnail_path"] = picture
    session.execute(update(Video).where(Video.id == entry.video_id).values(**changes))
    spelled = _spellings(shelf, entry.at)
    of_film = (Download.video_id == entry.video_id, Download.file_path.in_(spelled))
    session.execute(update(Download).where(*of_film).values(file_path=entry.to))
    _write(session, entry.id, state=State.TOLD)
    return State.TOLD


def _write(session: Session, entry_id: int, **values: Any) -> None:
    session.execute(update(RenamedFile).where(RenamedFile.id == entry_id).values(**values))


def _is_downloaded(session: Session, video_id: int) -> bool:
    key = active_key(DOWNLOAD.name, video_subject(video_id))
    return session.scalar(select(Job.id).where(Job.active_key == key).limit(1)) is not None


def _picture(shelf: Shelf, picture: str | None, entry: Entry, moved: Sequence[str]) -> str | None:
    """The new path of the picture that the row names, where that lay beside the film."""
    home = shelf.home_of(picture) if picture else None
    if picture is None or home is None or entry.to is None:
        return None
    old, new = _below(shelf, entry.at), _below(shelf, entry.to)
    rest = next((rest for rest in moved if picture[len(home) :] == stem_of(old) + rest), None)
    return f"{home}{stem_of(new)}{rest}" if rest is not None else None


def _spellings(shelf: Shelf, stored: str) -> list[str]:
    below = _below(shelf, stored)
    return sorted({stored, *(f"{home}{below}" for home in shelf.homes)})


def _below(shelf: Shelf, stored: str) -> str:
    return stored[len(shelf.home_of(stored) or "") :]
