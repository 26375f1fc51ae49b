"""Pure: what a worker does that can't reach the flag store."""

from collections.abc import Iterable

from migration_flags import Flag, Stage

FROZEN_AFTER = 30.0
"""Seconds of silence after which nothing is promoted on this worker's word."""
WITHDRAWN_AFTER = 600.0
"""Seconds of silence after which small canaries go back to legacy here."""
HALF = 50.0
OUT_OF_REACH = "flag store out of reach"


def is_frozen(silence: float) -> bool:
    """Whether a worker that heard nothing of the store for ``silence`` seconds must not promote."""
    return silence > FROZEN_AFTER


def withdrawn(flags: Iterable[Flag], silence: float) -> frozenset[str]:
    """Keys of the routes that go to legacy on this worker: what was an experiment when contact ended is stopped."""
    if silence <= WITHDRAWN_AFTER:
        return frozenset()
    return frozenset(flag.key for flag in flags if flag.stage is Stage.CANARY and (flag.percent or 0.0) < HALF)
