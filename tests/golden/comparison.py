"""Whether an answer is the golden one. Pure."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any

from fastapi_app.models.collation import sort_key
from router.comparison.jsonpath import change, find
from router.comparison.mismatch import Mismatch
from tests.golden.line import Line
from tests.golden.wire import Answer

HEADERS = (
    "content-type",
    "location",
    "content-range",
    "cache-control",
    "accept-ranges",
    "allow",
    "content-disposition",
    "set-cookie",
    "etag",
    "last-modified",
)
"""Headers that must be absent where the line does not name them; content-length counts only where it is named."""

_PRESENT = ("etag", "last-modified")
_MASK = "*"
_NAMES = frozenset({"name", "title", "artist_name"})


class Difference(Mismatch):
    """One field of one line in which the answer differs: the control was expected, the candidate was found."""

    def __str__(self) -> str:
        return f"{self.request} {self.field}: expected {_short(self.control)}, found {_short(self.candidate)}"


def compare(line: Line, answer: Answer, variables: Mapping[str, Any], base: str) -> list[Difference]:
    """Every difference between the golden line and an answer of the server at `base`."""
    found = [*_status(line, answer), *_headers(line, answer, base)]
    if line.method != "HEAD":
        found += [*_json(line, answer, variables), *_bytes(line, answer)]
    return [Difference(line.id, field, expected, actual) for field, expected, actual in found]


Finding = tuple[str, Any, Any]


def _status(line: Line, answer: Answer) -> Iterator[Finding]:
    if line.status != answer.status:
        yield "status", line.status, answer.status


def _headers(line: Line, answer: Answer, base: str) -> Iterator[Finding]:
    for name in sorted({*HEADERS, *line.response_headers} - {*line.get("ignore_headers", [])}):
        expected = line.response_headers.get(name)
        actual = _header(answer, name)
        if isinstance(expected, str):
            expected = expected.replace("{base}", base)
        if expected != actual:
            yield f"header:{name}", expected, actual


def _header(answer: Answer, name: str) -> Any:
    if name == "set-cookie":
        return sorted(map(cookie_shape, answer.all(name))) or None
    value = answer.header(name)
    if value is None:
        return None
    if name in _PRESENT:
        return "present"
    return ", ".join(sorted(part.strip() for part in value.split(","))) if name == "allow" else value


def cookie_shape(header: str) -> str:
    """A Set-Cookie header as the corpus writes it: name and attributes, no values, the expiry as past or future."""
    name, morsel = next(iter(SimpleCookie(header).items()))
    parts = []
    if morsel["expires"]:
        parts.append("expires=past" if "1970" in morsel["expires"] else "expires=future")
    parts += ["httponly"] if morsel["httponly"] else []
    parts += [f"max-age={morsel['max-age']}"] if morsel["max-age"] else []
    parts += [f"path={morsel['path']}"] if morsel["path"] else []
    parts += [f"samesite={morsel['samesite']}"] if morsel["samesite"] else []
    parts += ["secure"] if morsel["secure"] else []
    return "; ".join([name, *parts])


def _json(line: Line, answer: Answer, variables: Mapping[str, Any]) -> Iterator[Finding]:
    digest = line.get("response_json_digest")
    if not line.has_json and digest is None:
        return
    try:
        actual = answer.json()
    except ValueError:
        yield "json", line.get("response_json"), answer.body[:200]
        return
    if digest is not None:
        yield from _digest(line, digest, actual)
        return
    expected = copy.deepcopy(line.rest["response_json"])
    yield from _references(line, expected, actual, variables)
    yield from _volatile(line, expected, actual)
    yield from _unordered(line, expected, actual)
    order = line.get("order")
    if order:
        yield from _ordered(order, expected, actual)
    yield from differing("$", expected, actual)


def _references(line: Line, expected: Any, actual: Any, variables: Mapping[str, Any]) -> Iterator[Finding]:
    for path, name in line.get("refs", {}).items():
        found = find(actual, path)
        if found != [variables.get(name)]:
            yield f"ref:{path}", variables.get(name), found
        for content in (expected, actual):
            change(content, path, lambda _value: _MASK)


def _volatile(line: Line, expected: Any, actual: Any) -> Iterator[Finding]:
    """Volatile values must be there; loose ones must also be of the same type."""
    for path in line.get("volatile", []):
        if find(expected, path) and not find(actual, path):
            yield f"volatile:{path}", "present", None
        for content in (expected, actual):
            change(content, path, lambda _value: _MASK)
    for path in line.get("loose", []):
        types = [[type(value).__name__ for value in find(content, path)] for content in (expected, actual)]
        if types[0] != types[1]:
            yield f"loose:{path}", types[0], types[1]
        for content in (expected, actual):
            change(content, path, lambda _value: _MASK)


def _unordered(line: Line, expected: Any, actual: Any) -> Iterator[Finding]:
    for path in line.get("unordered", []):
        sides = [
            sorted(canonical(item) for items in find(content, path) for item in items) for content in (expected, actual)
        ]
        if sides[0] != sides[1]:
            yield f"unordered:{path}", sides[0], sides[1]
        for content in (expected, actual):
            change(content, path, lambda _value: _MASK)


def _ordered(order: Mapping[str, Any], expected: Any, actual: Any) -> Iterator[Finding]:
    """Rows with equal keys in any order; the ties that a page cuts through count by their keys only."""
    lists = [find(content, order["list"]) for content in (expected, actual)]
    if not all(len(found) == 1 and isinstance(found[0], list) for found in lists):
        return
    expected_groups, actual_groups = (_groups(found[0], order["key"]) for found in lists)
    yield from compare_groups(order["list"], expected_groups, actual_groups, order["cut"])
    for content in (expected, actual):
        change(content, order["list"], lambda _value: _MASK)


def compare_groups(path: str, expected: list["Group"], actual: list["Group"], cut: str) -> Iterator[Finding]:
    """`cut` says at which end (s, e) a page may cut through the rows of one key."""
    keys = [[(key, len(rows)) for key, rows in groups] for groups in (expected, actual)]
    if keys[0] != keys[1]:
        yield f"order:{path}", keys[0], keys[1]
        return
    for place, ((_, left), (_, right)) in enumerate(zip(expected, actual, strict=True)):
        if (place == 0 and "s" in cut) or (place == len(expected) - 1 and "e" in cut):
            continue
        if sorted(map(canonical, left)) != sorted(map(canonical, right)):
            yield f"rows:{path}[{place}]", left, right


Group = tuple[Any, list[Any]]


def _groups(rows: Sequence[Any], key: str | Sequence[str] | None) -> list[Group]:
    names = [] if key is None else [key] if isinstance(key, str) else list(key)
    found: list[Group] = []
    for row in rows:
        value = tuple(_folded(row.get(name)) for name in names)
        if found and found[-1][0] == value:
            found[-1][1].append(row)
        else:
            found.append((value, [row]))
    return found


def _folded(value: Any) -> Any:
    return sort_key(value) if isinstance(value, str) else value


def _digest(line: Line, digest: Mapping[str, Any], actual: Any) -> Iterator[Finding]:
    """The exact answer; else, where ties are free, the same rows, with the keys in order."""
    if _sha(canonical(actual)) == digest["sha256"]:
        return
    order = line.get("order")
    name = order["list"].removeprefix("$.") if order else ""
    if not order or not isinstance(actual.get(name), list):
        yield "digest", digest["sha256"], _sha(canonical(actual))
        return
    rows = actual[name]
    by_id = {**actual, name: sorted(rows, key=lambda row: str(row["id"]))}
    if _sha(canonical(by_id)) != digest["unordered_sha256"]:
        yield "digest:rows", digest["unordered_sha256"], _sha(canonical(by_id))
    if order["key"] is None:
        return
    keys = [row[order["key"]] for row in rows]
    if not _is_in_order(keys, order["key"], digest["keys_sha256"]):
        yield "digest:order", digest["keys_sha256"], keys[:20]


def _is_in_order(keys: list[Any], key: str, expected: str) -> bool:
    """By the digest of the keys; the corpus does not say how it folds names, so of these the Latin ones are checked."""
    if key not in _NAMES:
        return _sha(canonical([value.lower() if isinstance(value, str) else value for value in keys])) == expected
    latin = [sort_key(value) for value in keys if value.isascii()]
    return latin in (sorted(latin), sorted(latin, reverse=True))


def _bytes(line: Line, answer: Answer) -> Iterator[Finding]:
    compared = line.get("body_compare")
    if compared == "nonempty" and not answer.body:
        yield "body", "some bytes", b""
    if compared == "exact":
        expected = (line.get("response_length", 0), line.get("response_sha256", _sha(b"")))
        if expected != (len(answer.body), _sha(answer.body)):
            yield "body", expected, (len(answer.body), _sha(answer.body))


def differing(path: str, expected: Any, actual: Any) -> Iterator[Finding]:
    """The places in which two JSON values differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted({*expected, *actual}):
            if key not in expected or key not in actual:
                yield f"{path}.{key}", expected.get(key, "(absent)"), actual.get(key, "(absent)")
            else:
                yield from differing(f"{path}.{key}", expected[key], actual[key])
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for place, (left, right) in enumerate(zip(expected, actual, strict=True)):
            yield from differing(f"{path}[{place}]", left, right)
    elif type(expected) is not type(actual) or expected != actual:
        yield path, expected, actual


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
