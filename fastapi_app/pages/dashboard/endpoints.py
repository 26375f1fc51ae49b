"""The start page: what there is, what happens now, what went wrong, and what to do next."""

from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.bodies import query_values
from fastapi_app.caching.caches import Question
from fastapi_app.caching.tags import Tag
from fastapi_app.errors import BadRequest
from fastapi_app.jobs.visibility import View, view_of
from fastapi_app.models import VideoStatus, now
from fastapi_app.pages.asking import Editor, Reader
from fastapi_app.pages.cards import card
from fastapi_app.pages.counting import counted
from fastapi_app.pages.dashboard import queries, rules
from fastapi_app.pages.downloads.groups import Group
from fastapi_app.pages.downloads.queries import first
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.downloads.rows import Row, row
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.system import looking
from fastapi_app.pages.system.checks import checks, worst
from fastapi_app.pages.welcome.offer import is_offered
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local
from fastapi_app.users.markup import form_values
from fastapi_app.videos.downloading.handing_in import hand_in_wanted

router = APIRouter(route_class=Route, include_in_schema=False)

NEWEST, RUNNING, FAILED = 6, 5, 5
"""How many of each are shown."""

_TAGS = frozenset({Tag.ARTISTS, Tag.VIDEOS})


@router.get("/")
async def show(request: Request, session: Transaction, visitor: Reader) -> Response:
    """Counts, the downloads that run and failed, what came last; for who configures, what is wrong with the machine."""
    question = Question("dashboard", _TAGS)
    held = await request.state.caches.value(session, question, partial(queries.holdings, session, NEWEST))
    videos = await counted(request, session)
    view = await view_of(visitor, session)
    counts = rules.counted(await queries.downloads(session, view))
    running = await _rows(session, view, Group.RUNNING, RUNNING) if counts[Group.RUNNING] else []
    failed = await _rows(session, view, Group.FAILED, FAILED) if counts[Group.FAILED] else []
    rights = await rights_of(visitor, session)
    seen = await looking.look(request, session) if rights.configure else None
    health = checks(seen) if seen else []
    wanted = videos.get(VideoStatus.WANTED, 0)
    return render(
        request,
        "dashboard.html",
        visitor=visitor,
        place="dashboard",
        here=url_for(request)("/"),
        numbers=rules.numbers(held.artists, videos),
        is_empty=not held.artists and not videos,
        sets_up=not held.artists and not videos and await is_offered(session, visitor),
        has_artists=bool(held.artists),
        newest=[card(one) for one in held.newest],
        counts=counts,
        running=running,
        failed=failed,
        wanted=wanted,
        wanted_button=rules.wanted_button(wanted),
        health=health,
        worst=worst(health),
        spaces=seen.spaces if seen else [],
        rights=rights,
        done=rules.told(query_values(request).get("done", "")),
    )


async def _rows(session: AsyncSession, view: View, group: Group, most: int) -> list[Row]:
    return [row(job) for job in await first(session, view, group, now(), most)]


@router.post("/")
async def download_wanted(request: Request, session: Transaction, visitor: Editor) -> Response:
    """Hands in what is wanted, the oldest first."""
    if (await form_values(request)).get("action") != "download_wanted":
        raise BadRequest("Unknown action")
    made = await hand_in_wanted(session, request.state.jobs, rules.MOST_AT_ONCE, visitor.user_id)
    return redirect(f"{local(request.scope, '/')}?{urlencode({'done': len(made['results'])})}", 303)
