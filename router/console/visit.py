"""One request to the console, as its parts see it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from router.console.access import Pass
from router.console.answer import Answer
from router.types import Receive, Scope


@dataclass(frozen=True)
class Visit:
    """``who`` asks was let in. ``posted`` is what a change says; empty for a question."""

    scope: Scope
    receive: Receive
    who: Pass
    query: Mapping[str, str] = field(default_factory=dict)
    posted: Mapping[str, Any] = field(default_factory=dict)


Handle = Callable[[Visit], Awaitable[Answer]]
"""Answers a question, or makes a change. Raises `ConsoleRefused` and `FlagError`."""
