"""Three ways to begin a library: name an artist, take films that are there, or have a demo made."""

from collections.abc import Mapping

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.artists import queries as artist_queries
from fastapi_app.artists.rules import new_artist
from fastapi_app.auth.visitor import Visitor
from fastapi_app.demo import kinds
from fastapi_app.demo.payload import Demo
from fastapi_app.errors import BadField, BadRequest, Conflict
from fastapi_app.indexing.library import enter, walk
from fastapi_app.indexing.recording import index_films
from fastapi_app.indexing.rules import summary
from fastapi_app.indexing.turn import turn
from fastapi_app.indexing.walk import films_below
from fastapi_app.jobs.submission import submit
from fastapi_app.models import Artist
from fastapi_app.pages.welcome import queries

MOST_FILMS = 2000
"""Films that one press of the button takes: the answer must not keep anybody waiting."""


async def begin(request: Request, session: AsyncSession, visitor: Visitor, values: Mapping[str, str]) -> dict[str, str]:
    """Does it, and gives what the next page is to say, as members of its query. Raises BadRequest and Conflict."""
    way = values.get("way", "")
    if way == "artist":
        return await _add_artist(session, values.get("name", ""))
    if way == "films":
        return await _take_films(request, session)
    if way == "demo":
        return await _make_demo(request, session, visitor)
    raise BadField("way", "artist, films or demo")


def told(values: Mapping[str, str]) -> str:
    """The sentence for members of a query that `begin` gave; a visitor may have written them."""
    done, count = values.get("done", ""), values.get("count", "")
    if done == "films" and count.isascii() and count.isdecimal() and len(count) < 7:
        new = f"{int(count):,} {'film is' if int(count) == 1 else 'films are'} in the library now."
        return f"{new} There are more: take these, too." if "more" in values else new
    return _SENTENCES.get(done, "")


_SENTENCES = {
    "password": "The password is changed. Your other logins ended.",
    "artist": "The artist is in the library.",
    "demo": "The demo is being made. It shows up in the library within a minute or two.",
}


async def _add_artist(session: AsyncSession, given: str) -> dict[str, str]:
    name = given.strip()
    if not name:
        raise BadRequest("Type the name of an artist first.")
    columns = new_artist({"name": name})
    if await artist_queries.artist_named(session, columns["name"]) is not None:
        raise Conflict("This artist is in the library already.")
    session.add(Artist(**columns))
    await session.flush()
    return {"done": "artist"}


async def _take_films(request: Request, session: AsyncSession) -> dict[str, str]:
    known = await queries.stored_paths(session)
    roots, found = await enter(request, session)
    async with turn(request.state.config.data_dir):
        films = [film for film in await walk(request, films_below, roots, found.library) if film.stored not in known]
        results = await index_films(request.state.database, roots, found.library, films[:MOST_FILMS])
    if not results:
        raise BadRequest(f"There is no film below {found.library} that the library does not know.")
    more = {"more": "yes"} if len(films) > MOST_FILMS else {}
    return {"done": "films", "count": str(summary(results)["successful"]), **more}


async def _make_demo(request: Request, session: AsyncSession, visitor: Visitor) -> dict[str, str]:
    if not (await queries.library(session)).is_empty:
        raise Conflict("The library holds something already, so no demo is added to it.")
    payload = Demo().model_dump(mode="json")
    made = await session.run_sync(submit, kinds.DEMO, kinds.SUBJECT, payload, user_id=visitor.user_id)
    if made.created:
        request.state.jobs.after_commit(session, made.job)
    return {"done": "demo"}
