"""Pure: every request that is a little simpler than a given one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from router.parity.recording import NOBODY, Recording

T = TypeVar("T")

_LONGEST_INTEGER = 18
"""Digits that are read as a number."""


def simpler(recording: Recording) -> Iterator[Recording]:
    """One thing less at a time: parameters, headers, members, items, letters, and the size of numbers."""
    path, _, query = recording.path.partition("?")
    parts = query.split("&") if query else []
    for kept in subsets(parts):
        yield replace(recording, path=_joined(path, kept))
    for names in subsets(sorted(recording.headers)):
        yield replace(recording, headers={name: recording.headers[name] for name in names})
    for body in _bodies(recording.body):
        yield replace(recording, body=body)
    if recording.auth != NOBODY:
        yield replace(recording, auth=NOBODY)
    for changed in _one_changed(parts, _parameters):
        yield replace(recording, path=_joined(path, changed))
    for segments in _one_changed(path.split("/"), _segments):
        yield replace(recording, path=_joined("/".join(segments), parts))


def subsets(items: Sequence[T]) -> Iterator[list[T]]:
    """None of them, each alone, and all without a half, a quarter, …, without each one: smaller ones of the same."""
    count = len(items)
    if count:
        yield []
    if count > 1:
        yield from ([item] for item in items)
    size = count // 2
    while count > 2 and size:
        for start in range(0, count, size):
            yield [*items[:start], *items[start + size :]]
        size //= 2


def values(value: Any) -> Iterator[Any]:
    """Simpler JSON of the same type."""
    if isinstance(value, dict):
        for names in subsets(list(value)):
            yield {name: value[name] for name in names}
        for name, item in value.items():
            yield from ({**value, name: changed} for changed in values(item))
    elif isinstance(value, list):
        yield from subsets(value)
        yield from _one_changed(value, values)
    elif isinstance(value, str):
        yield from texts(value)
    elif isinstance(value, bool):
        yield from (False,) if value else ()
    elif isinstance(value, int):
        yield from numbers(value)
    elif isinstance(value, float) and abs(value) < 1e15:
        yield from (float(number) for number in {int(value), *numbers(int(value))} if number != value)


def texts(text: str) -> Iterator[str]:
    """Nothing; all but the first or last 1, 2, 4, … letters; one that is a number also as smaller numbers."""
    if text:
        yield ""
    if text.lstrip("-").isdecimal() and text.isascii() and len(text) <= _LONGEST_INTEGER:
        yield from map(str, numbers(int(text)))
    less = 1
    while less < len(text):
        yield text[:-less]
        yield text[less:]
        less *= 2


def numbers(number: int) -> Iterator[int]:
    """Zero, and what is nearer to it by 1, 2, 4, …; last the same without its sign."""
    if not number:
        return
    yield 0
    sign, size, less = (1 if number > 0 else -1), abs(number), 1
    while less < size:
        yield sign * (size - less)
        less *= 2
    if number < 0:
        yield size


def _bodies(body: Any) -> Iterator[dict[str, Any] | None]:
    if body is None:
        return
    yield None
    kind, content = next(iter(body.items()))
    if kind == "multipart":
        changed: Iterator[Any] = subsets(content)
    else:
        changed = values(content)
    yield from ({kind: one} for one in changed)


def _one_changed(items: Sequence[T], changes: Any) -> Iterator[list[T]]:
    for place, item in enumerate(items):
        for changed in changes(item):
            yield [*items[:place], changed, *items[place + 1 :]]


def _parameters(part: str) -> Iterator[str]:
    name, equals, value = part.partition("=")
    if equals:
        yield from (f"{name}={quote_plus(changed)}" for changed in texts(unquote_plus(value)))


def _segments(segment: str) -> Iterator[str]:
    yield from (quote(changed, safe="") for changed in texts(unquote(segment)) if changed)


def _joined(path: str, parts: Sequence[str]) -> str:
    return f"{path}?{'&'.join(parts)}" if parts else path
