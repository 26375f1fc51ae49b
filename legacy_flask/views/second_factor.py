"""The routes that manage the second factor: one's own, and anybody's for administrators."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from legacy_flask import second_factor_rows, user_rows, user_rules
from legacy_flask.access import Access, requires
from legacy_flask.account_page import form_values, refused, render
from legacy_flask.confirming import Proof, confirm
from legacy_flask.database import transaction
from legacy_flask.errors import BadField, BadRequest, Conflict, NotFound, TooManyRequests
from legacy_flask.fields import refuse_unstorable
from legacy_flask.own_account import logged_in_person, person
from legacy_flask.redirection import redirect_to
from legacy_flask.request_values import json_body
from legacy_flask.visitor import Visitor

blueprint = Blueprint("second_factor", __name__, url_prefix="/2fa")

_DONE = {
    "enable": "The second factor is on. The next login asks for a code.",
    "disable": "The second factor is off.",
}
_ACTIONS = ("prepare", "enable", "disable", "renew_codes")


@blueprint.post("/api/setup")
@requires(Access.READ)
def prepare() -> Response:
    """A new secret and backup codes. They count once `verify-setup` has seen a code."""
    visitor = logged_in_person()
    with transaction() as session:
        made = second_factor_rows.prepare(session, visitor)
    data = {"qr_code": made.qr_code, "manual_entry_key": made.secret, "backup_codes": made.backup_codes}
    return jsonify(success=True, message="2FA setup initiated", setup_data=data)


@blueprint.post("/api/verify-setup")
@requires(Access.READ)
def enable() -> Response:
    """Switches it on with the first code of the authenticator."""
    visitor = logged_in_person()
    code = _text(user_rules.members(json_body()), "token")
    if not code:
        raise BadField("token", "six digits")
    _enable(visitor, code)
    return jsonify(success=True, message="2FA has been enabled successfully")


@blueprint.post("/api/disable")
@requires(Access.READ)
def disable() -> Response:
    """Switches it off, after the password or a code."""
    visitor = _confirmed()
    with transaction() as session:
        second_factor_rows.disable(session, visitor, visitor.user_id)
    return jsonify(success=True, message="2FA has been disabled successfully")


@blueprint.post("/api/regenerate-codes")
@requires(Access.READ)
def renew_codes() -> Response:
    """New backup codes, after the password or a code; the old ones count no more."""
    visitor = _confirmed()
    with transaction() as session:
        codes = second_factor_rows.renew_codes(session, visitor, visitor.user_id)
    return jsonify(success=True, message="Backup codes regenerated successfully", backup_codes=codes)


@blueprint.get("/api/status")
@requires(Access.READ)
def status() -> Response:
    """Whether the visitor's second factor is on, and how many backup codes are left."""
    visitor = person()
    with transaction() as session:
        user = user_rows.one(session, visitor.user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        return jsonify(success=True, status=second_factor_rows.state(user))


@blueprint.post("/admin/users/<int:user_id>/disable")
@requires(Access.ADMINISTER)
def disable_for(user_id: int) -> Response:
    """For somebody who lost their authenticator and their codes."""
    with transaction() as session:
        name = second_factor_rows.disable(session, person(), user_id).username
    return jsonify(success=True, message=f"2FA has been disabled for {name}")


@blueprint.post("/admin/users/<int:user_id>/regenerate-codes")
@requires(Access.ADMINISTER)
def renew_codes_for(user_id: int) -> Response:
    """New backup codes for somebody who used theirs up; the old ones count no more."""
    with transaction() as session:
        codes = second_factor_rows.renew_codes(session, person(), user_id)
    return jsonify(success=True, message="Backup codes regenerated successfully", backup_codes=codes)


@blueprint.get("/admin/users/<int:user_id>/status")
@requires(Access.ADMINISTER)
def status_of(user_id: int) -> Response:
    """Whether somebody's second factor is on."""
    with transaction() as session:
        user = user_rows.one(session, user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        owner = {"id": user.id, "username": user.username, "email": user.email, "role": user.role}
        return jsonify(success=True, user=owner, status=second_factor_rows.state(user))


@blueprint.get("/setup")
@requires(Access.READ)
def setup() -> Response:
    """Where the second factor stands, and the next step."""
    return _page(person(), done=_DONE.get(request.args.get("done", ""), ""))


@blueprint.post("/setup")
@requires(Access.READ)
def change() -> Response:
    """Does what a button of the page asks for."""
    visitor = logged_in_person()
    values = form_values()
    try:
        shown = _act(visitor, values)
    except (BadRequest, Conflict, TooManyRequests) as refusal:
        return refused(_page(visitor, error=refusal.message), refusal)
    if shown is None:
        return redirect_to(f"{url_for('second_factor.setup')}?done={values['action']}")
    return _page(visitor, **shown)


def _act(visitor: Visitor, values: Mapping[str, str]) -> dict[str, Any] | None:
    """What the page shows once, None for nothing."""
    name = values.get("action", "")
    if name not in _ACTIONS:
        raise BadField("action", f"one of {', '.join(_ACTIONS)}")
    if name == "prepare":
        with transaction() as session:
            made = second_factor_rows.prepare(session, visitor)
        return {"qr_code": made.qr_code, "secret": made.secret, "backup_codes": made.backup_codes}
    if name == "enable":
        _enable(visitor, values.get("token", ""))
        return None
    confirm(visitor, Proof(values.get("password", ""), values.get("token", "")))
    with transaction() as session:
        if name == "renew_codes":
            return {"backup_codes": second_factor_rows.renew_codes(session, visitor, visitor.user_id)}
        second_factor_rows.disable(session, visitor, visitor.user_id)
    return None


def _enable(visitor: Visitor, code: str) -> None:
    with transaction() as session:
        refusal = second_factor_rows.enable(session, visitor, code)
    if refusal is not None:
        raise refusal


def _page(visitor: Visitor, **told: Any) -> Response:
    with transaction() as session:
        user = user_rows.one(session, visitor.user_id)
        if user is None:
            raise NotFound(user_rules.NOT_FOUND)
        factor = second_factor_rows.state(user)
    return make_response(render("second_factor_setup.html", visitor, factor=factor, **told))


def _confirmed() -> Visitor:
    visitor = logged_in_person()
    values = user_rules.members(json_body())
    confirm(visitor, Proof(_text(values, "password"), _text(values, "token")))
    return visitor


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadField(name, "text")
    refuse_unstorable(value, name)
    return value
