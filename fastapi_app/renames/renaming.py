"""What the job of kind `rename-files` runs: the films of a journal get their names, one after the other."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fastapi_app.database import blocking_engine
from fastapi_app.jobs.work import Done, Failed, Work
from fastapi_app.media.paths import Roots
from fastapi_app.models import Rename, RenamedFile
from fastapi_app.renames import journal
from fastapi_app.renames.journal import Entry
from fastapi_app.renames.journey import Journey, parked
from fastapi_app.renames.payload import RenameFiles
from fastapi_app.renames.plan import claim_of
from fastapi_app.renames.planning import plan
from fastapi_app.renames.shelf import Shelf, read_shelf
from fastapi_app.renames.states import State
from fastapi_app.renames.turn import turn


def rename(work: Work) -> Done:
    """Goes on where an earlier attempt ended. Raises Failed, FailedForNow, Interrupted."""
    rename_id = RenameFiles.model_validate(work.task.payload).rename_id
    engine = blocking_engine(work.config)
    try:
        with Session(engine) as session:
            shelf = read_shelf(session, Roots.of(work.config))
        journey = Journey(work.config, work.session, shelf, work.shielded)
        with work.session() as session:
            unfinished = journal.unfinished(session)
        with turn(work.config.data_dir), work.shielded():
            _recover(journey, unfinished, rename_id)
        _plan(work, engine, rename_id, shelf)
        Run(work, journey, rename_id).run()
        with Session(engine) as session:
            return Done(_result(session, rename_id))
    finally:
        engine.dispose()


def _plan(work: Work, engine: Engine, rename_id: int, shelf: Shelf) -> None:
    with Session(engine) as session:
        found = session.get(Rename, rename_id)
        if found is None:
            raise Failed("not-found", "This run was forgotten")
        if found.planned_at is None:
            work.progress(stage="planning", percent=0.0, message="Looking at the library")
            plan(work.session, session, found, shelf)


def _recover(journey: Journey, unfinished: list[Entry], rename_id: int) -> None:
    """Steps in which somebody died; of other runs also the films that stepped aside. Ours get their turn."""
    for entry in unfinished:
        found = journey.recover(entry)
        if found.is_parked and found.rename_id != rename_id:
            journey.unpark(found)


@dataclass
class Run:
    """One attempt at the films that have not moved yet. `at` tells which of them has a name now, `aside` who stepped
    aside: until all of those have their names, nothing interrupts it.
    """

    work: Work
    journey: Journey
    rename_id: int
    at: dict[str, int] = field(default_factory=dict)
    aside: set[int] = field(default_factory=set)
    _shield: ExitStack = field(default_factory=ExitStack)

    def run(self) -> None:
        with self.work.session() as session:
            waiting = journal.pending(session, self.rename_id)
        self.at = {self._claim(at): entry_id for entry_id, at in waiting}
        with self._shield:
            for done, (entry_id, _) in enumerate(waiting):
                self._tell(done, len(waiting))
                with turn(self.work.config.data_dir):
                    self._one(entry_id)
        self._tell(len(waiting), len(waiting))

    def _tell(self, done: int, total: int) -> None:
        percent = 100.0 * done / max(total, 1)
        self.work.progress(stage="renaming", percent=percent, message=f"{done:,} of {total:,} files")

    def _one(self, entry_id: int) -> None:
        with self.work.session() as session:
            entry = journal.one(session, entry_id)
        if entry.state is not State.PENDING:
            return
        other = self.at.get(self._claim(entry.new))
        if other is not None and other != entry_id:
            self._step_aside(other)
        moved = self.journey.unpark(entry) if entry.is_parked else self.journey.go(entry, entry.new)
        if self.at.get(self._claim(entry.at)) == entry_id and moved.at != entry.at:
            del self.at[self._claim(entry.at)]
        self.aside.discard(entry_id)
        if not self.aside:
            self._shield.close()

    def _step_aside(self, entry_id: int) -> None:
        """Whoever has the name that another one gets, in a circle."""
        with self.work.session() as session:
            entry = journal.one(session, entry_id)
        if not self.aside:
            self._shield.enter_context(self.work.shielded())
        self.aside.add(entry_id)
        moved = self.journey.go(entry, parked(entry))
        del self.at[self._claim(entry.at)]
        if not moved.is_parked:
            self.aside.discard(entry_id)

    def _claim(self, stored: str) -> str:
        return claim_of(self.journey.shelf.home_of(stored) or "", stored)


def _result(session: Session, rename_id: int) -> dict[str, Any]:
    query = select(RenamedFile.state, func.count()).where(RenamedFile.rename_id == rename_id)
    counts = Counter({state: number for state, number in session.execute(query.group_by(RenamedFile.state))})  # noqa: C416
    unchanged = session.scalar(select(Rename.unchanged).where(Rename.id == rename_id)) or 0
    return {
        "rename_id": rename_id,
        "renamed": counts[State.DONE],
        "unchanged": unchanged,
        "conflicts": counts[State.CONFLICT],
        "missing": counts[State.MISSING],
        "failed": counts[State.FAILED] + counts[State.BUSY] + counts[State.CHANGED],
    }
