"""A film goes from one name to another, with its rows; and whoever died on the way is found again. It blocks.

Noted first, then both names, then the rows in one transaction, then the old name goes: at every moment the row names a
film that is there, and the journal says how to go on.
"""

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi_app.config import Config
from fastapi_app.media.files import existing_file, is_film
from fastapi_app.renames import hop, journal
from fastapi_app.renames.companions import behind
from fastapi_app.renames.hop import Hop, Taken
from fastapi_app.renames.journal import Entry
from fastapi_app.renames.plan import stem_of
from fastapi_app.renames.planning import Sessions
from fastapi_app.renames.shelf import Shelf
from fastapi_app.renames.states import State

_LINK = "A symbolic link stays where it is"
_OUTSIDE = "The new folder lies outside the library"
_TAKEN = "Another file has this name"
_CHANGED = "Somebody else changed the video meanwhile"
_BUSY = "Its download is under way"
_MISSING = "There is no such file"
_READ_ONLY = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WHY = {State.CHANGED: _CHANGED, State.BUSY: _BUSY}
_MOST_NAMES = 1000


@dataclass(frozen=True)
class Journey:
    """The way of films: the disk, and transactions for the rows."""

    config: Config
    sessions: Sessions
    shelf: Shelf
    shield: Callable[[], AbstractContextManager[None]] = nullcontext
    """A block that must not be torn apart. Copies to another drive take long, and stay outside."""

    def go(self, entry: Entry, to: str) -> Entry:
        """Moves a film to the stored path `to`; the entry afterwards. A film that can't be moved stays where it is.

        Whatever it raises, `recover` finds out how far it came.
        """
        film = self._film(entry, to)
        if isinstance(film, str):
            return self._refused(entry, State.MISSING if film == _MISSING else State.FAILED, film)
        if hop.is_used(film):
            return self._refused(entry, State.CONFLICT, _TAKEN)
        part, is_new = part_of(entry), not film.new.parent.exists()
        try:
            hop.stage(film, part)
            with self.shield():
                return self._hop(entry, to, film, part)
        except Taken:
            return self._refused(entry, State.CONFLICT, _TAKEN)
        except OSError as error:
            return self._refused(entry, State.FAILED, _reason(error))
        finally:
            hop.unstage(film, part)
            if is_new:
                hop.remove_empty(film.new.parent, self.home)

    @property
    def home(self) -> Path:
        return self.shelf.real_home() or self.shelf.roots.data

    def _hop(self, entry: Entry, to: str, film: Hop, part: str) -> Entry:
        facts = film.old.stat()
        moving = replace(entry, to=to, beside=tuple(film.beside), size=facts.st_size, modified=facts.st_mtime_ns)
        with self.sessions() as session:
            journal.note(session, moving)
        hop.begin(film, part)
        with self.sessions() as session:
            state = journal.tell(session, moving, self.shelf, _came_along(film))
        if state is not State.TOLD:
            hop.take_back(film, self.home)
            return self._refused(entry, state, _WHY[state])
        return self._arrived(replace(moving, state=State.TOLD), film)

    def _arrived(self, entry: Entry, film: Hop) -> Entry:
        """The row knows the new name: the old one goes."""
        hop.finish(film, self.home)
        state = State.DONE if entry.to == entry.new else State.PENDING
        with self.sessions() as session:
            return journal.settle(session, entry, state)

    def recover(self, entry: Entry) -> Entry:
        """Finishes, or takes back, a step in which somebody died."""
        if entry.to is None:
            return entry
        old, new = self.shelf.real(entry.at), self.shelf.real(entry.to)
        if old is None or new is None:
            return self._refused(entry, State.FAILED, _OUTSIDE)
        film = Hop(old, new, entry.beside)
        hop.unstage(film, part_of(entry))
        with self.sessions() as session:
            told = journal.whereabouts(session, entry.video_id)
        if told == entry.to:
            return self._arrived(replace(entry, state=State.TOLD), film)
        if told == entry.at and not old.exists() and is_film(new, entry.size, entry.modified):
            with self.sessions() as session:
                state = journal.tell(session, entry, self.shelf, _came_along(film))
            if state is State.TOLD:
                return self._arrived(replace(entry, state=state), film)
        hop.take_back(film, self.home)
        if told != entry.at:
            return self._refused(entry, State.CHANGED, _CHANGED)
        with self.sessions() as session:
            return journal.settle(session, replace(entry, state=State.PENDING), State.PENDING)

    def unpark(self, entry: Entry) -> Entry:
        """Gives a film that stepped aside a name that people see: the new one, the old one, or a numbered one."""
        suffix = entry.new[len(stem_of(entry.new)) :]
        numbered = (f"{stem_of(entry.new)} ({number}){suffix}" for number in range(1, _MOST_NAMES))
        for name in (entry.new, entry.old, *numbered):
            real = self.shelf.real(name)
            if real is not None and not os.path.lexists(real):
                moved = self.go(entry, name)
                if moved.at == name and name != entry.new:
                    return self._refused(moved, State.CONFLICT, _TAKEN)
                if moved.at == name or moved.state is not State.CONFLICT:
                    return moved
                entry = replace(moved, state=State.PENDING)
        return entry

    def _film(self, entry: Entry, to: str) -> Hop | str:
        """The paths of a step, or why it can't be taken."""
        if self.shelf.is_link(entry.at):
            return _LINK
        old, new = existing_file(self.config, entry.at), self.shelf.real(to)
        if old is None:
            return _MISSING
        if new is None:
            return _OUTSIDE
        names: list[str] = []
        with suppress(OSError):
            names = [file.name for file in old.parent.iterdir()]
        return Hop(old, new, behind(old.name, names))

    def _refused(self, entry: Entry, state: State, reason: str) -> Entry:
        with self.sessions() as session:
            return journal.settle(session, entry, state, reason)


def part_of(entry: Entry) -> str:
    """The name of a copy that is not whole yet. Hidden, so that nobody takes it for a film."""
    return f".rename-{entry.id}.part"


def parked(entry: Entry) -> str:
    """The stored path of a film that steps aside. Hidden too; it is played as any other meanwhile."""
    folder = entry.at.rpartition("/")[0]
    return f"{folder}/.rename-{entry.id}{entry.at[len(stem_of(entry.at)) :]}"


def _came_along(film: Hop) -> Sequence[str]:
    """What follows the stem of the companions that have their new names."""
    pairs = zip(film.beside, film.companions(), strict=True)
    return [rest for rest, (_, new) in pairs if os.path.lexists(new)]


def _reason(error: OSError) -> str:
    if error.errno in _READ_ONLY:
        return "The folder can't be written"
    return f"The disk refused it: {error.strerror}" if error.strerror else "The disk refused it"
