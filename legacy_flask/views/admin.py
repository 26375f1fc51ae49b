"""The pages of administrators: thin shells over the accounts."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from fastapi_app.models import AuditEvent
from legacy_flask import second_factor_rows, user_changes, user_rows, user_rules
from legacy_flask.access import Access, requires
from legacy_flask.account_page import form_values, refused, render
from legacy_flask.database import transaction
from legacy_flask.errors import BadField, BadRequest, Conflict, NotFound
from legacy_flask.gate import gate_is_open, stored_gate
from legacy_flask.own_account import person
from legacy_flask.redirection import redirect_to
from legacy_flask.request_values import query
from legacy_flask.views.users import make_account

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

_DONE: Mapping[str, str] = {
    "role": "The role was changed.",
    "activate": "The account is on again.",
    "deactivate": "The account is off; its logins, tokens and keys ended.",
    "unlock": "The lock is lifted.",
    "revoke": "The login ended.",
    "revoke_all": "All logins ended.",
    "reset_password": "The link works once, for an hour.",
    "disable_2fa": "The second factor is off.",
    "renew_codes": "The old backup codes count no more.",
}
_SIMPLE = {
    "activate": user_changes.activate,
    "deactivate": user_changes.deactivate,
    "unlock": user_changes.unlock,
    "revoke_all": user_changes.revoke_logins,
    "disable_2fa": second_factor_rows.disable,
}
_FIRST_USERS, _PER_PAGE, _LATELY = 10, 25, 8


@blueprint.get("/")
@requires(Access.ADMINISTER)
def overview() -> Response:
    """Whether the gate is open, how many accounts there are of each role, the first ten."""
    with transaction() as session:
        users = user_rows.listed(session, user_rules.Wanted("", None, None, 1, _FIRST_USERS))
        counts = user_rows.counts_by_role(session)
        gate_open = gate_is_open(stored_gate())
        return render("admin.html", person(), gate_open=gate_open, counts=counts, users=users)


@blueprint.get("/users")
@requires(Access.ADMINISTER)
def list_users() -> Response:
    """The accounts that the form asks for, a page at a time."""
    asked = query()
    try:
        wanted, error = user_rules.read_wanted({**asked.to_dict(), "per_page": str(_PER_PAGE)}), ""  # type: ignore[attr-defined]
    except BadRequest as refusal:
        wanted, error = user_rules.Wanted("", None, None, 1, _PER_PAGE), refusal.message
    with transaction() as session:
        users = user_rows.listed(session, wanted)
        return render("admin_users.html", person(), users=users, search=wanted.search, error=error)


@blueprint.get("/users/create")
@requires(Access.ADMINISTER)
def new_user() -> Response:
    """The form of a new account."""
    return render("admin_user_new.html", person(), asked={})


@blueprint.post("/users/create")
@requires(Access.ADMINISTER)
def create_user() -> Response:
    """Makes an account, or shows the form again with what is wrong."""
    values = form_values()
    try:
        make_account(
            user_rules.read_new_account({name: text for name, text in values.items() if text or name != "role"})
        )
    except (BadRequest, Conflict) as refusal:
        return render("admin_user_new.html", person(), asked=values, error=refusal.message)
    return redirect_to(url_for("admin.list_users"))


@blueprint.get("/users/<int:user_id>")
@requires(Access.ADMINISTER)
def show_user(user_id: int) -> Response:
    """One account; an unknown one leads back to the list."""
    return _page(user_id, done=_DONE.get(request.args.get("done", ""), ""))


@blueprint.post("/users/<int:user_id>")
@requires(Access.ADMINISTER)
def change_user(user_id: int) -> Response:
    """Does what a button of the page asks for, and leads back to it."""
    values = form_values()
    try:
        shown = _act(user_id, values)
    except (BadRequest, Conflict, NotFound) as refusal:
        return refused(_page(user_id, error=refusal.message), refusal)
    if shown:
        return _page(user_id, done=_DONE[values["action"]], **shown)
    return redirect_to(f"{url_for('admin.show_user', user_id=user_id)}?done={values['action']}")


@blueprint.post("/api/users/<int:user_id>/role")
@requires(Access.ADMINISTER)
def change_role(user_id: int) -> Response:
    """Changes a role, for 0.9's form."""
    role = user_rules.read_role(form_values().get("role", ""))
    with transaction() as session:
        user_changes.change_role(session, person(), user_id, role)
    return jsonify(success=True, message="User role updated successfully")


@blueprint.post("/api/users/<int:user_id>/toggle-active")
@requires(Access.ADMINISTER)
def toggle_active(user_id: int) -> Response:
    """Switches an account off, or on again."""
    with transaction() as session:
        is_active = user_changes.toggle(session, person(), user_id)
    action = "activated" if is_active else "deactivated"
    return jsonify(success=True, message=f"User {action} successfully", action=action, new_status=is_active)


def _act(user_id: int, values: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows once because of it."""
    name = values.get("action", "")
    with transaction() as session:
        if name == "role":
            role = user_rules.read_role(values.get("role", ""))
            user_changes.change_role(session, person(), user_id, role)
        elif name in _SIMPLE:
            _SIMPLE[name](session, person(), user_id)
        elif name == "revoke":
            session_id = user_rules.read_session_id(values.get("session_id", ""))
            user_changes.revoke_login(session, person(), user_id, session_id)
        elif name == "renew_codes":
            return {"backup_codes": second_factor_rows.renew_codes(session, person(), user_id)}
        elif name == "reset_password":
            code = user_changes.make_reset_code(session, person(), user_id)
            return {"reset_link": url_for("passwords.reset_form", _external=True, _anchor=code)}
        else:
            raise BadField("action", f"one of {', '.join(_DONE)}")
    return {}


def _page(user_id: int, **told: Any) -> Response:
    with transaction() as session:
        user = user_rows.one(session, user_id)
        if user is None:
            return redirect_to(url_for("admin.list_users"))
        logins = user_rows.logins(session, user_id)
        events = session.query(AuditEvent).filter(AuditEvent.user_id == user_id).order_by(AuditEvent.id.desc())
        given = {"user": user, "logins": logins, "events": events.limit(_LATELY).all(), **told}
        return render("admin_user.html", person(), **given)
