"""The page with the audit trail."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app.audit import queries, rules
from fastapi_app.audit.events import Event
from fastapi_app.bodies import query_values
from fastapi_app.errors import BadRequest
from fastapi_app.pages.paging import Paging
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.users.markup import page
from fastapi_app.users.people import Administrator

router = APIRouter(route_class=Route, include_in_schema=False)

_FIELDS = ("event", "outcome", "user", "address", "from", "to")
_KNOWN = [(event.value, event.value.replace("_", " ")) for event in sorted(Event)]


@router.get("/admin/audit")
async def audit_trail(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """The events that the form asks for, the newest first, a page at a time."""
    query = query_values(request)
    given = {name: query[name] for name in _FIELDS if query.get(name)}
    try:
        wanted, error = rules.wanted({**given, "page": query.get("page", "1")}), ""
    except BadRequest as refusal:
        wanted, error = rules.Wanted(), refusal.message
    total, events = await queries.events(session, wanted)
    asked = {name: given.get(name, "") for name in _FIELDS}
    return page(
        request,
        visitor,
        "admin_audit.html",
        "admin",
        error=error,
        asked={**asked, "since": asked["from"]},
        is_narrowed=bool(given),
        events=events,
        events_known=_KNOWN,
        paging=Paging.of(total, wanted.page, wanted.per_page),
        link="?" + urlencode(given) + ("&" if given else ""),
    )
