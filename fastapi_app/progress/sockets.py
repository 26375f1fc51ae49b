"""The open sockets of a process: how many there may be, and whether each may still be here."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fastapi_app.database import Database
from fastapi_app.errors import Unavailable
from fastapi_app.jobs.visibility import View
from fastapi_app.progress.standing import Proof, views

CHECK_SECONDS = 60.0

log = structlog.get_logger(__name__)


class TooManySockets(Unavailable):
    """This process, or this user, holds as many sockets as it may."""

    def __init__(self) -> None:
        super().__init__("There are too many open connections, close some tabs")


class Holder(Protocol):
    """Whoever holds a socket. `dismiss` ends it because its login ended or changed; it does not block."""

    @property
    def proof(self) -> Proof: ...

    @property
    def view(self) -> View: ...

    def dismiss(self) -> None: ...


class Sockets:
    """At most `most` sockets, and `most_per_user` of one user. Nobody, whom an open gate lets in, is many people."""

    def __init__(self, most: int, most_per_user: int) -> None:
        self.most = most
        self._most_per_user = most_per_user
        self._holders: set[Holder] = set()
        self._by_user: Counter[int | None] = Counter()

    def __len__(self) -> int:
        return len(self._holders)

    @contextmanager
    def held(self, holder: Holder) -> Iterator[None]:
        """Counts a socket while the block lasts. Raises TooManySockets."""
        self.add(holder)
        try:
            yield
        finally:
            self.remove(holder)

    def refuse_beyond(self, user_id: int | None) -> None:
        """Raises TooManySockets where one more of this user would be too many."""
        is_full = user_id is not None and self._by_user[user_id] >= self._most_per_user
        if is_full or len(self._holders) >= self.most:
            raise TooManySockets

    def add(self, holder: Holder) -> None:
        """Counts a socket. Raises TooManySockets."""
        self.refuse_beyond(holder.view.user_id)
        self._holders.add(holder)
        self._by_user[holder.view.user_id] += 1

    def remove(self, holder: Holder) -> None:
        """Nothing happens where it was not counted."""
        if holder in self._holders:
            self._holders.discard(holder)
            user_id = holder.view.user_id
            self._by_user[user_id] -= 1
            if not self._by_user[user_id]:
                del self._by_user[user_id]

    async def watch(self, database: Database, seconds: float = CHECK_SECONDS) -> None:
        """Asks once a minute whether the logins still count, without end."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.check(database)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("the logins of open sockets could not be checked", reason=type(error).__name__)

    async def check(self, database: Database) -> None:
        """Dismisses every socket whose login ended, or shows something else than it did."""
        if not self._holders:
            return
        async with database.reading() as session:
            found = await views(session, {holder.proof for holder in self._holders})
        for holder in tuple(self._holders):
            if found.get(holder.proof, holder.view) != holder.view or holder.proof not in found:
                holder.dismiss()
