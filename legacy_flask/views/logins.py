"""The login routes. Two doors from 0.9 lead to the same accounts; they differ in their answers and their cookie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask import session as cookie
from sqlalchemy.orm import Session

from fastapi_app.models import now
from legacy_flask.access import Access, requires
from legacy_flask.attempt_rules import seconds_until
from legacy_flask.audit import Event, record
from legacy_flask.database import transaction, writing
from legacy_flask.errors import LoginRequired, TooManyRequests
from legacy_flask.login import REQUIRED, Missing, account, log_in, read_credentials, revoke
from legacy_flask.login_outcome import Client, Login, Pending, Refusal, Wait
from legacy_flask.onward import inside
from legacy_flask.pending import PendingLogin, written
from legacy_flask.redirection import redirect_to
from legacy_flask.request_values import json_body, query
from legacy_flask.views.tokens import asks_tokens, forget_tokens, with_tokens_of
from legacy_flask.visitor import TOKEN_KEY, USER_KEY, Visitor, find_visitor, visitor_or_nobody

blueprint = Blueprint("logins", __name__)

CODE_NEEDED = "Two-factor authentication required"


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
    """Logs in with a cookie that the browser forgets when it closes, and tells who that is.

    With `grant_type=password`, as OAuth2 clients send it, the answer has tokens too.
    """
    return _log_in(_ACCOUNT)


@blueprint.post("/auth/logout")
@requires(Access.PUBLIC)
def logout() -> Response:
    """Ends this login, on the server too."""
    visitor = find_visitor()
    if visitor is None or visitor.session_id is None:
        raise LoginRequired(url_for("logins.account_form"))
    with transaction() as session:
        _end(session, visitor)
    return forget_tokens(_logged_out())


@blueprint.post("/auth/dynamic-logout")
@requires(Access.READ)
def leave() -> Response:
    """Ends this login and empties the cookie."""
    visitor = find_visitor()
    with transaction() as session:
        _end(session, visitor)
    return forget_tokens(_logged_out() if request.is_json else redirect_to(url_for("logins.simple_form")))


@blueprint.get("/auth/dynamic-logout")
@requires(Access.READ)
def leave_by_link() -> Response:
    """Ends this login and empties the cookie."""
    visitor = find_visitor()
    if visitor is not None and request.method == "GET":
        with writing() as session:
            _end(session, visitor)
    cookie.clear()
    return forget_tokens(redirect_to(url_for("logins.simple_form")))


@blueprint.get("/auth/check")
@requires(Access.PUBLIC)
def check() -> Response:
    """Whether somebody is logged in, and who. Refuses nobody."""
    visitor = visitor_or_nobody()
    if visitor is None:
        return jsonify(authenticated=False)
    user = account(visitor.user_id, visitor.username, visitor.email, visitor.role)
    return jsonify(authenticated=True, user=user)


def _form(door: Door) -> Response:
    if visitor_or_nobody() is not None:
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
    outcome = log_in(given, client())
    if isinstance(outcome, Wait):
        raise TooManyRequests(seconds_until(outcome.until, now()))
    if isinstance(outcome, Refusal):
        return _refused(door, outcome)
    if isinstance(outcome, Pending):
        return _half_way(door, outcome)
    return forget_tokens(_admitted(door, outcome))


def _with_tokens(door: Door) -> bool:
    return door is _ACCOUNT and asks_tokens()


def _refused(door: Door, refusal: Refusal) -> Response:
    if not (request.is_json or _with_tokens(door)):
        return _back(door, refusal.reason)
    response = jsonify(error=refusal.reason)
    response.status_code = 401
    return response


def _form_values() -> Mapping[str, str]:
    return {name: request.form.get(name, "") for name in ("username", "password")}


def client() -> Client:
    """Where this request comes from, and the login that the browser had before."""
    token = cookie.get(TOKEN_KEY)
    return Client(
        ip=request.remote_addr or "",
        agent=request.headers.get("User-Agent", ""),
        token=token if isinstance(token, str) else "",
    )


def keep_login(login: Login, *, permanent: bool) -> None:
    """The cookie of a new login. It is emptied first, so that nothing from before survives it."""
    cookie.clear()
    cookie[TOKEN_KEY] = login.token
    cookie[USER_KEY] = login.user_id
    if permanent:
        cookie.permanent = True


def _half_way(door: Door, pending: Pending) -> Response:
    """The password was right: the second factor is asked. The note in the cookie proves no login."""
    cookie.clear()
    cookie.update(written(PendingLogin(pending.user_id, pending.proof, door.keeps_cookie, _onward()), now()))
    if not (request.is_json or _with_tokens(door)):
        return redirect_to(url_for("second_factor_login.code_form"))
    return jsonify(success=False, requires_2fa=True, message=CODE_NEEDED, user_id=pending.user_id)


def _admitted(door: Door, login: Login) -> Response:
    keep_login(login, permanent=door.keeps_cookie)
    with_tokens = _with_tokens(door)
    if not (request.is_json or with_tokens):
        return redirect_to(_onward())
    done: dict[str, Any] = {"success": True, "message": "Login successful"}
    if not door.tells_account:
        return jsonify(done)
    user = account(login.user_id, login.username, login.email, login.role)
    body = {**done, "user": user, "session": {"token": login.token}}
    return with_tokens_of(login, body) if with_tokens else jsonify(body)


def _end(session: Session, visitor: Visitor | None) -> None:
    """Ends the login and whatever hangs on it, and empties the cookie."""
    if visitor is not None and visitor.session_id is not None:
        revoke(session, visitor.session_id)
        login = visitor.session_id
        record(session, Event.LOGOUT, user_id=visitor.user_id, username=visitor.username, login=login)
    cookie.clear()


def _logged_out() -> Response:
    return jsonify(success=True, message="Logged out successfully")


def _back(door: Door, reason: str) -> Response:
    return redirect_to(f"{url_for(door.form)}?error={quote_plus(reason, safe=':')}")


def _onward() -> str:
    return inside(query().get("next", ""), request.scheme, request.host)
