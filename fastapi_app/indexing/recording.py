"""Films get rows: read from their names in a thread, written in one transaction for some of them."""

from collections.abc import Iterable, Sequence

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import Database
from fastapi_app.indexing import queries, rules
from fastapi_app.indexing.artists import Artists
from fastapi_app.indexing.ledger import Entry, Ledger
from fastapi_app.indexing.names import Reading, readings
from fastapi_app.indexing.naming import read_naming
from fastapi_app.indexing.rules import Indexed, folder_of
from fastapi_app.indexing.walk import Found, shown
from fastapi_app.media.paths import Roots
from fastapi_app.videos.scan.queries import give_film, unchanged, videos_of

_AT_ONCE = 50


async def index_films(database: Database, roots: Roots, library: str, films: Sequence[Found]) -> list[Indexed]:
    """Gives every film rows, unless it has them. Whoever calls this has the turn.

    What was written for some films stays when others fail; asking again goes on from there.
    """
    if not films:
        return []
    async with database.reading() as session:
        rows = await queries.artists(session)
    artists = await to_thread.run_sync(Artists, rows)
    naming = await read_naming(database, roots, [film.stored for film in films if film.is_nameable])
    results: list[Indexed] = []
    for start in range(0, len(films), _AT_ONCE):
        blank = Ledger(roots, library, artists, naming)
        results += await _index(database, blank, films[start : start + _AT_ONCE])
    return results


async def look_up(session: AsyncSession, ledger: Ledger, read: Iterable[Reading]) -> None:
    """Reads the videos of the artists concerned into the ledger."""
    ids = {found for reading in read if (found := ledger.artists.id_of(reading)) is not None}
    ledger.videos = await videos_of(session, sorted(ids)) if ids else {}


async def write(session: AsyncSession, entries: Sequence[Entry]) -> None:
    """Writes what was decided. A video that somebody changed meanwhile is left alone, and its film told as failed."""
    hopeful = {entry.given: entry.seen for entry in entries if entry.given is not None}
    same = await unchanged(session, hopeful)
    for entry in entries:
        if entry.given is not None and entry.given not in same:
            entry.result.success, entry.result.error = False, rules.CHANGED
            entry.result.download_created = False
            continue
        if entry.given is not None:
            await give_film(session, entry.given, entry.film.stored)
        session.add_all(entry.rows)
    await session.flush()


async def _index(database: Database, ledger: Ledger, films: Sequence[Found]) -> list[Indexed]:
    results = [Indexed(shown(film.stored)) for film in films]
    read = await to_thread.run_sync(_read_all, ledger.artists, ledger.library, films, results)
    async with database.writing() as session:
        await look_up(session, ledger, [reading for _, reading, _ in read])
        entries = await to_thread.run_sync(_enter_all, ledger, read)
        await write(session, entries)
    ledger.artists.settle()
    return results


def _read_all(
    artists: Artists, library: str, films: Sequence[Found], results: Sequence[Indexed]
) -> list[tuple[Found, Reading, Indexed]]:
    """The films whose names say whose they are; the results of the others say why not."""
    read: list[tuple[Found, Reading, Indexed]] = []
    for film, result in zip(films, results, strict=True):
        if not film.is_nameable:
            result.error = rules.UNNAMEABLE
            continue
        reading = artists.choose(readings(film.name, folder_of(film.stored, library)))
        if reading is None:
            result.error = rules.NO_ARTIST
            continue
        result.artist_name, result.video_title = reading.artist, reading.title
        read.append((film, reading, result))
    return read


def _enter_all(ledger: Ledger, read: Sequence[tuple[Found, Reading, Indexed]]) -> list[Entry]:
    return [ledger.enter(film, reading, result) for film, reading, result in read]
