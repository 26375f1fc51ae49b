"""The visitor's own page: a thin shell."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask import session as cookie

from legacy_flask import user_changes, user_rows, user_rules
from legacy_flask.access import Access, requires
from legacy_flask.account_page import form_values, refused, render
from legacy_flask.confirming import Proof, confirm
from legacy_flask.database import transaction
from legacy_flask.errors import BadField, BadRequest, Conflict, NotFound, TooManyRequests
from legacy_flask.own_account import logged_in_person, person
from legacy_flask.password_change import change_own, read_change
from legacy_flask.redirection import redirect_to
from legacy_flask.visitor import Visitor

blueprint = Blueprint("profile", __name__, url_prefix="/profile")

_DONE = {
    "email": "Your e-mail was changed.",
    "revoke": "The login ended.",
    "revoke_others": "All your other logins ended.",
    "password": "Your password was changed, and your other logins ended.",
    "key": "The key counts no more.",
}


@blueprint.get("")
@requires(Access.READ)
def profile() -> Response:
    """The page."""
    return _page(person(), done=_DONE.get(request.args.get("done", ""), ""))


@blueprint.post("")
@requires(Access.READ)
def change() -> Response:
    """Does what a button of the page asks for, and leads back to it."""
    visitor = logged_in_person()
    values = form_values()
    try:
        ended = _act(visitor, values)
    except (BadRequest, Conflict, NotFound, TooManyRequests) as refusal:
        return refused(_page(visitor, error=refusal.message), refusal)
    if ended:
        cookie.clear()
        return redirect_to(url_for("logins.simple_form"))
    return redirect_to(f"{url_for('profile.profile')}?done={values['action']}")


def _act(visitor: Visitor, values: Mapping[str, str]) -> bool:
    """Whether this very login ended."""
    name = values.get("action", "")
    if name == "email":
        address = user_rules.read_email(values.get("email", ""))
        confirm(visitor, Proof(password=values.get("password", "")))
        with transaction() as session:
            user_changes.change_email(session, visitor, address)
        return False
    if name == "password":
        change_own(visitor, read_change(values))
        return False
    with transaction() as session:
        if name == "revoke":
            session_id = user_rules.read_session_id(values.get("session_id", ""))
            user_changes.revoke_login(session, visitor, visitor.user_id, session_id)
            return session_id == visitor.session_id
        if name != "revoke_others":
            raise BadField("action", "email, password, revoke or revoke_others")
        user_changes.revoke_logins(session, visitor, visitor.user_id, visitor.session_id)
    return False


def _page(visitor: Visitor, **told: Any) -> Response:
    with transaction() as session:
        user = user_rows.one(session, visitor.user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        logins = user_rows.logins(session, user.id)
        return render("profile.html", visitor, user=user, logins=logins, current_id=visitor.session_id, **told)
