"""The login routes. Two doors from 0.9 lead to the same accounts; they differ in their answers and their cookie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask import session as cookie

from legacy_flask.access import Access, requires
from legacy_flask.database import transaction, writing
from legacy_flask.errors import LoginRequired
from legacy_flask.login import REQUIRED, Client, Login, Missing, Refused, account, log_in, read_credentials, revoke
from legacy_flask.onward import inside
from legacy_flask.redirection import redirect_to
from legacy_flask.request_values import json_body, query
from legacy_flask.visitor import TOKEN_KEY, USER_KEY, find_visitor

blueprint = Blueprint("logins", __name__)


@dataclass(frozen=True)
class Door:
    """What differs between the two logins."""

    form: str
    keeps_cookie: bool
    tells_account: bool
    status_when_missing: int


_SIMPLE = Door("logins.simple_form", keeps_cookie=True, tells_account=False, status_when_missing=401)
_ACCOUNT = Door("logins.account_form", keeps_cookie=False, tells_account=True, status_when_missing=400)


@blueprint.get("/simple-login")
@requires(Access.PUBLIC)
def simple_form() -> Response:
    """The form for browsers."""
    return _form(_SIMPLE)


@blueprint.get("/auth/login")
@requires(Access.PUBLIC)
def account_form() -> Response:
    """The same form; its login ends with the browser."""
    return _form(_ACCOUNT)


@blueprint.post("/simple-login")
@requires(Access.PUBLIC)
def simple_login() -> Response:
    """Logs in with a cookie that lasts a day from its last use."""
    return _log_in(_SIMPLE)


@blueprint.post("/auth/login")
@requires(Access.PUBLIC)
def account_login() -> Response:
    """Logs in with a cookie that the browser forgets when it closes, and tells who that is."""
    return _log_in(_ACCOUNT)


@blueprint.post("/auth/logout")
@requires(Access.PUBLIC)
def logout() -> Response:
    """Ends this login, on the server too."""
    visitor = find_visitor()
    if visitor is None:
        raise LoginRequired(url_for("logins.account_form"))
    _end(visitor.session_id)
    return _logged_out()


@blueprint.post("/auth/dynamic-logout")
@requires(Access.READ)
def leave() -> Response:
    """Ends this login and empties the cookie."""
    visitor = find_visitor()
    _end(visitor.session_id if visitor else None)
    return _logged_out() if request.is_json else redirect_to(url_for("logins.simple_form"))


@blueprint.get("/auth/dynamic-logout")
@requires(Access.READ)
def leave_by_link() -> Response:
    """Ends this login and empties the cookie."""
    visitor = find_visitor()
    if visitor is not None and request.method == "GET":
        with writing() as session:
            revoke(session, visitor.session_id)
    cookie.clear()
    return redirect_to(url_for("logins.simple_form"))


@blueprint.get("/auth/check")
@requires(Access.PUBLIC)
def check() -> Response:
    """Whether somebody is logged in, and who."""
    visitor = find_visitor()
    if visitor is None:
        return jsonify(authenticated=False)
    user = account(visitor.user_id, visitor.username, visitor.email, visitor.role)
    return jsonify(authenticated=True, user=user)


def _form(door: Door) -> Response:
    if find_visitor() is not None:
        return redirect_to(_onward())
    onward = _onward() if query().get("next") else ""
    page = render_template("login.html", action=url_for(door.form), error=query().get("error", ""), next_url=onward)
    return make_response(page)


def _log_in(door: Door) -> Response:
    values: Any = json_body() if request.is_json else _form_values()
    try:
        given = read_credentials(values)
    except Missing:
        if door is _SIMPLE and not request.is_json:
            return _back(door, REQUIRED)
        response = jsonify(error=REQUIRED)
        response.status_code = door.status_when_missing
        return response
    try:
        login = log_in(given, _client())
    except Refused as refused:
        if not request.is_json:
            return _back(door, str(refused))
        response = jsonify(error=str(refused))
        response.status_code = 401
        return response
    return _admitted(door, login)


def _form_values() -> Mapping[str, str]:
    return {name: request.form.get(name, "") for name in ("username", "password")}


def _client() -> Client:
    token = cookie.get(TOKEN_KEY)
    return Client(
        ip=request.remote_addr or "",
        agent=request.headers.get("User-Agent", ""),
        token=token if isinstance(token, str) else "",
    )


def _admitted(door: Door, login: Login) -> Response:
    """The cookie is emptied first, so that nothing from before a login survives it."""
    cookie.clear()
    cookie[TOKEN_KEY] = login.token
    cookie[USER_KEY] = login.user_id
    if door.keeps_cookie:
        cookie.permanent = True
    if not request.is_json:
        return redirect_to(_onward())
    told = {"user": login.account, "session": {"token": login.token}} if door.tells_account else {}
    return jsonify(success=True, message="Login successful", **told)


def _end(session_id: int | None) -> None:
    if session_id is not None:
        with transaction() as session:
            revoke(session, session_id)
    cookie.clear()


def _logged_out() -> Response:
    return jsonify(success=True, message="Logged out successfully")


def _back(door: Door, reason: str) -> Response:
    return redirect_to(f"{url_for(door.form)}?error={quote_plus(reason, safe=':')}")


def _onward() -> str:
    return inside(query().get("next", ""), request.scheme, request.host)
