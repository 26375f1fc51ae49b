"""Pure: an ASGI scope as a WSGI environ. a2wsgi builds it; what it can't know or gets wrong is put right here."""

import sys
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from a2wsgi.wsgi import build_environ as a2wsgi_environ

from router.files import FileWrapper
from router.types import Headers, Scope


def build_environ(scope: Scope, body: Any) -> dict[str, Any]:
    """The environ of a request. ``body`` becomes ``wsgi.input``."""
    clean = {**scope, "root_path": "", "path": "/", "query_string": b"", "headers": cgi_headers(scope["headers"])}
    environ = cast("dict[str, Any]", a2wsgi_environ(cast("Any", clean), body))
    script_name, path_info = split_path(scope)
    environ.update(
        {
            "asgi.scope": scope,
            "SCRIPT_NAME": script_name,
            "PATH_INFO": path_info,
            "QUERY_STRING": scope["query_string"].decode("latin-1"),
            "wsgi.errors": sys.stderr,
            "wsgi.file_wrapper": FileWrapper,
            # An ASGI body ends by itself: without this key Werkzeug reads a chunked upload as empty.
            "wsgi.input_terminated": True,
        }
    )
    if "HTTP_TRANSFER_ENCODING" in environ:  # then a length beside it does not count, and some parsers let it pass
        environ.pop("CONTENT_LENGTH", None)
    return environ


def cgi_headers(headers: Headers) -> Headers:
    """Headers as CGI can carry them.

    ``X_Real_IP`` and ``X-Real-IP`` share one CGI name, so a client could speak with a proxy's voice: names with an
    underscore are dropped. Repeated cookies are joined as cookies, not as lists.
    """
    cookies = [value for name, value in headers if name == b"cookie"]
    clean = [(name, value) for name, value in headers if b"_" not in name and name != b"cookie"]
    return [*clean, (b"cookie", b"; ".join(cookies))] if cookies else clean


def split_path(scope: Scope) -> tuple[str, str]:
    """SCRIPT_NAME and PATH_INFO: bytes as latin-1 text. The prefix ends at a slash, or at the path's end."""
    path = _path_bytes(scope)
    root = scope.get("root_path", "").encode().rstrip(b"/")
    if root and (path == root or path.startswith(root + b"/")):
        return root.decode("latin-1"), path[len(root) :].decode("latin-1")
    return root.decode("latin-1"), path.decode("latin-1")


def _path_bytes(scope: Scope) -> bytes:
    """The path's bytes as the client sent them, where the server still knows them.

    ``path`` was decoded as UTF-8 and has lost what was not. If somebody rewrote it since, it is the authority.
    """
    path: str = scope["path"]
    raw = scope.get("raw_path")
    if raw and not path.isascii():
        sent = unquote_to_bytes(raw)
        if sent.decode("utf-8", "replace") == path:
            return sent
    return path.encode("utf-8", "surrogateescape")
