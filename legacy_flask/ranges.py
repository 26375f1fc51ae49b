"""The Range header, as values. Pure."""

import re

_MOST_RANGES = 16
_RANGE = re.compile(r"([0-9]{0,18})[ \t]*-[ \t]*([0-9]{0,18})")


class Unsatisfiable(ValueError):
    """The header names nothing that the file has, or can't be read."""


def parse(header: str, size: int) -> list[tuple[int, int]]:
    """The first and last byte, both included, of every range of a file of `size` bytes that `header` asks for.

    Ranges that start past the end are left out. Raises Unsatisfiable when none remains, when one can't be read, for
    other units than bytes, and for more than sixteen.
    """
    unit, equals, text = header.partition("=")
    parts = text.split(",")
    if not equals or unit.strip(" \t").lower() != "bytes" or len(parts) > _MOST_RANGES:
        raise Unsatisfiable(header)
    found = [one for one in (_range(part.strip(" \t"), size) for part in parts) if one is not None]
    if not found:
        raise Unsatisfiable(header)
    return found


def _range(text: str, size: int) -> tuple[int, int] | None:
    match = _RANGE.fullmatch(text)
    if match is None or match.groups() == ("", ""):
        raise Unsatisfiable(text)
    first, last = match.groups()
    if not first:
        # 0.9 answered `-0` with the whole file, and clients may rely on it.
        length = int(last) or size
        return (max(0, size - length), size - 1) if size else None
    if last and int(last) < int(first):
        raise Unsatisfiable(text)
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) < size else None
