"""Pure: a request as a line of a corpus, or why it can't be one."""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote

from router.mirror.shape import shape_of
from router.recording.body import Body, BodyUnknown
from router.recording.known import secrets_of, tells
from router.recording.mask import Mask
from router.recording.rules import RecordingRules
from router.recording.skip import Skip
from router.row import Row
from router.table import RouteTable
from router.types import Scope

_READS = frozenset({"GET", "HEAD"})
_LONGEST_VALUE = 200
"""Characters of a header that are kept."""


@dataclass(frozen=True)
class Request:
    """What was heard of a request: ``status`` is what it was answered, ``role`` stands for who asked."""

    row: Row
    scope: Scope
    body: bytes
    status: int
    role: str


@dataclass(frozen=True)
class Line:
    """``text`` is JSON without its line's end. Lines with one ``form`` are alike."""

    text: str
    form: str


class Unrecorded(Exception):
    """A request that can't be recorded. ``why`` says it without a word of the request's."""

    def __init__(self, why: Skip) -> None:
        self.why = why
        super().__init__(why.value)


def line_of(request: Request, table: RouteTable, mask: Mask, rules: RecordingRules, name: str, at: datetime) -> Line:
    """``name`` is new for every line, ``at`` in UTC. Raises `Unrecorded`."""
    path, query = _target(request, mask)
    if table.match(request.scope["method"], unquote(path)) is not request.row:
        raise Unrecorded(Skip.PATH)
    body = _body(request)
    words = [request.scope["method"], request.role, str(request.status), _shape(request.row, path, query)]
    form = " ".join([*words, body.form(mask)]).rstrip()
    values = {
        "id": f"recorded-{name}",
        "group": "recorded",
        "auth": request.role,
        "method": request.scope["method"],
        "path": f"{path}?{query}" if query else path,
        "headers": _headers(request, body, mask, rules),
        "body": body.masked(mask),
        "status": request.status,
        "state": _state(request, name, at),
        "route": request.row.key,
        "form": form,
    }
    text = json.dumps(values)
    pairs = [*parse_qsl(_query(request.scope), keep_blank_values=True), *body.pairs]
    if tells(text, secrets_of(request.scope["headers"], pairs, body.content, mask)):
        raise Unrecorded(Skip.SECRET)
    return Line(text, f"{request.row.key} {form}")


def form_of(text: str) -> str | None:
    """The form of a line that was written before; None where it has none."""
    try:
        values = json.loads(text)
        return f"{values['route']} {values['form']}"
    except (ValueError, KeyError, TypeError):
        return None


def _target(request: Request, mask: Mask) -> tuple[str, str]:
    """Path and query as sent, masked. Raises `Unrecorded` for what no URL has."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    try:
        path, query = raw.decode("ascii"), _query(request.scope)
        query.encode("ascii")
    except UnicodeError as error:
        raise Unrecorded(Skip.PATH) from error
    root: str = request.scope.get("root_path", "")
    if root and path.startswith(f"{root}/"):
        path = path[len(root) :]
    return mask.path(path, request.row.template), mask.query(query)


def _query(scope: Scope) -> str:
    query: bytes = scope.get("query_string", b"")
    return query.decode("latin-1")


def _body(request: Request) -> Body:
    try:
        return Body.read(request.body, _header(request.scope, b"content-type"))
    except BodyUnknown as error:
        raise Unrecorded(Skip.BODY) from error


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _headers(request: Request, body: Body, mask: Mask, rules: RecordingRules) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw in request.scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw.decode("latin-1")
        if name in rules.headers and not mask.is_secret(name) and len(value) <= _LONGEST_VALUE:
            found[name] = mask.text(value)
    found.pop("content-type", None)
    return {**found, "content-type": body.kind} if body.kind else found


def _shape(row: Row, path: str, query: str) -> str:
    return shape_of(row, {"path": unquote(path), "query_string": query.encode()})


def _state(request: Request, name: str, at: datetime) -> str:
    """What writes is asked after what reads, in the order in which it was recorded."""
    if request.scope["method"] in _READS:
        return "read"
    return f"sequence:recorded-{at:%Y%m%dT%H%M%S%f}-{name}:1"
