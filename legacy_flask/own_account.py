"""Whose account a request may touch: one's own, or anybody's for administrators."""

from legacy_flask.access import Access, reach
from legacy_flask.errors import Forbidden
from legacy_flask.gate import login_required
from legacy_flask.visitor import Visitor, find_visitor, refuse_keys


def person() -> Visitor:
    """The visitor. Raises LoginRequired for nobody, whom an open gate let pass."""
    visitor = find_visitor()
    if visitor is None:
        raise login_required()
    return visitor


def owner_of(user_id: int) -> Visitor:
    """The visitor, when the account is theirs, or when they administer. Others don't learn whether it exists."""
    visitor = person()
    if visitor.user_id != user_id and not administers(visitor):
        raise Forbidden("Your account may not do this")
    return visitor


def logged_in_person() -> Visitor:
    """The visitor, when they logged in: a key may not change what guards the account it belongs to."""
    visitor = person()
    refuse_keys(visitor)
    return visitor


def administers(visitor: Visitor) -> bool:
    return reach(visitor.role) >= Access.ADMINISTER
