"""Addresses of this site, built from what the request says. Pure functions of the ASGI scope."""

import re
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from fastapi_app.auth.credential import without_key

Scope = Any

LOGIN_PATH = "/simple-login"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_HOST = re.compile(r"[A-Za-z0-9._\-:\[\]]+")
_LEAVES = re.compile(r"(?:/\.{1,2})*/[\x00-\x20]*[/\\]")
_PATH_SAFE = "!$&'()*+,/:;=@"
_QUERY_SAFE = "%!$&'()*+,/:;=?@"
_NEXT_SAFE = "!$'()*,/:;?@"
_QUOTED_RUN = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_NEVER_READABLE = frozenset("%\x7f").union(map(chr, range(0x21)))
_QUOTED_IN_PATH = _NEVER_READABLE.union("/?#")
_QUOTED_IN_QUERY = _NEVER_READABLE.union("&=+#")


def header(scope: Scope, name: bytes) -> str:
    """The first value of a header, or an empty text. `name` is in lower case."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def is_copy(scope: Scope) -> bool:
    """Whether nobody waits for the answer, because the request was answered already. No client can say so."""
    return "http.request.copy" in (scope.get("extensions") or ())


def host(scope: Scope) -> str:
    """The site as the visitor typed it, without a default port; empty when the Host header is unusable."""
    scheme = scope.get("scheme", "http")
    found = header(scope, b"host") or _server(scope)
    return found.removesuffix(_DEFAULT_PORTS.get(scheme, "")) if _HOST.fullmatch(found) else ""


def is_host(text: str) -> bool:
    """Whether `text` can stand in a Host header."""
    return _HOST.fullmatch(text) is not None


def origin(scope: Scope) -> str:
    """`http://host`, or an empty text when the Host header is unusable: then addresses become relative."""
    name = host(scope)
    return f"{scope.get('scheme', 'http')}://{name}" if name else ""


def local(scope: Scope, path: str) -> str:
    """`path` under the prefix that a proxy strips."""
    prefix: str = scope.get("root_path", "").rstrip("/")
    return prefix + path


def route_path(scope: Scope) -> str:
    """The path of this request as routes know it, without the prefix of a proxy that does not strip it."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path


def redirect_target(scope: Scope, path: str) -> str:
    """The absolute address of `path` (decoded) with the query of this request."""
    query = quote(without_key(scope["query_string"]), safe=_QUERY_SAFE)
    return origin(scope) + local(scope, quote(path, safe=_PATH_SAFE)) + (f"?{query}" if query else "")


def login_location(scope: Scope) -> str:
    """The login page, which leads back to this request."""
    return f"{local(scope, LOGIN_PATH)}?next={quote_plus(current(scope), safe=_NEXT_SAFE)}"


def current(scope: Scope) -> str:
    """This request's address in readable form: non-ASCII characters unquoted, reserved ones left as they were."""
    path = quote(local(scope, route_path(scope)), safe=_PATH_SAFE + "%")
    query = quote(without_key(scope["query_string"]), safe=_QUERY_SAFE)
    tail = f"?{_readable(query, _QUOTED_IN_QUERY)}" if query else ""
    return origin(scope) + _readable(path, _QUOTED_IN_PATH) + tail


def inside(target: str, scope: Scope) -> str:
    """`target` when it is a path or an address of this very site, else `/`.

    Browsers drop control characters and read a backslash as a slash, so addresses with either are refused. So is a
    path that would name a host once a proxy has decoded or shortened it.
    """
    if not target or "\\" in target or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in target):
        return "/"
    if target.startswith("/"):
        return "/" if _LEAVES.match(unquote(target)) else target
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    ours = parts.scheme in _DEFAULT_PORTS and bool(host(scope))
    same = parts.netloc.removesuffix(_DEFAULT_PORTS.get(parts.scheme, "")) == host(scope)
    return target if ours and same else "/"


def _server(scope: Scope) -> str:
    name, port = scope.get("server") or ("localhost", None)
    return f"{name}:{port}" if port else str(name)


def _readable(quoted: str, kept: frozenset[str]) -> str:
    """Unquotes what is UTF-8, except the characters of `kept`."""

    def unquote_run(match: re.Match[str]) -> str:
        run = match.group()
        try:
            text = bytes.fromhex(run.replace("%", "")).decode("utf-8")
        except UnicodeDecodeError:
            return run
        return "".join(quote(char, safe="") if char in kept else char for char in text)

    return _QUOTED_RUN.sub(unquote_run, quoted)
