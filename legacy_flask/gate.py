"""What stands before every view: foreign requests, bodies that are too large, and the login gate."""

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, current_app, g, request, url_for
from werkzeug.routing import RequestRedirect

from fastapi_app.models import Setting
from legacy_flask.access import Access, allowed_by_gate, declared, reach
from legacy_flask.cookies import NAME
from legacy_flask.database import session
from legacy_flask.errors import LOGIN_PATH, Forbidden, LoginRequired, TooLarge
from legacy_flask.visitor import find_visitor

GATE_SETTING = "require_authentication"
_OPEN = frozenset({"false", "0", "no", "off", ""})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_LOGIN_PATHS = frozenset({LOGIN_PATH, "/auth/login"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
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

    def guard() -> None:
        g.writes = request.method not in _SAFE_METHODS
        _mend_redirect()
        _refuse_foreign()
        _refuse_large()
        needed = _needed(access)
        if needed is not Access.PUBLIC:
            demand(needed)

    app.before_request(guard)


def demand(needed: Access) -> None:
    """Lets the visitor pass, or raises LoginRequired or Forbidden.

    One query for a login that suffices, one for an anonymous visitor: the setting is read only when the role alone
    does not reach.
    """
    visitor = find_visitor()
    if visitor is not None and reach(visitor.role) >= needed:
        return
    if needed < Access.ADMINISTER and allowed_by_gate(needed, is_open=gate_is_open(_stored_gate())):
        return
    if visitor is not None:
        raise Forbidden("Your account may not do this")
    raise LoginRequired(url_for("logins.simple_form", next=request.url), login_url=LOGIN_PATH)


def gate_is_open(stored: str | None) -> bool:
    """Whether the stored value opens the gate. A missing row and anything unreadable keep it closed."""
    return stored is not None and stored.lower() in _OPEN


def is_foreign(fetch_site: str, origin: str, own_host: str) -> bool:
    """Whether the browser says that another site sent this. Scripts send neither header and pass."""
    if fetch_site.lower() == "cross-site":
        return True
    return bool(origin) and _host_of(origin) != own_host.lower().removesuffix(":80").removesuffix(":443")


def _stored_gate() -> str | None:
    """The column compares without regard to case and accents; only the row of exactly this name counts."""
    rows = session().query(Setting.key, Setting.value).filter(Setting.key == GATE_SETTING)
    return next((value for key, value in rows if key == GATE_SETTING), None)


def _needed(access: dict[str, Access]) -> Access:
    """What this request asks for. Unknown paths, wrong methods and automatic OPTIONS ask for reading."""
    path = f"/{request.path.lstrip('/')}"
    endpoint = request.endpoint
    if endpoint is None:
        return Access.PUBLIC if path.startswith(_PUBLIC_PREFIXES) else Access.READ
    return min(access[endpoint], Access.READ) if request.method == "OPTIONS" else access[endpoint]


def _mend_redirect() -> None:
    """A redirect to a host that can't be read leads to a path of this site, and not to nowhere."""
    found = request.routing_exception
    if isinstance(found, RequestRedirect) and not request.host:
        parts = urlsplit(found.new_url)
        found.new_url = urlunsplit(("", "", parts.path, parts.query, ""))


def _refuse_foreign() -> None:
    """No other site's page may send a write with the visitor's cookie, nor log the visitor in."""
    if not g.writes or not (NAME in request.cookies or request.path in _LOGIN_PATHS):
        return
    if is_foreign(request.headers.get("Sec-Fetch-Site", ""), request.headers.get("Origin", ""), request.host):
        raise Forbidden("This request came from another site")


def _host_of(origin: str) -> str:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))


def _refuse_large() -> None:
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(limit)
