"""The Range header, as values. Pure."""

import re
from dataclasses import dataclass

MOST_SPANS = 16
_SPAN = re.compile(r"(\d{0,18})[ \t]*-[ \t]*(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last`, both included, counted from 0."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def content_range(self, size: int) -> str:
        return f"bytes {self.first}-{self.last}/{size}"


class Unsatisfiable(ValueError):
    """The header names nothing that the file has, or can't be read."""


def parse(header: str, size: int) -> list[Span]:
    """The spans of a file of `size` bytes that `header` asks for, in the order asked, at least one.

    Spans that start past the end are left out. Raises Unsatisfiable when none remains, when one can't be read, for
    other units than bytes, and for more than sixteen.
    """
    unit, equals, text = header.partition("=")
    wanted = text.split(",")
    if not equals or unit.strip(" \t").lower() != "bytes" or len(wanted) > MOST_SPANS:
        raise Unsatisfiable(header)
    spans = [span for span in (_span(part.strip(" \t"), size) for part in wanted) if span is not None]
    if not spans:
        raise Unsatisfiable(header)
    return spans


def _span(text: str, size: int) -> Span | None:
    match = _SPAN.fullmatch(text)
    if match is None or match.group() == "-" or not text.isascii():
        raise Unsatisfiable(text)
    first, last = match.groups()
    if not first:
        return _suffix(int(last), size)
    begin, end = int(first), int(last) if last else size - 1
    if last and end < begin:
        raise Unsatisfiable(text)
    return Span(begin, min(end, size - 1)) if begin < size else None


def _suffix(length: int, size: int) -> Span | None:
    """The last `length` bytes. 0.9 answered `-0` with the whole file, and clients may rely on it."""
    if size == 0:
        return None
    return Span(max(size - length, 0) if length else 0, size - 1)
