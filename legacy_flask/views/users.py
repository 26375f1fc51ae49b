"""The routes about accounts and their logins. Their address is 0.9's, doubled `/api` and all."""

from typing import Any

from flask import Blueprint, Response, jsonify
from flask import session as cookie

from fastapi_app.models import now
from legacy_flask import user_changes, user_rows, user_rules
from legacy_flask.access import Access, requires
from legacy_flask.audit import Event, record
from legacy_flask.database import session as request_session
from legacy_flask.database import transaction
from legacy_flask.errors import NotFound
from legacy_flask.fields import query_flag
from legacy_flask.own_account import administers, logged_in_person, owner_of, person
from legacy_flask.passwords import hash_password
from legacy_flask.request_values import json_body, query

blueprint = Blueprint("users", __name__, url_prefix="/api/api/users")


@blueprint.get("/")
@requires(Access.ADMINISTER)
def list_users() -> Response:
    """Every account, or those that the query asks for."""
    wanted = user_rules.read_wanted(query())
    with transaction() as session:
        users = user_rows.listed(session, wanted)
        is_whole = wanted.per_page is None and wanted.page == 1
        total = len(users) if is_whole else user_rows.count(session, wanted)
        shown = [user_rules.full_account(user, now()) for user in users]
    return jsonify(users=shown, total=total, can_manage=True)


@blueprint.post("/")
@requires(Access.ADMINISTER)
def create_user() -> tuple[Response, int]:
    """Makes an account. Names that look alike are taken: `Anna` where there is an `anna`."""
    new = user_rules.read_new_account(user_rules.members(json_body()))
    told = make_account(new)
    return jsonify(success=True, message=f"User {new.username} created successfully", user=told), 201


def make_account(new: user_rules.NewAccount) -> dict[str, Any]:
    """The new account as clients know it. No transaction is open while the password is hashed. Raises Conflict."""
    who = person()
    request_session().rollback()
    password_hash = hash_password(new.password)
    with transaction() as session:
        return user_rules.account(user_changes.create(session, who, new, password_hash))


@blueprint.get("/me")
@requires(Access.READ)
def me() -> Response:
    """The visitor's account, and what they may do."""
    visitor = person()
    with transaction() as session:
        user = user_rows.one(session, visitor.user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        shown = user_rules.full_account(user, now())
    return jsonify(user=shown, permissions=user_rules.permissions(visitor.role))


@blueprint.put("/me/preferences")
@requires(Access.READ)
def change_preferences() -> Response:
    """Sets the preferences that the body names; the others stay."""
    visitor = logged_in_person()
    values = user_rules.members(json_body())
    with transaction() as session:
        user = user_rows.locked(session, visitor.user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        user.preferences = merged = user_rules.merge_preferences(user.preferences, values)
        name = user.username
        record(session, Event.PREFERENCES_CHANGED, user_id=user.id, username=name, subject=name)
    return jsonify(success=True, message="Preferences updated successfully", preferences=merged)


@blueprint.get("/<int:user_id>")
@requires(Access.READ)
def get_user(user_id: int) -> Response:
    """An account; one's own, or any for administrators."""
    owner_of(user_id)
    with transaction() as session:
        user = user_rows.one(session, user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        return jsonify(user=user_rules.full_account(user, now()))


@blueprint.put("/<int:user_id>/role")
@requires(Access.ADMINISTER)
def change_role(user_id: int) -> Response:
    """Changes what an account may do, from its next request on. Not one's own."""
    role = user_rules.read_role(user_rules.members(json_body()).get("role"))
    with transaction() as session:
        user_changes.change_role(session, person(), user_id, role)
    return jsonify(success=True, message="User role updated successfully")


@blueprint.post("/<int:user_id>/deactivate")
@requires(Access.ADMINISTER)
def deactivate(user_id: int) -> Response:
    """Switches an account off, and ends its logins, tokens and keys. Not one's own."""
    with transaction() as session:
        user_changes.deactivate(session, person(), user_id)
    return jsonify(success=True, message="User deactivated successfully")


@blueprint.post("/<int:user_id>/activate")
@requires(Access.ADMINISTER)
def activate(user_id: int) -> Response:
    """Switches an account on again, and lifts its lock. Logins and keys that ended stay so."""
    with transaction() as session:
        user_changes.activate(session, person(), user_id)
    return jsonify(success=True, message="User activated successfully")


@blueprint.post("/<int:user_id>/unlock")
@requires(Access.ADMINISTER)
def unlock(user_id: int) -> Response:
    """Lets an account log in that was locked after wrong passwords."""
    with transaction() as session:
        user_changes.unlock(session, person(), user_id)
    return jsonify(success=True, message="User account unlocked successfully")


@blueprint.get("/<int:user_id>/sessions")
@requires(Access.READ)
def list_logins(user_id: int) -> Response:
    """The active logins, the one used last first. What proves them is not told."""
    visitor = owner_of(user_id)
    with transaction() as session:
        if user_rows.one(session, user_id) is None:
            raise NotFound(user_rules.NOT_FOUND)
        rows = user_rows.logins(session, user_id)
        shown = [user_rules.login(row, now(), visitor.session_id) for row in rows]
    return jsonify(sessions=shown, total=len(shown))


@blueprint.delete("/<int:user_id>/sessions/<int:session_id>")
@requires(Access.READ)
def end_login(user_id: int, session_id: int) -> Response:
    """Ends a login, and the tokens that hang on it."""
    visitor = owner_of(user_id)
    if not administers(visitor):
        logged_in_person()
    with transaction() as session:
        user_changes.revoke_login(session, visitor, user_id, session_id)
    is_current = session_id == visitor.session_id
    told = {"success": True, "message": "Session revoked successfully", "current_session_revoked": is_current}
    return _ended(told, is_current=is_current)


@blueprint.delete("/<int:user_id>/sessions")
@requires(Access.READ)
def end_logins(user_id: int) -> Response:
    """Ends every login of an account, and the tokens that hang on them; with `others`, all but this very one."""
    visitor = owner_of(user_id)
    if not administers(visitor):
        logged_in_person()
    kept_id = visitor.session_id if query_flag(query().get("others")) else None
    with transaction() as session:
        user_changes.revoke_logins(session, visitor, user_id, kept_id)
    is_current = user_id == visitor.user_id and kept_id is None
    return _ended({"success": True, "message": "All sessions revoked successfully"}, is_current=is_current)


def _ended(told: dict[str, Any], *, is_current: bool) -> Response:
    """One's own login ended: its cookie goes, too."""
    if not is_current:
        return jsonify(told)
    cookie.clear()
    return jsonify({**told, "redirect_to_login": True})
