"""Hypothesis strategies: requests that an operation's description allows, and such that it does not."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.parity import pictures
from tests.parity.ask import FORM, JSON, Ask
from tests.parity.library import NAMES, PASSWORD, TITLES
from tests.parity.operations import Operation, Schema, resolved
from tests.parity.values import BAD_BODIES, CONDITIONS, FLAGS, NUMBERS, RANGES, TEXTS, VALUES

Value = TypeVar("Value")

MULTIPART = "multipart/form-data"
_BOUNDARY = "a-boundary-of-these-tests"
_WHO = ("root", "root", "root", "", "", "manager", "anna", "reader")
_DATES = ("2024-02-03", "2024-02-03T12:00:00", "2024-02-03T12:00:00Z", "2024-02-30", "0001-01-01", "bogus")
_STATUSES = ("WANTED", "DOWNLOADED", "MONITORED", "wanted", "bogus")
_GENRES = ("Rock", "rock", "Pop", "Röck", '"q"', "a\\b", "日本")
_SORTS = ("name", "title", "artist_name", "created_at", "updated_at", "year", "status", "video_count", "bogus")
_URLS = ("http://127.0.0.1:9/h", "http://other.example/h?a=b", "ftp://h/", "http://[bad", "nope")
_KEYS = ("app_port", "APP_PORT", "null_value", "custom.note", "imvdb_api_key", "Key With Space", "webhooks_config", "x")

KNOWN: Mapping[str, tuple[Any, ...]] = {
    "sort": _SORTS,
    "sort_by": _SORTS,
    "order": ("asc", "desc", "DESC", "x"),
    "sort_order": ("asc", "desc", "DESC", "x"),
    "status": _STATUSES,
    "date_from": _DATES,
    "date_to": _DATES,
    "genre": _GENRES,
    "genres": _GENRES,
    "keywords": ("live", "日本", "te", "a,b", "["),
    "name": NAMES,
    "artist": NAMES,
    "artist_name": NAMES,
    "search": ("nova", "bjork", "%", "50_5", "宇宙"),
    "q": ("nova", "bjork", "an", "%", "100%", "宇宙"),
    "title": TITLES,
    "imvdb_id": ("70003", "70006", "880004", "880008", "5"),
    "url": _URLS,
    "video_url": _URLS,
    "thumbnail_url": _URLS,
    "events": ("video.added", "video.deleted", "bogus"),
    "secret": ("s", "***", "********"),
    "key": _KEYS,
    "settings": _KEYS,
    "size": ("small", "medium", "large", "original", "SMALL", "huge"),
    "action": ("remove", "update", "bogus"),
    "merge_strategy": ("keep_primary", "merge_data", "bogus"),
    "username": ("root", "anna", "locked", "retired", "nobody", "anna@example.org"),
    "password": (PASSWORD, "wrong", "admin"),
    "force": FLAGS,
    "delete_videos": FLAGS,
    "monitored": FLAGS,
    "auto_download": FLAGS,
    "has_imvdb_id": FLAGS,
    "has_thumbnail": FLAGS,
    "quality": ("720p", "1080p", "hd"),
    "filename": ("a.mp4", "../a.mp4", "Nova Kestrel - Glass Harbor.mp4"),
    "role": ("ADMIN", "MANAGER", "USER", "READONLY", "GOD"),
    "email": ("fresh@example.org", "ROOT@example.org", "nope"),
    "token": ("000000", "123456", "ABCD2345"),
    "event": ("login", "user_created", "bogus"),
    "outcome": ("success", "failure", "bogus"),
    "from": _DATES,
    "to": _DATES,
    "active": ("true", "false", "1"),
    "others": FLAGS,
    "directory": ("x", "Nova Kestrel", "/etc", "..", ""),
    "source": ("youtube", "imvdb", "bogus"),
}
"""Words that reach further than a random text, by the name of what they are for."""

_ROW_IDS = st.one_of(st.integers(1, 8), st.integers(1, 62), st.sampled_from((999, 0, 10**12)))
_TEXTS = st.one_of(st.sampled_from(TEXTS), st.text(max_size=30))
_ODD = st.one_of(
    st.sampled_from(VALUES),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _TEXTS),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
        max_leaves=6,
    ),
)
"""Any JSON, and what JSON ought not to be: NaN, infinity, half a character."""


@st.composite
def asks(draw: st.DrawFn, operation: Operation) -> Ask:
    """One request of an operation: mostly what is described, sometimes not."""
    target = draw(_paths(operation)) + draw(_queries(operation))
    body, headers = draw(_contents(operation)) if operation.bodies else (None, ())
    if operation.method == "GET":
        headers = draw(_conditions())
    return Ask(operation.method, target, body, headers, draw(st.sampled_from(_WHO)))


@st.composite
def _paths(draw: st.DrawFn, operation: Operation) -> str:
    path = operation.template
    for name, schema in operation.path.items():
        value = draw(_mostly(_path_values(name, schema), st.one_of(st.sampled_from(NUMBERS), _TEXTS.map(_quoted))))
        path = path.replace(f"{{{name}}}", value)
    return path


def _path_values(name: str, schema: Schema) -> st.SearchStrategy[str]:
    if schema["type"] == "integer":
        return _ROW_IDS.map(str)
    return _known(name).map(_quoted)


@st.composite
def _queries(draw: st.DrawFn, operation: Operation) -> str:
    if not operation.query:
        return draw(st.sampled_from(("", "", "", "?x=1")))
    names = draw(st.lists(st.sampled_from(sorted(operation.query)), max_size=4))
    pairs = [(name, draw(_query_values(name, operation.query[name]))) for name in names]
    return f"?{'&'.join(f'{name}={value}' for name, value in pairs)}" if pairs else ""


def _query_values(name: str, schema: Schema) -> st.SearchStrategy[str]:
    types = {one.get("type") for one in (schema, *schema.get("anyOf", ()))}
    expected = st.integers(0, 70).map(str) if "integer" in types else _known(name).map(_quoted)
    return _mostly(expected, st.one_of(st.sampled_from(NUMBERS), _TEXTS.map(_quoted)))


Content = tuple[bytes | None, tuple[tuple[str, str], ...]]


@st.composite
def _contents(draw: st.DrawFn, operation: Operation) -> Content:
    if draw(st.integers(0, 11)) == 0:
        body, kind = draw(st.sampled_from(BAD_BODIES))
        return body, ((("Content-Type", kind),) if kind else ())
    kind = draw(st.sampled_from(sorted(operation.bodies)))
    schema = operation.bodies[kind]
    if kind == MULTIPART:
        return draw(_uploads(next(iter(schema["properties"]))))
    content = draw(_mutated(schema))
    if kind == FORM:
        pairs = {name: str(value).encode("utf-8", "replace") for name, value in _members(content).items()}
        return urlencode(pairs).encode(), (("Content-Type", FORM),)
    return json.dumps(content).encode(), (("Content-Type", JSON),)


@st.composite
def _uploads(draw: st.DrawFn, field: str) -> Content:
    name, content = draw(st.sampled_from(_PICTURES))
    named = draw(_mostly(st.just(field), st.sampled_from(("thumbnail", "file", ""))))
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{named}"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    # Not within the file: the parser would leave what it has of it unclosed.
    cut = draw(_mostly(st.just(len(body)), st.integers(0, len(head) - 3)))
    return body[:cut], (("Content-Type", f"{MULTIPART}; boundary={_BOUNDARY}"),)


_PICTURES = tuple(sorted({**pictures.readable(), **pictures.unreadable()}.items(), key=lambda one: len(one[1])))[:24]


@st.composite
def _mutated(draw: st.DrawFn, schema: Schema) -> Any:
    """A value of the schema; one time in three something in it is wrong."""
    content = draw(_of(schema, schema, ""))
    change = draw(st.sampled_from(("none", "none", "none", "member", "extra", "missing", "whole")))
    if change == "whole":
        return draw(_ODD)
    if not isinstance(content, dict):
        return content
    names = sorted({*content, *schema.get("properties", ())})
    if change == "member" and names:
        return {**content, draw(st.sampled_from(names)): draw(_ODD)}
    if change == "extra":
        return {**content, draw(st.one_of(_TEXTS, st.just("id"))): draw(_ODD)}
    if change == "missing" and content:
        left_out = draw(st.sampled_from(sorted(content)))
        return {name: value for name, value in content.items() if name != left_out}
    return content


def _of(schema: Schema, whole: Schema, name: str) -> st.SearchStrategy[Any]:
    """Values of a schema; `name` is the member's that it describes."""
    schema = resolved(schema, whole)
    if "anyOf" in schema:
        return st.one_of([_of(one, whole, name) for one in schema["anyOf"]])
    match schema.get("type"):
        case "integer":
            bounds = st.integers(int(schema.get("minimum", -5)), int(schema.get("maximum", 3_000)))
            return _ROW_IDS if name.endswith(("_id", "_ids")) else bounds
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            return _mostly(_known(name), _TEXTS)
        case "array":
            items = _of(schema["items"], whole, name)
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=min(4, schema.get("maxItems", 4)))
        case "object":
            return _objects(schema, whole, name)
    return st.one_of(_ROW_IDS, _ODD)


def _objects(schema: Schema, whole: Schema, name: str) -> st.SearchStrategy[dict[str, Any]]:
    members = {key: _of(one, whole, key) for key, one in schema.get("properties", {}).items()}
    if not members:
        values = schema.get("additionalProperties", True)
        return st.dictionaries(_known(name), _ODD if values is True else _of(values, whole, ""), max_size=3)
    required = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {key: value for key, value in members.items() if key in required},
        optional={key: value for key, value in members.items() if key not in required},
    )


@st.composite
def _conditions(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """Seldom a range or a condition: only files mind, and JSON must not. With `*` a client asks for no JSON at all."""
    if draw(st.integers(0, 5)):
        return ()
    plain = [one for one in CONDITIONS if "{etag}" not in "".join(one.values()) and "*" not in one.values()]
    chosen = draw(st.one_of(st.sampled_from(plain), st.sampled_from(RANGES).map(lambda value: {"range": value})))
    return tuple((name.replace("_", "-"), value) for name, value in chosen.items())


def _mostly(usual: st.SearchStrategy[Value], other: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.integers(0, 4).flatmap(lambda number: usual if number else other)


def _known(name: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(KNOWN[name]) if name in KNOWN else _TEXTS


def _members(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}


def _quoted(text: Any) -> str:
    return quote(str(text), safe="", errors="replace")
