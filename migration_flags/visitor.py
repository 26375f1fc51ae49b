"""Who asks, as far as flags care."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """``unit`` keeps a visitor on one side ("user:5", "session:…", "visitor:…", "auth:…"); None: nothing is known.

    ``header`` and ``cookie`` are overrides that somebody trusted has signed: True for modern, False for legacy.
    """

    unit: str | None = None
    user: str | None = None
    roles: frozenset[str] = frozenset()
    header: bool | None = None
    cookie: bool | None = None


ANYONE = Visitor()
"""A visitor of whom nothing is known."""
