"""Reading the audit trail: who did what, from where, and what became of it."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Query, Session

from fastapi_app.models import INTEGER_MAX, AuditEvent
from legacy_flask import audit_rules
from legacy_flask.access import Access, requires
from legacy_flask.account_page import render
from legacy_flask.audit import Event
from legacy_flask.audit_rules import Wanted
from legacy_flask.database import transaction
from legacy_flask.errors import BadRequest
from legacy_flask.own_account import person
from legacy_flask.request_values import query

blueprint = Blueprint("audit", __name__)

_FIELDS = ("event", "outcome", "user", "address", "from", "to", "page")


@blueprint.get("/api/audit")
@requires(Access.ADMINISTER)
def list_events() -> Response:
    """What happened to accounts and to the installation, the newest first. Nothing can be changed here."""
    wanted = audit_rules.read_wanted(query())
    with transaction() as session:
        total, rows = _found(session, wanted)
        events = [audit_rules.shown(row) for row in rows]
    pages = wanted.pages(total)
    return jsonify(events=events, total=total, page=wanted.page, per_page=wanted.per_page, pages=pages)


@blueprint.get("/admin/audit")
@requires(Access.ADMINISTER)
def audit_trail() -> Response:
    """The events that the form asks for, a page at a time."""
    asked = query()
    try:
        wanted, error = audit_rules.read_wanted({name: asked[name] for name in _FIELDS if name in asked}), ""
    except BadRequest as refusal:
        wanted, error = Wanted(), refusal.message
    with transaction() as session:
        total, rows = _found(session, wanted)
        return render("admin_audit.html", person(), events=rows, total=total, known=sorted(Event), error=error)


def _found(session: Session, wanted: Wanted) -> tuple[int, list[AuditEvent]]:
    """How many events there are, and those of one page."""
    query = _matching(session, wanted)
    total = query.count()
    if wanted.offset >= min(total, INTEGER_MAX):
        return total, []
    return total, query.order_by(AuditEvent.id.desc()).limit(wanted.per_page).offset(wanted.offset).all()


def _matching(session: Session, wanted: Wanted) -> Query[AuditEvent]:
    query = session.query(AuditEvent)
    if wanted.event is not None:
        query = query.filter(AuditEvent.event == wanted.event)
    if wanted.user is not None:
        by_id = isinstance(wanted.user, int)
        query = query.filter(AuditEvent.user_id == wanted.user if by_id else AuditEvent.username == wanted.user)
    if wanted.outcome is not None:
        query = query.filter(AuditEvent.outcome == wanted.outcome)
    if wanted.address is not None:
        query = query.filter(AuditEvent.ip_address == wanted.address)
    if wanted.since is not None:
        query = query.filter(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        query = query.filter(AuditEvent.at < wanted.until)
    return query
