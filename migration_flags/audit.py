"""Pure: one row per change of a flag, each holding the hash of the row before it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

GENESIS = "0" * 64
"""The hash before the first row."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who moved which route, when, why, from what to what.

    ``sequence`` counts from 1 without gaps. ``at`` is UTC in ISO 8601. ``before_stage`` is None where the flag did
    not exist. ``gated`` tells that evidence was demanded; a plain set is not.
    """

    sequence: int
    at: str
    actor: str
    reason: str
    key: str
    before_stage: str | None
    before_percent: float | None
    after_stage: str
    after_percent: float | None
    epoch: int
    gated: bool
    previous_hash: str
    hash: str = ""


def sealed(row: AuditRow) -> AuditRow:
    """The row with its own hash, over every other field and the hash before."""
    return replace(row, hash=digest(row))


def digest(row: AuditRow) -> str:
    fields = asdict(row)
    del fields["hash"]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def first_broken_link(rows: Iterable[AuditRow]) -> int | None:
    """The sequence of the first row that was altered, or follows a removed one. None: the chain holds.

    ``rows`` come oldest first and start at the first row ever written.
    """
    previous = GENESIS
    for sequence, row in enumerate(rows, start=1):
        if row.sequence != sequence or row.previous_hash != previous or row.hash != digest(row):
            return sequence
        previous = row.hash
    return None
