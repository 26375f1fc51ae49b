"""The page of what was deleted, with the way back. Works without scripts."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.deletions import acts, queries, rules
from fastapi_app.errors import AppError
from fastapi_app.models import now
from fastapi_app.pages.asking import Manager
from fastapi_app.pages.markup import render
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local

router = APIRouter(route_class=Route, include_in_schema=False)

MOST_SHOWN = 200


@router.get("/deleted")
async def show_deleted(request: Request, session: Transaction, visitor: Manager) -> Response:
    """What may still be restored, the latest first."""
    done = "It is back in the library." if query_values(request).get("done") else ""
    return await _page(request, session, visitor, done=done)


@router.post("/deleted/{deletion_id:row}/restore")
async def restore(deletion_id: int, request: Request, session: Transaction, visitor: Manager) -> Response:
    """Brings it back, and shows the page again."""
    try:
        await acts.restore(request, session, deletion_id)
    except AppError as refusal:
        async with request.state.database.reading() as reader:
            return await _page(request, reader, visitor, error=refusal.message, status=refusal.status)
    return redirect(f"{local(request.scope, '/deleted')}?{urlencode({'done': 1})}", 303)


async def _page(
    request: Request, session: AsyncSession, visitor: Visitor, done: str = "", error: str = "", status: int = 200
) -> Response:
    rows = await queries.recent(session, now(), MOST_SHOWN)
    return render(
        request,
        "deleted.html",
        status=status,
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="videos",
        rows=rows,
        title={row.id: rules.title(row.names, row.artists, row.videos) for row in rows},
        amount={row.id: rules.amount(row.artists, row.videos) for row in rows},
        kept_days=rules.KEPT.days,
        done=done,
        error=error,
    )
