"""Pure: what the router reads from a request's headers, in one pass."""

from typing import NamedTuple

from router.drill.warrant import HEADER as DRILL
from router.override import HEADER as CLAIM
from router.reply import EXPLAIN
from router.request_id import HEADER as REQUEST_ID
from router.request_id import is_valid, new_request_id
from router.types import Headers, Scope

SHADOW = b"x-strangler-shadow"
"""Marks the copy of a request that the mirror makes; a client's own is taken away."""

_OURS = frozenset({CLAIM, SHADOW, DRILL})
WANTS = _OURS | {REQUEST_ID, EXPLAIN, b"content-length", b"transfer-encoding"}
"""Headers that the router does something about; a cookie may be for it, and seldom is."""
READ = WANTS | {b"cookie"}
_AUTHORIZATION = b"authorization"
_CREDENTIALS = frozenset({b"cookie", _AUTHORIZATION, b"x-api-key"})


class Request(NamedTuple):
    """What was read.

    ``headers`` hold exactly one valid request id, and nothing that is for the router alone. ``explain``: an
    explanation was asked for. ``length`` is the body's, as HTTP/1 tells it: 0 where no body can follow, None where
    only its end will tell. ``claim`` is what X-Strangler-Side says, None where it is absent or says two things.
    ``cookie`` is the whole Cookie header. ``drill`` is what X-Strangler-Drill says, None as for a claim.
    """

    headers: Headers
    request_id: bytes
    explain: bool
    length: int | None
    claim: bytes | None = None
    cookie: bytes = b""
    drill: bytes | None = None

    @property
    def credentials(self) -> bytes:
        """All that may tell who asks. Looked for when asked, as the next one is: few requests are."""
        return b"\x00".join([part for pair in self.headers if pair[0] in _CREDENTIALS for part in pair])

    @property
    def authorization(self) -> bytes:
        return b"\x00".join(value for name, value in self.headers if name == _AUTHORIZATION)


def path_of(scope: Scope) -> str:
    """The path below the mount point."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in {"", "/"}:
        return path[len(root) :]
    return path


def read_request(scope: Scope) -> Request:
    headers: Headers = scope["headers"]
    length = 0 if scope["http_version"][:1] == "1" else None
    found = [pair for pair in headers if pair[0] in READ]
    if not found:
        request_id = new_request_id()
        return Request([*headers, (REQUEST_ID, request_id)], request_id, False, length)
    return _read(headers, found, length)


def _read(headers: Headers, found: Headers, length: int | None) -> Request:
    explain = chunked = False
    ours: Headers = []
    ids: list[bytes] = []
    lengths: list[int] = []
    cookie = b""
    claim: bytes | None = None
    drill: bytes | None = None
    for name, value in found:
        if name == b"cookie":
            cookie = cookie + b"; " + value if cookie else value
        elif name == REQUEST_ID:
            ids.append(value)
        elif name == b"content-length":
            lengths += [int(value)] if value.isdigit() else []
        elif name == b"transfer-encoding":
            chunked = True
        elif name == EXPLAIN:
            explain = True
        else:
            ours.append((name, value))
    known = ids[0] if len(ids) == 1 and is_valid(ids[0]) else None
    request_id = new_request_id() if known is None else known
    if ours:
        claim, drill = _only(CLAIM, ours), _only(DRILL, ours)
        headers = [pair for pair in headers if pair[0] not in _OURS]
    if known is None:
        headers = [pair for pair in headers if pair[0] != REQUEST_ID] if ids else headers
        headers = [*headers, (REQUEST_ID, request_id)]
    told = None if chunked else lengths[0] if lengths else length
    return Request(headers, request_id, explain, told, claim, cookie, drill)


def _only(name: bytes, headers: Headers) -> bytes | None:
    """The header's value; None where it is absent or says two things."""
    values = [value for key, value in headers if key == name]
    return values[0] if len(values) == 1 else None
