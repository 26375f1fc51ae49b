"""The page of MvTV. Its first films stand in it; the script fetches the others."""

import secrets

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.models import now
from fastapi_app.pages.asking import Reader
from fastapi_app.pages.cards import length
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.mvtv import programme, queries, rules
from fastapi_app.playlists.shuffling import MOST_SEED
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(route_class=Route, include_in_schema=False)


@router.get("/mvtv")
async def show_mvtv(request: Request, session: Transaction, visitor: Reader) -> Response:
    """The player with the film of the address, else the first one of a shuffle. What makes no sense is absent."""
    wish = rules.lenient(query_values(request), 1 + secrets.randbelow(MOST_SEED))
    found = await _found(session, visitor, wish)
    total = await queries.count(session, wish.filters) if found.films and found.total is None else found.total
    return render(
        request,
        "mvtv.html",
        visitor=visitor,
        place="mvtv",
        here=url_for(request)("/mvtv"),
        wish=wish,
        films=found.films,
        more=found.more,
        total=total,
        decades=rules.decades(now().year),
        playlists=await programme.playlists(session, visitor),
        playlist_name=found.name,
        length=length,
        longest=rules.LONGEST_NAME,
    )


async def _found(session: AsyncSession, visitor: Visitor, wish: rules.Wish) -> programme.Part:
    """Nothing to play where there is no such playlist, or its rules can't be read."""
    try:
        return await programme.part(session, visitor, wish)
    except (NotFound, Conflict):
        return programme.Part([], None)
