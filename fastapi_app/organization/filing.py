"""Films are put where their artists' films are, and their rows told, one film at a time.

Each has a transaction of its own: what was done for one film stays when another fails.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import anyio
from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import Database
from fastapi_app.indexing import queries as index_queries
from fastapi_app.indexing.artists import Artists
from fastapi_app.indexing.ledger import Ledger
from fastapi_app.indexing.names import Reading, cleaned, file_name, folder_name, is_settled, readings
from fastapi_app.indexing.naming import Naming, read_naming
from fastapi_app.indexing.recording import look_up, write
from fastapi_app.indexing.rules import CHANGED, UNNAMEABLE, Indexed, folder_of
from fastapi_app.indexing.shelves import Shelves
from fastapi_app.indexing.walk import Found, shown
from fastapi_app.media.paths import Roots
from fastapi_app.organization import moving, queries, rules
from fastapi_app.organization.rules import Action, Filed
from fastapi_app.transaction import Record
from fastapi_app.videos.films.folders import Shelf, open_shelf
from fastapi_app.videos.films.titles import composed
from fastapi_app.videos.rules import PATH_LENGTH


@dataclass(frozen=True)
class Aim:
    """Where a film belongs: the reading of its name, a stored folder, a name, and the rows that name the film."""

    film: Found
    reading: Reading
    folder: str
    name: str
    owners: Sequence[Record]


@dataclass(frozen=True)
class Filing:
    """The library as films are put into it."""

    database: Database
    roots: Roots
    shelves: Shelves
    shelf: Shelf
    artists: Artists
    naming: Naming

    async def file(self, films: Iterable[Found], *, existing: bool) -> list[Filed]:
        """Puts films in order, one after the other; `existing` ones were in the library before.

        Whoever calls this has the turn.
        """
        return [await self._file(film, existing=existing) for film in films]

    async def _file(self, film: Found, *, existing: bool) -> Filed:
        result = Filed(shown(film.stored), cleaned_filename=shown(cleaned(film.name)))
        aim = await to_thread.run_sync(partial(self._aim, film, result, existing=existing))
        if aim is None:
            return result
        await self._move(aim, result)
        return result

    def _aim(self, film: Found, result: Filed, *, existing: bool) -> Aim | None:
        """Where a film is to go; None where it stays, and then the result says why."""
        if film.is_link or not film.is_nameable:
            result.error = rules.IS_LINK if film.is_link else UNNAMEABLE
            result.skipped = True
            return None
        owners = self.naming.videos(film.stored)
        reading = self._read(film, owners, existing=existing)
        if reading is None:
            result.error, result.skipped = rules.UNREADABLE_NAME, True
            return None
        result.artist, result.title = reading.artist, reading.title
        artist = self.artists.name_of(reading)
        folder = self._folder(artist)
        name = file_name(artist, reading.title, PurePosixPath(film.name).suffix)
        result.new_path = f"{folder}/{name}"
        if self._is_in(film, folder) and is_settled(film.name, artist, reading.title):
            result.success, result.skipped, result.action = True, True, Action.ALREADY_ORGANIZED
            result.new_path = shown(film.stored)
            return None
        if len(result.new_path) > PATH_LENGTH:
            result.error = UNNAMEABLE
            return None
        result.action = rules.action(film.stored, folder)
        return Aim(film, reading, folder, name, owners)

    def _read(self, film: Found, owners: Sequence[Record], *, existing: bool) -> Reading | None:
        """Its row knows best what a film is."""
        if owners and owners[0].artist_name and owners[0].title:
            return Reading(composed(owners[0].artist_name), composed(owners[0].title))
        folder = folder_of(film.stored, self.shelves.library) if existing else ""
        return self.artists.choose(readings(film.name, folder))

    def _folder(self, artist: str) -> str:
        """The folder that the artist has, in whatever spelling, or the one to be made."""
        wanted = folder_name(artist)
        spelled = self.shelf.folders.get(wanted)
        found = [f"{self.shelf.stored}/{spelled[0]}"] if spelled else self.shelf.folders_of(artist)
        return found[0] if found else f"{self.shelf.stored}/{wanted}"

    def _is_in(self, film: Found, folder: str) -> bool:
        return composed(str(PurePosixPath(film.stored).parent)) == composed(folder)

    async def _move(self, aim: Aim, result: Filed) -> None:
        """Moves the file and tells its rows, both or neither."""
        try:
            move = await to_thread.run_sync(moving.begin, self.roots, aim.film.stored, aim.folder, aim.name)
        except OSError:
            result.error = rules.UNMOVABLE
            return
        try:
            async with self.database.writing() as session:
                await self._tell(session, aim, move.stored)
        except _Overtaken:
            await to_thread.run_sync(moving.undo, move)
            result.error = CHANGED
            return
        except BaseException:  # cancelled or failed: the rows keep the old name, so the new one goes
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(moving.undo, move)
            raise
        await to_thread.run_sync(moving.finish, move)
        self.artists.settle()
        made = aim.folder.rpartition("/")[2]
        self.shelf.folders.setdefault(composed(made), [made])
        result.success, result.new_path = True, move.stored

    async def _tell(self, session: AsyncSession, aim: Aim, stored: str) -> None:
        """Tells the rows of a film its new path, or gives it rows. Raises _Overtaken."""
        downloads = self.naming.downloads(aim.film.stored)
        if aim.owners and not await queries.rename_film(session, aim.owners, stored):
            raise _Overtaken
        await queries.rename_downloads(session, downloads, stored)
        if aim.owners:
            return
        film = Found(stored, aim.film.size, aim.film.changed)
        told, ledger = Indexed(stored), Ledger(self.roots, self.shelves.library, self.artists, self.naming)
        await look_up(session, ledger, [aim.reading])
        enter = partial(ledger.enter, makes_rows=self.shelves.indexes, was=aim.film.stored)
        await write(session, [await to_thread.run_sync(enter, film, aim.reading, told)])
        if not told.success:
            raise _Overtaken


class _Overtaken(Exception):
    """Somebody else changed the rows of a film while it was moved."""


async def open_filing(database: Database, roots: Roots, shelves: Shelves, films: Sequence[Found]) -> Filing | None:
    """For filing `films`. None where there is no library to put them into: a drive that is not mounted gets no folder
    in its place.
    """
    async with database.reading() as session:
        artists = await index_queries.artists(session)
        has_films = await queries.has_films(session)
    shelf = await to_thread.run_sync(open_shelf, roots, shelves.library)
    if shelf is None and has_films:
        return None
    known = await to_thread.run_sync(Artists, artists)
    naming = await read_naming(database, roots, [film.stored for film in films if film.is_nameable])
    return Filing(database, roots, shelves, shelf or Shelf(shelves.library, roots), known, naming)
