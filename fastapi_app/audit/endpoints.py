"""Reading the audit trail: who did what, from where, and what became of it."""

from fastapi import APIRouter, Request

from fastapi_app import openapi
from fastapi_app.audit import queries, rules, schemas, shown
from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.bodies import query_values
from fastapi_app.responses import JSON
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction

router = APIRouter(route_class=Route, tags=["audit"])


@router.get(
    "/api/audit",
    dependencies=[require(Access.ADMINISTER)],
    response_model=schemas.AuditEvents,
    responses=openapi.problems(400),
    openapi_extra=openapi.query(schemas.AuditQuery),
    summary="The audit trail",
)
async def list_events(request: Request, session: Transaction) -> JSON:
    """What happened to accounts and to the installation, the newest first. Nothing can be changed here."""
    wanted = rules.wanted(query_values(request))
    total, rows = await queries.events(session, wanted)
    return JSON(
        {
            "events": [shown.event(row) for row in rows],
            "total": total,
            "page": wanted.page,
            "per_page": wanted.per_page,
            "pages": max(1, -(-total // wanted.per_page)),
        }
    )
