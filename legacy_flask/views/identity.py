"""The routes that tell a client who it is."""

from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from fastapi_app.models import SessionStatus, User, UserSession, now
from legacy_flask.access import Access, reach, requires
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import LoginRequired, NotFound
from legacy_flask.gate import gate_is_open, login_required, stored_gate
from legacy_flask.login import account
from legacy_flask.setting_rules import MASK
from legacy_flask.visitor import Via, Visitor, find_visitor, visitor_or_nobody

blueprint = Blueprint("identity", __name__, url_prefix="/auth")


@blueprint.get("/me")
@requires(Access.READ)
def me() -> Response:
    """Who asks, by cookie, token or key; the role is what counts for this request."""
    visitor = find_visitor()
    if visitor is None:
        raise login_required()
    return jsonify(user=_account(visitor), via=visitor.via)


@blueprint.get("/status")
@requires(Access.PUBLIC)
def status() -> Response:
    """Whether somebody is logged in, how, and whether anything is shown to others. Refuses nobody."""
    visitor = visitor_or_nobody()
    closed = not gate_is_open(stored_gate())
    return jsonify(
        authenticated=visitor is not None,
        login_required=closed,
        via=visitor.via if visitor else Via.NOBODY,
        user=_account(visitor) if visitor else None,
    )


@blueprint.get("/session")
@requires(Access.READ)
def present_login() -> Response:
    """The login that this request hangs on, its user, and what they may do. 404 for an API key, which has none."""
    visitor = find_visitor()
    if visitor is None:
        raise LoginRequired(url_for("logins.account_form"))
    if visitor.session_id is None:
        raise NotFound("An API key has no login")
    with transaction() as session:
        login = session.get(UserSession, visitor.session_id)
        user = session.get(User, visitor.user_id)
        if login is None or user is None:
            raise LoginRequired(url_for("logins.account_form"))
        return jsonify(session=_login(login), user=_person(user), permissions=_permissions(visitor))


def _account(visitor: Visitor) -> dict[str, Any]:
    return account(visitor.user_id, visitor.username, visitor.email, visitor.role)


def _login(row: UserSession) -> dict[str, Any]:
    return {
        "id": row.id,
        "session_token": MASK,
        "status": row.status,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "created_at": iso(row.created_at),
        "last_activity": iso(row.last_activity),
        "expires_at": iso(row.expires_at),
        "is_valid": row.status is SessionStatus.ACTIVE and row.expires_at > now(),
    }


def _person(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "role": user.role,
        "is_active": user.is_active,
        "is_email_verified": user.is_email_verified,
        "last_login": iso(user.last_login),
        "created_at": iso(user.created_at),
        "updated_at": iso(user.updated_at),
        "preferences": user.preferences or {},
    }


def _permissions(visitor: Visitor) -> dict[str, bool]:
    level = reach(visitor.role)
    return {
        "can_admin": level >= Access.ADMINISTER,
        "can_modify": level >= Access.MODIFY,
        "can_delete": level >= Access.MANAGE,
        "can_manage_users": level >= Access.ADMINISTER,
    }
