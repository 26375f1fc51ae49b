"""Pure: two answers to one request, compared."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from itertools import groupby
from typing import Any

from router.parity.answer import Answer
from router.parity.jsonpath import change

HEADERS = (
    "accept-ranges",
    "allow",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-range",
    "content-security-policy",
    "content-type",
    "etag",
    "last-modified",
    "location",
    "permissions-policy",
    "referrer-policy",
    "retry-after",
    "strict-transport-security",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
)
"""Headers that a client may go by. Of Set-Cookie the names and attributes count."""

_MASK = "*"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T +]\d\d:\d\d:\d\d(\.\d+)?")
_NEAR = timedelta(days=1)
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)

Fold = Callable[[str], Any]


@dataclass(frozen=True)
class Rules:
    """How an answer is compared.

    ``masked`` are JSON paths whose values differ from one call to the next, ``unordered`` those of lists that are sets.
    ``tied`` names a list that is sorted by some members alone: rows that are equal in those come in any order.
    ``by_chance`` are patterns of text that every call makes anew.
    """

    masked: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    tied: "Tied | None" = None
    by_chance: tuple[str, ...] = ()

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "Rules":
        """From the members ``volatile``, ``loose``, ``unordered`` and ``order`` of a corpus line."""
        order = line.get("order")
        return cls(
            (*line.get("volatile", ()), *line.get("loose", ())),
            tuple(line.get("unordered", ())),
            Tied.of(order) if order else None,
        )


@dataclass(frozen=True)
class Tied:
    """A list, the members that sort it, and at which ends (s, e) a page may cut through equal rows."""

    path: str
    keys: tuple[str, ...]
    cut: str = "se"

    @classmethod
    def of(cls, order: Mapping[str, Any]) -> "Tied":
        key = order["key"]
        keys = () if key is None else (key,) if isinstance(key, str) else tuple(key)
        return cls(order["list"], keys, order.get("cut", "se"))


@dataclass(frozen=True)
class Mismatch:
    """One field in which the answers to one request differ: a header, or a place in the JSON."""

    request: str
    field: str
    control: Any
    candidate: Any

    def __str__(self) -> str:
        return f"{self.request} {self.field}: {_short(self.control)} on legacy, {_short(self.candidate)} on modern"


def fold(text: str) -> str:
    """Text as most databases sort it: blind to case, accents and spaces at the end."""
    plain = unicodedata.normalize("NFKD", text.casefold().rstrip(" "))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def compare(
    request: str, control: Answer, candidate: Answer, rules: Rules, at: datetime, folded: Fold = fold
) -> list[Mismatch]:
    """Every mismatch. Moments within a day of ``at`` (naive UTC) count as the present, and equal."""
    if control.status != candidate.status:
        return [Mismatch(request, "status", control.status, candidate.status)]
    found = [*_headers(control, candidate, rules, at), *_bodies(control, candidate, rules, at, folded)]
    return [Mismatch(request, *finding) for finding in found]


Finding = tuple[str, Any, Any]


def _headers(control: Answer, candidate: Answer, rules: Rules, at: datetime) -> Iterator[Finding]:
    for name in (*HEADERS, "set-cookie"):
        sides = [_header(answer, name, rules, at) for answer in (control, candidate)]
        if sides[0] != sides[1]:
            yield f"header:{name}", sides[0], sides[1]


def _header(answer: Answer, name: str, rules: Rules, at: datetime) -> Any:
    if name == "set-cookie":
        return sorted(map(_cookie, answer.all(name)))
    value = answer.header(name)
    if value is None:
        return None
    if name == "allow":
        return ", ".join(sorted(part.strip() for part in value.split(",")))
    if name == "content-type":
        return re.sub(r"boundary=\S+", "boundary=*", value)
    if name in {"etag", "last-modified"} and _is_fresh(answer, at):
        return "{now}"
    return settle(value, at, rules.by_chance)


def _is_fresh(answer: Answer, at: datetime) -> bool:
    """Whether the file behind this answer was written just now, so that its validators are its own."""
    modified = parsedate_to_datetime(answer.header("last-modified") or "Thu, 01 Jan 1970 00:00:00 GMT")
    return abs(modified.replace(tzinfo=None) - at) < _NEAR


def _cookie(header: str) -> str:
    """Name and attributes; the value and the moment of expiry are left out."""
    try:
        name, morsel = next(iter(SimpleCookie(header).items()))
    except (CookieError, StopIteration):
        return header
    shown = (f"{key}={value}" for key, value in sorted(morsel.items()) if value and key not in {"expires", "max-age"})
    ended = ["removed"] if morsel["max-age"] == "0" or "1970" in morsel["expires"] else []
    return "; ".join([name, *shown, *ended])


def _bodies(control: Answer, candidate: Answer, rules: Rules, at: datetime, folded: Fold) -> Iterator[Finding]:
    kind = control.header("content-type") or ""
    sides = [_content(answer, kind, rules, at, folded) for answer in (control, candidate)]
    yield from differing("$" if "json" in kind else "body", sides[0], sides[1])
    if kind.startswith("application/json"):
        yield from differing("form", *(_has_flask_form(answer.body) for answer in (control, candidate)))


def _has_flask_form(body: bytes) -> bool:
    """Whether these are the bytes that Flask gives for their content: clients hash them, and tests compare them."""
    try:
        return body == (json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")) + "\n").encode()
    except ValueError:
        return False


def _content(answer: Answer, kind: str, rules: Rules, at: datetime, folded: Fold) -> Any:
    if kind.startswith("application/json") and answer.body:
        return _settled_json(answer, rules, at, folded)
    if kind.startswith("text/html"):
        found = _TITLE.search(answer.body)
        return found[1] if found and answer.status == 200 else b""
    boundary = (answer.header("content-type") or "").partition("boundary=")[2]
    return answer.body.replace(boundary.encode(), b"*") if boundary else answer.body


def _settled_json(answer: Answer, rules: Rules, at: datetime, folded: Fold) -> Any:
    content = answer.json()
    if content is None:
        return answer.body
    for path in rules.masked:
        change(content, path, lambda _value: _MASK)
    for path in rules.unordered:
        change(content, path, lambda items: sorted(items, key=canonical) if isinstance(items, list) else items)
    settled = settle(content, at, rules.by_chance)
    tied = rules.tied
    if tied is not None:
        change(settled, tied.path, lambda rows: ties_sorted(rows, tied, folded) if isinstance(rows, list) else rows)
    return settled


def settle(content: Any, at: datetime, by_chance: Sequence[str] = ()) -> Any:
    """A copy in which moments near ``at``, and what is there by chance, are masked."""
    if isinstance(content, dict):
        return {key: settle(value, at, by_chance) for key, value in content.items()}
    if isinstance(content, list):
        return [settle(item, at, by_chance) for item in content]
    if isinstance(content, str):
        for pattern in by_chance:
            content = re.sub(pattern, _MASK, content)
        return _MOMENT.sub(lambda match: _moment(match[0], at), content)
    return content


def ties_sorted(rows: Sequence[Any], tied: Tied, folded: Fold) -> list[Any]:
    """Equal rows sorted among themselves; of those that a page may have cut through, only their number."""

    def key_of(row: Any) -> Any:
        values = (row.get(key) for key in tied.keys)
        return [folded(value) if isinstance(value, str) else value for value in values]

    runs = [(value, list(run)) for value, run in groupby(rows, key_of)]
    cut = {0} if "s" in tied.cut else set()
    cut |= {len(runs) - 1} if "e" in tied.cut else set()
    return [
        [repr(value), len(run) if place in cut else sorted(run, key=canonical)]
        for place, (value, run) in enumerate(runs)
    ]


def differing(path: str, control: Any, candidate: Any) -> Iterator[Finding]:
    """The places where two JSON values differ; numbers and truth values are not one type."""
    if isinstance(control, dict) and isinstance(candidate, dict):
        for key in sorted({*control, *candidate}, key=str):
            if key not in control or key not in candidate:
                yield f"{path}.{key}", control.get(key, "(absent)"), candidate.get(key, "(absent)")
            else:
                yield from differing(f"{path}.{key}", control[key], candidate[key])
    elif isinstance(control, list) and isinstance(candidate, list) and len(control) == len(candidate):
        for place, (left, right) in enumerate(zip(control, candidate, strict=True)):
            yield from differing(f"{path}[{place}]", left, right)
    elif control != candidate or isinstance(control, bool) != isinstance(candidate, bool):
        yield path, control, candidate


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)


def _moment(text: str, at: datetime) -> str:
    try:
        moment = datetime.fromisoformat(text.replace("+", " "))
    except ValueError:
        return text
    return "{now}" if abs(moment - at) < _NEAR else text


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, bytes) else canonical(value)
    return text if len(text) <= 120 else f"{text[:100]}… ({len(text)} characters)"
