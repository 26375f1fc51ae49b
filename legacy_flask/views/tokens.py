"""Tokens for clients that keep no cookies, and for pages that want theirs in cookies."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from fastapi_app.models import now
from legacy_flask import refresh, tokens
from legacy_flask.access import Access, requires
from legacy_flask.audit import Event, record
from legacy_flask.cookies import ACCESS_COOKIE, REFRESH_COOKIE
from legacy_flask.credential import Kind
from legacy_flask.database import transaction
from legacy_flask.errors import BadField, BadRequest, CredentialRefused, Forbidden
from legacy_flask.fields import query_flag, truth
from legacy_flask.gate import login_required
from legacy_flask.login_outcome import Login
from legacy_flask.refresh import Client, Tokens, Use
from legacy_flask.refusals import tell_refusal
from legacy_flask.request_values import json_body
from legacy_flask.visitor import find_visitor, login_holder

blueprint = Blueprint("tokens", __name__, url_prefix="/auth")

_DOUBLED = "This refresh token was used a moment ago: use the tokens that came then"
_PLACES = {ACCESS_COOKIE: ("/", tokens.ACCESS), REFRESH_COOKIE: ("/auth", tokens.REFRESH)}
"""Path and kind of the cookies."""


@blueprint.post("/token")
@requires(Access.READ)
def convert() -> Response:
    """Tokens that hang on the login of this browser: they end with it. Only its cookie may ask for them."""
    visitor = find_visitor()
    if visitor is None:
        raise login_required()
    holder = login_holder()
    if visitor.session_id is None or holder is None or holder.session_id != visitor.session_id:
        raise Forbidden("Only the cookie of a login can be exchanged for tokens")
    in_cookies = _wants_cookies(_values())
    made = issued(visitor.user_id, visitor.username, visitor.session_id)
    return answer(made, in_cookies=in_cookies)


@blueprint.post("/refresh")
@requires(Access.PUBLIC)
def renew() -> Response:
    """New tokens for a refresh token, which counts once.

    409 when the same client sent it twice at once. Whoever uses it again later ends the login, with 401 for everybody.
    """
    values = _values()
    sent = values.get("refresh_token") or ""
    if not isinstance(sent, str):
        raise BadField("refresh_token", "text")
    in_cookies = _wants_cookies(values) or not sent
    found = _exchanged(sent or request.cookies.get(REFRESH_COOKIE, ""))
    if found is Use.DOUBLED:
        doubled = jsonify(error=_DOUBLED)
        doubled.status_code = 409
        return doubled
    if isinstance(found, Use):
        raise CredentialRefused
    return answer(found, in_cookies=in_cookies)


def asks_tokens() -> bool:
    """Whether a login is one of OAuth2's kind, `grant_type=password` in its JSON or form: then it is told tokens."""
    return _values().get("grant_type") == "password"


def issued(user_id: int, username: str, session_id: int) -> Tokens:
    """Tokens that hang on this login."""
    with transaction() as session:
        made = refresh.issue(session, tokens.signer(), user_id, session_id, now())
        record(session, Event.TOKENS_ISSUED, user_id=user_id, username=username, login=session_id)
    return made


def with_tokens_of(login: Login, body: dict[str, Any]) -> Response:
    """The answer to such a login."""
    made = issued(login.user_id, login.username, login.session_id)
    response = jsonify({**body, **made.answer()})
    response.headers["Cache-Control"] = "no-store"
    return response


def answer(made: Tokens, *, in_cookies: bool) -> Response:
    """The answer with new tokens: in its body, or in cookies that scripts can't read."""
    response = jsonify(success=True, **(refresh.DESCRIPTION if in_cookies else made.answer()))
    response.headers["Cache-Control"] = "no-store"
    if in_cookies:
        for name, value in ((ACCESS_COOKIE, made.access), (REFRESH_COOKIE, made.refresh)):
            _keep(response, name, value)
    return response


def forget_tokens(response: Response) -> Response:
    """Removes the cookies of tokens that this request brought: they are of a login before this one."""
    for name in _PLACES:
        if request.cookies.get(name):
            _keep(response, name, "")
    return response


def _keep(response: Response, name: str, value: str) -> None:
    """Sets a cookie, or removes it where there is no value."""
    path, kind = _PLACES[name]
    response.set_cookie(
        name,
        value,
        max_age=tokens.LIFETIMES[kind] if value else 0,
        expires=None if value else 0,
        path=request.root_path + path,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def _exchanged(token: str) -> Tokens | Use:
    """Kept when the answer is a refusal, too: a replay ends the login."""
    if not token:
        return Use.REFUSED
    at, signer = now(), tokens.signer()
    try:
        claims = signer.read(token, tokens.REFRESH, at)
    except tokens.BadToken:
        tell_refusal(Kind.TOKEN)
        return Use.REFUSED
    client = Client(request.remote_addr or "", request.headers.get("User-Agent", ""))
    with transaction() as session:
        found = refresh.rotate(session, signer, claims, client, at)
    if found is Use.REFUSED:
        tell_refusal(Kind.TOKEN)
    return found


def _values() -> dict[str, Any]:
    """The members of a JSON body, or of a form; none where nothing was sent."""
    if not request.is_json:
        return dict(request.form.items())
    values = json_body()
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    return values


def _wants_cookies(values: dict[str, Any]) -> bool:
    value = values.get("cookie")
    return bool(query_flag(value)) if isinstance(value, str) else truth(value, "cookie", default=False)
