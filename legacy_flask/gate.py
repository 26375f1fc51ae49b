"""What stands before every view: foreign requests, bodies that are too large, and the login gate."""

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, current_app, g, request, url_for
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import RequestRedirect

from fastapi_app.models import Setting
from legacy_flask.access import Access, allowed_by_gate, declared, reach
from legacy_flask.configuration import current_settings
from legacy_flask.cors import preflight
from legacy_flask.credential import without_key
from legacy_flask.database import session
from legacy_flask.errors import LOGIN_PATH, Forbidden, LoginRequired, TooLarge
from legacy_flask.flood import refuse_flood
from legacy_flask.origins import is_foreign
from legacy_flask.visitor import find_visitor

GATE_SETTING = "require_authentication"
_OPEN = frozenset({"false", "0", "no", "off", ""})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PUBLIC_PREFIXES = (
    "/auth/login",
    "/auth/logout",
    "/auth/check",
    "/simple-login",
    "/api/health",
    "/health",
    "/static/",
    "/css/",
    "/js/",
    "/favicon.ico",
)
"""Where 0.9 never asked for a login, whether or not anything is there."""


def install(app: Flask) -> None:
    """Puts the gate before the views of `app`, all of which have been declared. Raises UndeclaredAccess."""
    access = declared(app)

    def guard() -> Response | None:
        g.writes = request.method not in _SAFE_METHODS
        answered = preflight()
        if answered is not None:
            return answered
        _mend_redirect()
        refuse_flood()
        _refuse_foreign()
        _refuse_large()
        needed = _needed(access)
        if needed is not Access.PUBLIC:
            demand(needed)
        return None

    app.before_request(guard)


def demand(needed: Access) -> None:
    """Lets the visitor pass, or raises LoginRequired or Forbidden.

    One query for a login that suffices, one for an anonymous visitor: the setting is read only when the role alone
    does not reach.
    """
    visitor = find_visitor()
    if visitor is not None and reach(visitor.role) >= needed:
        return
    if needed < Access.ADMINISTER and allowed_by_gate(needed, is_open=gate_is_open(stored_gate())):
        return
    if visitor is not None:
        raise Forbidden("Your account may not do this")
    raise login_required()


def login_required() -> LoginRequired:
    """The error that leads a browser to the login form, and from there back to this address."""
    return LoginRequired(url_for("logins.simple_form", next=_keyless(request.url)), login_url=LOGIN_PATH)


def gate_is_open(stored: str | None) -> bool:
    """Whether the stored value opens the gate. A missing row and anything unreadable keep it closed."""
    return stored is not None and stored.lower() in _OPEN


def stored_gate() -> str | None:
    """The column compares without regard to case and accents; only the row of exactly this name counts."""
    rows = session().query(Setting.key, Setting.value).filter(Setting.key == GATE_SETTING)
    return next((value for key, value in rows if key == GATE_SETTING), None)


def _needed(access: dict[str, Access]) -> Access:
    """What this request asks for. Unknown paths, wrong methods and automatic OPTIONS ask for reading."""
    path = f"/{request.path.lstrip('/')}"
    endpoint = request.endpoint
    if endpoint is None:
        return Access.PUBLIC if path.startswith(_PUBLIC_PREFIXES) or _is_public_otherwise(access) else Access.READ
    return min(access[endpoint], Access.READ) if request.method == "OPTIONS" else access[endpoint]


def _is_public_otherwise(access: dict[str, Access]) -> bool:
    """Whether this path is that of a public view, asked with a method that it does not have."""
    refused, adapter = request.routing_exception, current_app.create_url_adapter(request)
    if not isinstance(refused, MethodNotAllowed) or adapter is None:
        return False
    try:
        views = [adapter.match(method=method)[0] for method in refused.valid_methods or ()]
    except RequestRedirect:  # a path with doubled slashes is no view's
        return False
    return any(access[view] is Access.PUBLIC for view in views)


def _mend_redirect() -> None:
    """A redirect takes no API key along; one to a host that can't be read leads to a path of this site instead."""
    found = request.routing_exception
    if isinstance(found, RequestRedirect):
        found.new_url = _keyless(found.new_url)
    if isinstance(found, RequestRedirect) and not request.host:
        parts = urlsplit(found.new_url)
        found.new_url = urlunsplit(("", "", parts.path, parts.query, ""))


def _keyless(address: str) -> str:
    parts = urlsplit(address)
    query = without_key(parts.query)
    return address if query == parts.query else urlunsplit(parts._replace(query=query))


def _refuse_foreign() -> None:
    """No other site's page may write in the visitor's name: with a cookie, or where the gate is open without one.

    A credential in a header passes: no page can add that header without being asked for it first (CORS).
    """
    sent = request.headers
    is_bearer = sent.get("Authorization", "").strip().partition(" ")[0].lower() == "bearer"
    fetch_site, origin = sent.get("Sec-Fetch-Site", ""), sent.get("Origin", "")
    if not g.writes or is_bearer or "X-Api-Key" in sent or not (fetch_site or origin):
        return
    if is_foreign(fetch_site, origin, request.host, current_settings().cors_origins, scheme=request.scheme):
        raise Forbidden("This request came from another site")


def _refuse_large() -> None:
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(limit)
