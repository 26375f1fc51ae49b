"""The second step of a login: the page that asks for the code, and the check."""

from typing import Any
from urllib.parse import quote_plus

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask import session as cookie

from fastapi_app.models import now
from legacy_flask.access import Access, requires
from legacy_flask.attempt_rules import seconds_until
from legacy_flask.database import transaction
from legacy_flask.errors import BadField, BadRequest, LoginRequired, TooManyRequests
from legacy_flask.fields import refuse_unstorable
from legacy_flask.login_outcome import Login, Outcome, Refusal, Wait
from legacy_flask.pending import PendingLogin, read
from legacy_flask.redirection import redirect_to
from legacy_flask.request_values import json_body, query
from legacy_flask.second_factor_login import PendingLoginEnded, verify
from legacy_flask.views.logins import client, keep_login
from legacy_flask.views.tokens import asks_tokens, forget_tokens, with_tokens_of

blueprint = Blueprint("second_factor_login", __name__, url_prefix="/2fa")

BOTH_REQUIRED = "User ID and verification token are required"
CODE_REQUIRED = "The code is required"


@blueprint.get("/verify")
@requires(Access.PUBLIC)
def code_form() -> Response:
    """Asks for the code of a login whose password was right."""
    if _pending() is None:
        return redirect_to(url_for("logins.account_form"))
    action = url_for("second_factor_login.verify_login")
    return make_response(render_template("second_factor.html", action=action, error=query().get("error", "")))


@blueprint.post("/api/verify-login")
@requires(Access.PUBLIC)
def verify_login() -> Response:
    """Completes a login: needs the cookie that the right password left."""
    given = _json_code(json_body()) if request.is_json else _form_code()
    if given is None:
        return _back(CODE_REQUIRED)
    try:
        return _complete(*given)
    except (LoginRequired, TooManyRequests) as refused:
        if request.is_json:
            raise
        told = f"?error={quote_plus(refused.message)}" if isinstance(refused, TooManyRequests) else ""
        return redirect_to(url_for("logins.account_form") + told)


def _complete(user_id: int | None, code: str) -> Response:
    pending = _pending()
    if pending is None or user_id not in (None, pending.user_id):
        raise LoginRequired(url_for("logins.account_form"))
    outcome = _verified(pending, code)
    if isinstance(outcome, Login):
        return forget_tokens(_admitted(pending, outcome))
    if isinstance(outcome, Wait):
        cookie.clear()
        raise TooManyRequests(seconds_until(outcome.until, now()))
    return _refused(outcome.reason if isinstance(outcome, Refusal) else "")


def _verified(pending: PendingLogin, code: str) -> Outcome:
    try:
        with transaction() as current:
            return verify(current, pending, code, client())
    except PendingLoginEnded:
        cookie.clear()
        raise LoginRequired(url_for("logins.account_form")) from None


def _pending() -> PendingLogin | None:
    return read(cookie.get, now())


def _form_code() -> tuple[None, str] | None:
    code = request.form.get("token", "")
    refuse_unstorable(code, "token")
    return (None, code) if code else None


def _json_code(values: Any) -> tuple[int, str]:
    if not isinstance(values, dict):
        raise BadRequest("The body must be a JSON object")
    user_id, code = values.get("user_id"), values.get("token")
    if not user_id or not code:
        raise BadRequest(BOTH_REQUIRED)
    if not isinstance(user_id, int):
        raise BadField("user_id", "a whole number")
    if not isinstance(code, str):
        raise BadField("token", "text")
    refuse_unstorable(code, "token")
    return user_id, code


def _admitted(pending: PendingLogin, login: Login) -> Response:
    keep_login(login, permanent=pending.keeps_cookie)
    done: dict[str, Any] = {"success": True, "message": "Login successful"}
    body = {**done, "session_token": login.token, "redirect_url": pending.onward}
    if asks_tokens():
        return with_tokens_of(login, body)
    return jsonify(body) if request.is_json else redirect_to(pending.onward)


def _refused(reason: str) -> Response:
    if not request.is_json:
        return _back(reason)
    response = jsonify(error=reason)
    response.status_code = 401
    return response


def _back(reason: str) -> Response:
    return redirect_to(f"{url_for('second_factor_login.code_form')}?error={quote_plus(reason)}")
