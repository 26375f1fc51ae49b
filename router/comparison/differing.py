"""The places where two JSON values differ. Pure."""

import json
import re
from collections.abc import Iterator
from math import isclose
from typing import Any

from router.comparison.mismatch import Kind, folded

Finding = tuple[str, Any, Any]
"""A place, the control's value, the candidate's."""

ABSENT = "(absent)"
_PLAIN = re.compile(r"[^.\[\]\"]+")


def differing(path: str, control: Any, candidate: Any) -> Iterator[Finding]:
    """Every place, as a JSON path below ``path``; numbers and truth values are not one type."""
    for place, left, right, _ in classified(path, control, candidate):
        yield place, left, right


def classified(path: str, control: Any, candidate: Any) -> Iterator[tuple[str, Any, Any, Kind]]:
    """The same with its class: a member that is missing, or of another type, is shape; all else is value."""
    if isinstance(control, dict) and isinstance(candidate, dict):
        for key in sorted({*control, *candidate}, key=str):
            place = f"{path}{_step(str(key))}"
            if key not in control or key not in candidate:
                yield place, control.get(key, ABSENT), candidate.get(key, ABSENT), Kind.SHAPE
            else:
                yield from classified(place, control[key], candidate[key])
    elif isinstance(control, list) and isinstance(candidate, list) and len(control) == len(candidate):
        for number, (left, right) in enumerate(zip(control, candidate, strict=True)):
            yield from classified(f"{path}[{number}]", left, right)
    elif control != candidate or isinstance(control, bool) != isinstance(candidate, bool):
        yield path, control, candidate, Kind.VALUE if _type(control) is _type(candidate) else Kind.SHAPE
    elif isinstance(control, float) != isinstance(candidate, float):
        yield path, control, candidate, Kind.SHAPE


def is_close(place: str, control: Any, candidate: Any, close: tuple[tuple[str, float], ...]) -> bool:
    """Whether a rule takes these two numbers for one."""
    if isinstance(control, bool) or isinstance(candidate, bool):
        return False
    if not isinstance(control, int | float) or not isinstance(candidate, int | float):
        return False
    field = folded(place)
    return any(path in {field, place} and isclose(control, candidate, rel_tol=within) for path, within in close)


def is_below(field: str, path: str) -> bool:
    """Whether a field is a path or lies below it."""
    return field == path or (field.startswith(path) and field[len(path)] in ".[")


def _type(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _step(key: str) -> str:
    return f".{key}" if _PLAIN.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"
