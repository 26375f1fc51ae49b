"""What a request hears that no row takes: the side's own answer, put right where the other side would say more.

Each side answers first, so its gate and its middleware have spoken. Then Allow names the methods of both sides; and
where modern found nothing to say but 404 or 405, and legacy redirects or answers OPTIONS, that is what goes out.
"""

import re
from html import escape
from urllib.parse import quote

from router.row import Side
from router.types import Headers, Message, Scope, Send
from router.verdict import Kind, Verdict

_PATH_SAFE = "!$&'()*+,/:;=@"
_QUERY_SAFE = "!$&'()*+,/:;=?@%"
_HOST = re.compile(r"[A-Za-z0-9._\-:\[\]]+")
_DEFAULT_PORT = {"http": ":80", "https": ":443"}
_OF_THE_BODY = frozenset({b"content-length", b"content-type", b"content-encoding", b"etag", b"location", b"allow"})


class Amendment:
    """A ``send`` for the backend of one request."""

    def __init__(self, send: Send, verdict: Verdict, side: Side, scope: Scope) -> None:
        self._send = send
        self._verdict = verdict
        self._speaks = side is Side.MODERN and verdict.kind in {Kind.OPTIONS, Kind.REDIRECT}
        self._method = scope["method"]
        self._scope = scope
        self._location = location(scope, verdict.path) if self._speaks and verdict.kind is Kind.REDIRECT else None
        self._spoken = False

    async def __call__(self, message: Message) -> None:
        if self._spoken:
            return
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message.get("headers", ()))
            if self._speaks and status in {404, 405}:
                self._spoken = True
                await self._speak(headers)
                return
            if status == 405 or (status == 200 and self._method == "OPTIONS"):
                headers = with_allow(headers, self._verdict.allow)
            message = {**message, "headers": headers}
        await self._send(message)

    async def _speak(self, headers: Headers) -> None:
        """The answer itself, with what the side's middleware had put on its own."""
        body = b"" if self._location is None else page(self._scope, self._location)
        kept = [pair for pair in headers if pair[0].lower() not in _OF_THE_BODY]
        kept += [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        status = 200
        if self._location is not None:
            status = 308
            kept.append((b"location", self._location.encode()))
        elif self._verdict.allow:
            kept = with_allow(kept, self._verdict.allow)
        await self._send({"type": "http.response.start", "status": status, "headers": kept})
        await self._send({"type": "http.response.body", "body": b"" if self._method == "HEAD" else body})


def with_allow(headers: Headers, methods: frozenset[str]) -> Headers:
    """The headers, with these methods allowed beside those that they name."""
    named = {word.strip() for name, value in headers if name.lower() == b"allow" for word in value.decode().split(",")}
    everything = sorted((named | methods) - {""})
    if named >= methods or not everything:
        return headers
    return [pair for pair in headers if pair[0].lower() != b"allow"] + [(b"allow", ", ".join(everything).encode())]


def location(scope: Scope, path: str) -> str:
    """The address of a path of this site, with the query of this request. Relative where the Host header is no host."""
    scheme = scope.get("scheme", "http")
    root = scope.get("root_path", "").strip("/")
    whole = f"{root}/{path.lstrip('/')}" if root else path.lstrip("/")
    host = _host(scope, scheme)
    site = f"{scheme}://{host}/" if host else "/"
    return site + quote(whole, safe=_PATH_SAFE) + _queried(quote(_query(scope), safe=_QUERY_SAFE))


def page(scope: Scope, address: str) -> bytes:
    """The body of a redirect, as Werkzeug's clients have it: the query stands there as it came, escaped for HTML."""
    shown = escape(address.partition("?")[0] + _queried(_query(scope)), quote=False)
    shown = shown.replace('"', "&#34;").replace("'", "&#39;")
    link = f'<a href="{shown}">{shown}</a>'
    told = f"You should be redirected automatically to the target URL: {link}. If not, click the link."
    heading = "Redirecting..."
    lines = ["<!doctype html>", "<html lang=en>", f"<title>{heading}</title>", f"<h1>{heading}</h1>", f"<p>{told}", ""]
    return "\n".join(lines).encode()


def _query(scope: Scope) -> str:
    text: str = scope["query_string"].decode("utf-8", "replace")
    return text


def _queried(query: str) -> str:
    return f"?{query}" if query else ""


def _host(scope: Scope, scheme: str) -> str:
    named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    if not named and scope.get("server"):
        name, port = scope["server"]
        named = name if port is None else f"{name}:{port}"
    return named.lower().removesuffix(_DEFAULT_PORT.get(scheme, "")) if _HOST.fullmatch(named) else ""
