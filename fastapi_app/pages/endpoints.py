"""The pages: the library, the list of operations, and the files that both need."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.models import VideoStatus
from fastapi_app.pages import queries
from fastapi_app.pages.artist import endpoints as artist
from fastapi_app.pages.artists import endpoints as artists
from fastapi_app.pages.artists import merging
from fastapi_app.pages.asking import Reader
from fastapi_app.pages.cards import LABELS, card
from fastapi_app.pages.catalogue import groups, shapes, shapes_of
from fastapi_app.pages.counting import counted
from fastapi_app.pages.criteria import LONGEST_SEARCH, PAGE_SIZES, Criteria
from fastapi_app.pages.dashboard import endpoints as dashboard
from fastapi_app.pages.deleted import endpoints as deleted
from fastapi_app.pages.downloads import endpoints as downloads
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.library import SORT_LABELS, count_text, paging_of, status_choices
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.static_files import answer_file
from fastapi_app.pages.video import endpoints as video
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.videos.bulk.rules import SETTABLE

router = APIRouter(route_class=Route, include_in_schema=False)
router.include_router(dashboard.router)
router.include_router(downloads.router)
router.include_router(deleted.router)
router.include_router(video.router)
router.include_router(artists.router)
router.include_router(merging.router)
router.include_router(artist.router)


@router.get("/videos")
async def videos(request: Request, session: Transaction, visitor: Reader) -> Response:
    """The library: one count, one page of videos."""
    criteria = Criteria.read(request.query_params)
    counts = await counted(request, session, criteria.search)
    paging = paging_of(criteria, counts)
    cards = [card(row) for row in await queries.rows(session, criteria, paging)] if paging.matched else []
    return render(
        request,
        "library.html",
        visitor=visitor,
        place="videos",
        here=url_for(request)("/videos"),
        criteria=criteria,
        paging=paging,
        cards=cards,
        count_text=count_text(paging),
        statuses=status_choices(criteria, counts),
        sorts=SORT_LABELS.items(),
        page_sizes=PAGE_SIZES,
        longest_search=LONGEST_SEARCH,
        may=await rights_of(visitor, session),
        settable=[(status, LABELS[VideoStatus(status)]) for status in SETTABLE],
    )


@router.get("/docs")
async def documentation(request: Request, visitor: Reader, group: str = "") -> Response:
    """Every operation of the API in a line; those of one group in full. From the API's own description."""
    description = request.app.openapi()
    every = groups(description)
    shown = next((one for one in every if one.anchor == group), None)
    named = shapes_of(shown, shapes(description)) if shown else []
    return render(
        request,
        "documentation.html",
        visitor=visitor,
        place="docs",
        title=description["info"]["title"],
        version=description["info"]["version"],
        description=description["info"].get("description", ""),
        groups=every,
        shown=shown,
        shapes=named,
        shape_names={shape.name for shape in named},
    )


@router.get("/static/{name:path}", dependencies=[require(Access.PUBLIC)])
async def static(request: Request, name: str) -> Response:
    """A stylesheet, a script, a picture."""
    return await answer_file(request, name)
