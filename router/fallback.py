"""Pure: when legacy may answer in the place of a modern side that failed before it said anything."""

from dataclasses import dataclass, field
from enum import StrEnum

from router.row import Owner, Row

EXCEPTIONS = "http.exceptions"
"""The ASGI extension by which a server asks an application to raise, after its answer, what it has answered itself.

Starlette does so unasked. An application whose own middleware turns an unexpected exception into a 500 and returns
looks like one that meant its 500; where the scope's ``extensions`` name this, it should raise the exception as well.
"""


class Cause(StrEnum):
    """Why legacy is asked."""

    EXCEPTION = "exception"
    NOT_IMPLEMENTED = "not implemented"


class Obstacle(StrEnum):
    """Why legacy is not asked, though the modern side failed as it may."""

    BUDGET = "budget"
    BODY = "body"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class FallbackRules:
    """The limits of falling back.

    ``methods`` change nothing on the server. ``max_body`` is in bytes, of the request, as is ``held`` of an error
    answer that waits for its application to end. A request older than ``within`` seconds is not tried again. At most
    ``share`` of the requests under way on the modern side, or ``least`` if that is more, are being tried again at one
    time. ``streaming`` are keys of routes whose first byte is late by nature: nothing of theirs is held, and nothing
    falls back. (Event streams are known by their content type.)
    """

    methods: frozenset[str] = frozenset({"GET", "HEAD", "OPTIONS"})
    max_body: int = 1024 * 1024
    held: int = 64 * 1024
    within: float = 10.0
    share: float = 0.2
    least: int = 3
    streaming: frozenset[str] = field(default_factory=frozenset)


def methods_of(rules: FallbackRules, row: Row, replayable: frozenset[str]) -> frozenset[str]:
    """The methods with which a row's modern answer is held until it is known to be one. None of them: it never is."""
    if row.owner is not Owner.BOTH or row.unmatched or row.key in rules.streaming:
        return frozenset()
    return rules.methods | {row.method} if row.key in replayable else rules.methods


def cause_of(error: Exception | None, status: int) -> Cause | None:
    """Why legacy should be asked; None where the modern side meant what it said, or may still be at work.

    ``status`` is that of the answer that was held, 0 where there is none.
    """
    if isinstance(error, TimeoutError):
        return None
    if status == 501 or isinstance(error, NotImplementedError):
        return Cause.NOT_IMPLEMENTED
    return None if error is None else Cause.EXCEPTION


class Budget:
    """How many requests are under way on the modern side, and how many of them are being tried again."""

    __slots__ = ("_least", "_share", "retries", "under_way")

    def __init__(self, rules: FallbackRules) -> None:
        self._share = rules.share
        self._least = rules.least
        self.under_way = 0
        self.retries = 0

    @property
    def is_spent(self) -> bool:
        return self.retries >= max(self._least, int(self._share * self.under_way))
