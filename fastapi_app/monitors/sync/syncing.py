"""Looking for new videos in watched playlists. No connection is held while YouTube is waited for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import anyio
import structlog
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.locking import alone
from fastapi_app.errors import EXPECTED, AppError, NotFound, Unavailable, translate
from fastapi_app.integrations.youtube import PER_CALL
from fastapi_app.monitors.rules import keywords
from fastapi_app.monitors.sync import queries, rules
from fastapi_app.monitors.sync.films import entries, films, matching
from fastapi_app.monitors.sync.rules import Round, Synced
from fastapi_app.monitors.sync.storing import settle, store
from fastapi_app.transaction import Record

_GIVES_UP_AFTER = 3
"""Playlists in a row for which YouTube was not to be had: then the others wait for another day."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Look:
    """Who looks, and with which key. `session`, in which the login was looked up, has ended."""

    request: Request
    session: AsyncSession
    key: str
    user_id: int | None

    async def at(self, monitor: Record) -> Synced:
        """Stores the videos of a playlist that the library lacks, some at a time; what is stored stays when it fails.

        Raises NotFound, Conflict or ServiceFailure.
        """
        items = await self.request.state.youtube.entries(self.key, monitor.playlist_id)
        if items is None:
            raise NotFound(rules.HIDDEN)
        found = entries(items)
        wanted = matching(found, keywords(monitor.keywords))
        async with self.request.state.database.reading() as reader:
            known = await queries.known(reader, [entry.youtube_id for entry in wanted])
        synced = Synced(total_videos=len(found))
        for part in rules.batches([entry for entry in wanted if entry.youtube_id not in known], PER_CALL):
            told = await self.request.state.youtube.videos(self.key, [entry.youtube_id for entry in part])
            work = partial(store, self.request.state.jobs, self.user_id, monitor.id, films(told, part))
            # What was found is stored whole, even when the client leaves at this moment.
            with anyio.CancelScope(shield=True):
                synced.add(*await alone(self.request, self.session, work))
        with anyio.CancelScope(shield=True):
            synced.updated_videos = await alone(self.request, self.session, partial(settle, monitor.id, found))
        return synced

    async def at_each(self, monitors: Sequence[Record], total: Round) -> None:
        """One playlist after the other; what comes of each is added to `total`. Whichever fails is told so."""
        failures = 0
        for monitor in monitors:
            try:
                total.add(await self.at(monitor))
                failures = 0
            except EXPECTED as error:  # the edge of one playlist: told in the answer
                refusal = error if isinstance(error, AppError) else translate(error)
                log.warning("a playlist could not be synced", monitor_id=monitor.id, reason=type(error).__name__)
                total.errors.append(f"{monitor.name}: {refusal.message}")
                failures += isinstance(refusal, Unavailable)
            if failures == _GIVES_UP_AFTER:
                return
