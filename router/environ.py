"""Pure: an ASGI scope as a WSGI environ (PEP 3333). A step for each header, for every request pays for it."""

import sys
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from router.files import FileWrapper
from router.types import Scope

_UNPREFIXED = frozenset({b"content-length", b"content-type"})


def build_environ(scope: Scope, body: Any) -> dict[str, Any]:
    """The environ of a request. ``body`` becomes ``wsgi.input``.

    Headers that are repeated are joined, cookies as cookies.
    """
    script_name, path_info = split_path(scope)
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "asgi.scope": scope,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path_info,
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        # An ASGI body ends by itself: without this key Werkzeug reads a chunked upload as empty.
        "wsgi.input_terminated": True,
    }
    client = scope.get("client")
    if client is not None:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for name, value in scope["headers"]:
        key = _cgi_name(name)
        if key in environ:
            environ[key] += f"{'; ' if key == 'HTTP_COOKIE' else ','}{value.decode('latin-1')}"
        elif key:
            environ[key] = value.decode("latin-1")
    if "HTTP_TRANSFER_ENCODING" in environ:  # then a length beside it does not count, and some parsers let it pass
        environ.pop("CONTENT_LENGTH", None)
    return environ


@lru_cache(1024)
def _cgi_name(name: bytes) -> str:
    """What CGI calls a header; empty for one that it can't carry.

    ``X_Real_IP`` and ``X-Real-IP`` share one CGI name, so a client could speak with a proxy's voice: names with an
    underscore are dropped.
    """
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if name in _UNPREFIXED else f"HTTP_{key}"


def split_path(scope: Scope) -> tuple[str, str]:
    """SCRIPT_NAME and PATH_INFO: bytes as latin-1 text. The prefix ends at a slash, or at the path's end."""
    if not scope.get("root_path") and scope["path"].isascii():
        return "", scope["path"]
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
