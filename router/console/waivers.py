"""Waivers made and taken back by the console."""

from router.comparison.errors import WaiverRefused
from router.console import said
from router.console.answer import Answer, told
from router.console.board import Board
from router.console.errors import Conflict, NotFound, Unfit
from router.console.surroundings import Surroundings
from router.console.visit import Visit
from router.errors import UnknownRoute
from router.mirror.apart import Apart


class Waivers:
    """Every public method is a `Handle`."""

    def __init__(self, surroundings: Surroundings, board: Board, thread: Apart) -> None:
        self._around = surroundings
        self._board = board
        self._thread = thread

    async def make(self, visit: Visit) -> Answer:
        """Accepts the differences of one field for a time."""
        posted = visit.posted
        key, field, kind = self._key(visit), said.text(posted, "field"), said.kind(posted)
        reason, expires = said.text(posted, "reason"), said.day(posted, "expires")

        def job() -> Answer:
            try:
                made = self._around.book.make(key, field, kind, owner=visit.who.name, reason=reason, expires=expires)
            except WaiverRefused as error:
                raise Unfit(error.field, error.why) from error
            self._board.changed(key)
            return told({"id": made.id}, 201)

        return await self._thread.call(job)

    async def withdraw(self, visit: Visit) -> Answer:
        """Takes one back: what it accepted counts again."""
        key, name, reason = self._key(visit), said.text(visit.posted, "id"), said.text(visit.posted, "reason")

        def job() -> Answer:
            self._around.book.refresh()
            found = next((one for one in self._around.book.of(key) if one.id == name), None)
            if found is None:
                raise NotFound(f"{key} has no waiver {name!r} that the console made.")
            if found.withdrawn:
                raise Conflict("The waiver was withdrawn already.")
            self._around.book.withdraw(found, by=visit.who.name, reason=reason)
            self._board.changed(key)
            return told({"id": found.id})

        return await self._thread.call(job)

    def _key(self, visit: Visit) -> str:
        key = said.text(visit.posted, "key")
        try:
            return self._around.table[key].key
        except UnknownRoute:
            raise Unfit("key", f"must be known: there is no route {key!r}") from None
