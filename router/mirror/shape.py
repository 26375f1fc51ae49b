"""Pure: the form of a request, without its values. Evidence tells which forms were compared."""

import re
from functools import lru_cache
from urllib.parse import unquote_plus

from router.comparison.redaction import Redactor
from router.row import Row
from router.types import Scope

MOST_NAMES = 20
LONGEST = 120
_NAME = re.compile(r"\{([^}:]+)[^}]*\}")
_NUMBER = re.compile(r"-?\d+\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def shape_of(row: Row, scope: Scope) -> str:
    """For example ``video_id:int ?page&per_page``: the kinds of the path's values, the names of the query's."""
    stands = _stands(row.template)
    path: str = scope["path"]
    parts = path.removeprefix(scope.get("root_path", "")).split("/") if stands else ()
    kinds = ",".join(f"{name}:{_kind(parts[at]) if at < len(parts) else 'none'}" for name, at in stands)
    query: bytes = scope.get("query_string", b"")
    return (f"{kinds} ?{_names(query)}" if query else kinds)[:LONGEST]


@lru_cache(maxsize=4096)
def _stands(template: str) -> tuple[tuple[str, int], ...]:
    """Each parameter's name and the segment in which it begins."""
    segments = enumerate(template.split("/"))
    return tuple((found[1], at) for at, segment in segments if (found := _NAME.search(segment)))


def _names(query: bytes) -> str:
    names = {part.partition(b"=")[0] for part in query[:2000].split(b"&", MOST_NAMES)[:MOST_NAMES]}
    return _shown(b"&".join(sorted(names)))


@lru_cache(maxsize=1024)
def _shown(names: bytes) -> str:
    """A stranger chooses these names: they are redacted as values are."""
    return Redactor().text(unquote_plus(names.decode("latin-1")))


def _kind(value: str) -> str:
    if _NUMBER.match(value):
        return "int"
    if _UUID.match(value):
        return "uuid"
    return "text" if value else "empty"
