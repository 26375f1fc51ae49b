"""One field in which two answers differ, and how much that means."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_INDEX = re.compile(r"\[\d+\]")


class Kind(StrEnum):
    """Classes of agreement, from the harmless to the worst. The first two are no differences."""

    BYTES = "bytes"
    CANONICAL = "canonical"
    NOISE = "noise"
    HEADER = "header"
    VALUE = "value"
    SHAPE = "shape"
    CONTENT_TYPE = "content-type"
    STATUS = "status"
    EXCEPTION = "exception"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Mismatch:
    """One field in which the answers to one request differ: a header, or a place in the JSON."""

    request: str
    field: str
    control: Any
    candidate: Any
    kind: Kind = Kind.VALUE

    def __str__(self) -> str:
        return f"{self.request} {self.field}: {short(self.control)} on legacy, {short(self.candidate)} on modern"


def worst(mismatches: Iterable[Mismatch]) -> Kind:
    """The class of a whole comparison."""
    return max((one.kind for one in mismatches), key=lambda kind: kind.rank, default=Kind.BYTES)


def folded(field: str) -> str:
    """The field with the places in lists left open: ``$.items[3].name`` and its like are one."""
    return _INDEX.sub("[*]", field)


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)


def short(value: Any) -> str:
    text = repr(value) if isinstance(value, bytes) else canonical(value)
    return text if len(text) <= 120 else f"{text[:100]}… ({len(text)} characters)"
