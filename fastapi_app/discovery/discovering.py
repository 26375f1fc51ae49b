"""Finding the videos of artists on IMVDb and storing them. No connection is held while IMVDb is waited for."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import anyio
import structlog
from fastapi import Request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists.locking import alone, lock
from fastapi_app.discovery import queries, rules
from fastapi_app.discovery.findings import Finding, Known, findings, fresh
from fastapi_app.discovery.rules import Discovered
from fastapi_app.errors import EXPECTED, AppError, Conflict, NotFound, Unavailable, translate
from fastapi_app.integrations.imvdb import PER_PAGE, IMVDb
from fastapi_app.models import INTEGER_MAX, now
from fastapi_app.transaction import Record

_MOST_PAGES = 4
_ATTEMPTS = 5
_GIVES_UP_AFTER = 3
"""Artists in a row for whom IMVDb was not to be had: then the others wait for another day."""

log = structlog.get_logger(__name__)


async def discover(
    request: Request, session: AsyncSession, artist_id: int, most: int, *, of_all: bool = False
) -> Discovered:
    """Finds up to `most` videos of an artist that the library lacks, and stores them in one transaction.

    `session`, in which the login was looked up, has ended. `of_all` notes at the artist that this was done. Without a
    key nothing is asked. Raises NotFound, Conflict or ServiceFailure.
    """
    async with request.state.database.reading() as reader:
        artist = await queries.artist_and_key(reader, artist_id) if artist_id <= INTEGER_MAX else None
        if artist is None:
            raise NotFound(f"Artist {artist_id} not found", success=False)
        if most == 0 or not rules.is_enabled(artist.key):
            return Discovered(artist.name)
        library = await queries.known_videos(reader, artist_id)
    found = await _look(request.state.imvdb, artist, library, most)
    # What was found is stored whole, even when the client leaves at this moment.
    with anyio.CancelScope(shield=True):
        stored = await _store(request, session, artist_id, found, of_all=of_all)
    return Discovered(artist.name, found, stored)


async def discover_each(
    request: Request, session: AsyncSession, artists: Sequence[Record], most: int, results: list[dict[str, Any]]
) -> None:
    """One artist after the other, each in a transaction of its own; what comes of each is added to `results`.

    An artist who fails is told so, and the next one follows.
    """
    failures = 0
    for artist in artists:
        try:
            result = (await discover(request, session, artist.id, most, of_all=True)).shown()
            failures = 0
        except EXPECTED as error:  # the edge of one artist: told in the answer
            refusal = error if isinstance(error, AppError) else translate(error)
            log.warning("the discovery of an artist failed", artist_id=artist.id, reason=type(error).__name__)
            result = {"success": False, "error": refusal.message}
            failures += isinstance(refusal, Unavailable)
        results.append({"artist_id": artist.id, "artist_name": artist.name, "result": result})
        if failures == _GIVES_UP_AFTER:
            return


async def _look(imvdb: IMVDb, artist: Record, library: Known, most: int) -> list[Finding]:
    """What IMVDb has of an artist and the library lacks, page by page until there is enough."""
    found: list[Finding] = []
    for page in range(1, _MOST_PAGES + 1):
        results = await imvdb.search_videos(artist.key.strip(), artist.name, page)
        found = fresh([*found, *findings(results, artist.name)], library)
        if len(found) >= most or len(results) < PER_PAGE:
            break
    return found[:most]


async def _store(
    request: Request, session: AsyncSession, artist_id: int, found: Sequence[Finding], *, of_all: bool
) -> int:
    """How many of them are new by now. Others may store the same at the same moment: it is looked again then."""
    for _ in range(_ATTEMPTS):
        try:
            return await alone(request, session, partial(_stored, artist_id, found, of_all))
        except IntegrityError:
            log.info("somebody else stored the same video", artist_id=artist_id)
    raise Conflict("Somebody else is storing the same videos, try again in a moment")


async def _stored(artist_id: int, found: Sequence[Finding], of_all: bool, session: AsyncSession) -> int:
    """In a transaction. The artist is locked, so that two discoveries of one artist follow each other."""
    if not await lock(session, [artist_id]):
        raise NotFound(f"Artist {artist_id} not found", success=False)
    kept = fresh(found, await queries.known_videos(session, artist_id, found))
    at = now()
    queries.add_videos(session, artist_id, kept, at)
    if of_all:
        await queries.date_discovery(session, artist_id, at)
    await session.flush()
    return len(kept)
