"""Requests for a route that no corpus asks: small, and the same every time."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from router.comparison.rules import Rules
from router.parity.recording import NOBODY, Recording
from router.row import Row

VALUES = ("1", "2", "987654321", "x")
"""What stands in for the parameters of a path, all of them at once: a row, another, none, and no id at all."""

_PARAMETER = re.compile(r"\{[^}]*\}")
_BODIES: tuple[dict[str, Any], ...] = ({"raw": ""}, {"raw": "{"}, {"json": {}}, {"json": []})


def probes(rows: Iterable[Row], label: str = NOBODY) -> Iterator[Recording]:
    """Each path with each value; where the method writes, with bodies that are empty, broken, or say nothing."""
    for row in rows:
        paths = dict.fromkeys(_path(row, value) for value in VALUES)
        for number, path in enumerate(paths, 1):
            yield from _asked(row, path, number, label)


def _asked(row: Row, path: str, number: int, label: str) -> Iterator[Recording]:
    bodies = (None,) if row.method in {"GET", "HEAD", "OPTIONS", "DELETE"} else _BODIES
    for place, body in enumerate(bodies, 1):
        yield Recording(
            id=f"{row.key} {number}.{place}",
            method=row.method,
            path=path,
            auth=label,
            headers={} if body is None else {"Content-Type": "application/json"},
            body=body,
            # What writes is played after what reads, in one order.
            sequence="" if body is None and row.method != "DELETE" else "probes",
            step=number * 10 + place,
            capture={},
            rules=Rules(),
        )


def _path(row: Row, value: str) -> str:
    return _PARAMETER.sub(value, row.template)
