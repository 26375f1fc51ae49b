"""Whose jobs the visitor of this request sees."""

from sqlalchemy import ColumnElement, or_, true

from fastapi_app.models import Job
from legacy_flask.access import Access, reach
from legacy_flask.gate import gate_is_open, stored_gate
from legacy_flask.visitor import find_visitor


def visible() -> ColumnElement[bool]:
    """Their own and nobody's; all for those who manage the library, and where the gate is open."""
    visitor = find_visitor()
    if (visitor is not None and reach(visitor.role) >= Access.MANAGE) or gate_is_open(stored_gate()):
        return true()
    own = [] if visitor is None else [Job.user_id == visitor.user_id]
    return or_(Job.user_id.is_(None), *own)


def owner() -> int | None:
    """Whose the jobs are that this request hands in; None: nobody's."""
    visitor = find_visitor()
    return visitor.user_id if visitor is not None else None
