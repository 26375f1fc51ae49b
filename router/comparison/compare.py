"""Two answers to one request, compared. Pure."""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from router.comparison.answer import Answer
from router.comparison.differing import classified, is_below, is_close
from router.comparison.headers import differing_headers, media_type
from router.comparison.mismatch import Kind, Mismatch, folded
from router.comparison.rules import Fold, Rules, fold
from router.comparison.settling import settled

FORM = "form"
BODY = "body"
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
_UNPACKED = 4 * 1024 * 1024
"""Bytes of a compressed body that are looked at."""

Finding = tuple[str, Any, Any, Kind]


def compare(
    request: str, control: Answer, candidate: Answer, rules: Rules, at: datetime, compared_as: Fold = fold
) -> list[Mismatch]:
    """Every mismatch. Moments within a day of ``at`` (naive UTC) count as the present, and equal, unless live.

    A mismatch of kind CANONICAL says that the contents are equal and their bytes are not.
    """
    if control.status != candidate.status:
        found: list[Finding] = [("status", control.status, candidate.status, Kind.STATUS)]
    else:
        bodies = list(_bodies(_unpacked(control), _unpacked(candidate), rules, at, compared_as))
        same = all(kind is Kind.CANONICAL for *_, kind in bodies)
        found = [*differing_headers(control, candidate, rules, at, same_content=same), *bodies]
    return [
        Mismatch(request, field, left, right, kind)
        for field, left, right, kind in found
        if not any(is_below(folded(field), ignored) for ignored in rules.ignored)
    ]


def _bodies(control: Answer, candidate: Answer, rules: Rules, at: datetime, compared_as: Fold) -> Iterator[Finding]:
    kind = control.header("content-type") or ""
    if control.digest is not None or candidate.digest is not None:
        if control.digest != candidate.digest:
            yield BODY, control.digest or control.body, candidate.digest or candidate.body, Kind.VALUE
        return
    if rules.live and (control.body == candidate.body or _media(control) != _media(candidate)):
        return  # nothing to say, or nothing beside the content type
    sides = [_content(answer, kind, rules, at, compared_as) for answer in (control, candidate)]
    found = False
    for place, left, right, what in classified("$" if "json" in kind else BODY, sides[0], sides[1]):
        if not is_close(place, left, right, rules.close):
            found = True
            yield place, left, right, what
    if rules.live:
        if not found:
            yield FORM, None, None, Kind.CANONICAL
    elif kind.startswith("application/json"):
        forms = [_has_flask_form(answer.body) for answer in (control, candidate)]
        if forms[0] != forms[1]:
            yield FORM, forms[0], forms[1], Kind.CANONICAL


def _media(answer: Answer) -> str:
    return media_type(answer.header("content-type"))


def _has_flask_form(body: bytes) -> bool:
    """Whether these are the bytes that Flask gives for their content: clients hash them, and tests compare them."""
    try:
        return body == (json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")) + "\n").encode()
    except ValueError:
        return False


def _content(answer: Answer, kind: str, rules: Rules, at: datetime, compared_as: Fold) -> Any:
    if "json" in media_type(kind) and answer.body:
        content = answer.json()
        return answer.body if content is None else settled(content, rules, at, compared_as)
    if kind.startswith("text/html") and not rules.whole_pages:
        found = _TITLE.search(answer.body)
        return found[1] if found and answer.status == 200 else b""
    boundary = (answer.header("content-type") or "").partition("boundary=")[2]
    return answer.body.replace(boundary.encode(), b"*") if boundary else answer.body


def _unpacked(answer: Answer) -> Answer:
    """With its body unpacked; as it is where that is large, torn or packed in another way."""
    if answer.header("content-encoding") not in {"gzip", "deflate"}:
        return answer
    try:
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        body = unpacking.decompress(answer.body, _UNPACKED)
    except zlib.error:
        return answer
    return replace(answer, body=body) if unpacking.eof else answer
