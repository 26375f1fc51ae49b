"""The routes about passwords: changing one's own, an administrator's credentials, and resets by a one-time code."""

from typing import Any
from urllib.parse import quote_plus

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for

from fastapi_app.models import User, now
from legacy_flask import password_reset
from legacy_flask.access import Access, requires
from legacy_flask.attempt_rules import seconds_until
from legacy_flask.audit import Event, record
from legacy_flask.database import transaction
from legacy_flask.dates import iso
from legacy_flask.errors import BadRequest, LoginRequired, NotFound, TooManyRequests
from legacy_flask.password_change import (
    change_own,
    read_change,
    read_credentials,
    refuse_weak,
    replace_credentials,
    texts,
)
from legacy_flask.password_rules import generated
from legacy_flask.passwords import hash_password
from legacy_flask.redirection import redirect_to
from legacy_flask.request_values import json_body, query
from legacy_flask.row_id import may_exist
from legacy_flask.visitor import Visitor, find_visitor, refuse_keys

blueprint = Blueprint("passwords", __name__)

CODE_AND_PASSWORD = "Reset code and new password are required"  # noqa: S105  a sentence


@blueprint.post("/auth/change-password")
@requires(Access.READ)
def change_password() -> Response:
    """Needs the present password. Ends the visitor's other logins; this one stays."""
    visitor = _person()
    change_own(visitor, read_change(json_body()))
    return _changed()


@blueprint.get("/auth/credentials")
@requires(Access.ADMINISTER)
def own_credentials() -> Response:
    """The name of the administrator who asks."""
    visitor = find_visitor()
    return jsonify(username=visitor.username if visitor else "", has_credentials=True)


@blueprint.post("/auth/credentials")
@requires(Access.ADMINISTER)
def change_credentials() -> Response:
    """For administrators, as in 0.9: their own name and password. Ends their other logins."""
    visitor = _person()
    name, password = read_credentials(json_body())
    replace_credentials(visitor, name, password)
    return jsonify(success=True, message="Credentials updated successfully")


@blueprint.post("/auth/credentials/reset")
@requires(Access.ADMINISTER)
def reset_credentials() -> Response:
    """A new password, made at random and shown this once. 0.9 went back to a published one."""
    visitor = _person()
    password = generated()
    name = replace_credentials(visitor, None, password)
    message = "A new password was made. It is shown this once."
    return jsonify(success=True, message=message, username=name, password=password)


@blueprint.post("/api/api/users/<int:user_id>/reset-password")
@requires(Access.ADMINISTER)
def make_reset_code(user_id: int) -> Response:
    """A one-time code with which somebody sets a new password within the hour. Shown this once."""
    visitor = _person()
    with transaction() as session:
        query = session.query(User).filter(User.id == user_id).with_for_update()
        user = query.first() if may_exist(user_id) else None
        if user is None:
            raise NotFound("User not found")
        made = password_reset.make(user)
        asker, owner = visitor.username, made.username
        record(session, Event.PASSWORD_RESET_ASKED, user_id=visitor.user_id, username=asker, subject=owner)
    return jsonify(
        success=True,
        message="A reset code was made. It is shown this once.",
        username=made.username,
        reset_token=made.code,
        reset_url=url_for("passwords.reset_form", _external=True, _anchor=made.code),
        expires_at=iso(made.expires_at),
    )


@blueprint.get("/auth/reset-password")
@requires(Access.PUBLIC)
def reset_form() -> Response:
    """Takes the code that an administrator made."""
    action = url_for("passwords.reset_password")
    return make_response(render_template("password_reset.html", action=action, error=query().get("error", "")))


@blueprint.post("/auth/reset-password")
@requires(Access.PUBLIC)
def reset_password() -> Response:
    """Sets the password, lifts a lock and ends every login of the account. The code works once."""
    try:
        code, password = _reset_values(json_body() if request.is_json else request.form.to_dict())
        _reset(code, password)
    except BadRequest as refused:
        if request.is_json:
            raise
        return redirect_to(f"{url_for('passwords.reset_form')}?error={quote_plus(refused.message)}")
    return _changed() if request.is_json else redirect_to(url_for("logins.account_form"))


def _reset(code: str, password: str) -> None:
    """The code is looked up first: nobody makes the server hash who has none."""
    ip = request.remote_addr or ""
    with transaction() as session:
        until = password_reset.block(session, ip)
        known = until is None and password_reset.owner(session, code, now()) is not None
        if until is None and not known:
            password_reset.refuse(session, ip)
    if until is not None:
        raise TooManyRequests(seconds_until(until, now()))
    if not known:
        raise BadRequest(password_reset.INVALID)
    digest = hash_password(password)
    with transaction() as session:
        user = password_reset.owner(session, code, now())
        if user is None:
            raise BadRequest(password_reset.INVALID)
        password_reset.use(session, user, digest)


def _reset_values(values: Any) -> tuple[str, str]:
    code, password = texts(values, "token", "new_password")
    if not (code and password):
        raise BadRequest(CODE_AND_PASSWORD)
    refuse_weak(password)
    return code.strip(), password


def _person() -> Visitor:
    """Somebody who logged in: not whom the open gate let pass, and no API key."""
    visitor = find_visitor()
    if visitor is None:
        raise LoginRequired(url_for("logins.account_form"))
    refuse_keys(visitor)
    return visitor


def _changed() -> Response:
    return jsonify(success=True, message="Password changed successfully")
