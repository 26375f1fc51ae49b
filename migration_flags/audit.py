"""Pure: one row per change of a flag, each holding the hash of the row before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from migration_flags.flag import JSON

GENESIS = "0" * 64
"""The hash before the first row."""

VERSION = 2
"""Of the rows that are written now. Rows of version 1 told stage and percentage only; their hash is kept."""

KILL_SWITCH = "kill switch"
"""The key of the rows that tell of the switch; their stages are "off" and "on"."""

_ADDED = ("before", "after", "evidence", "version")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who moved which route, when, why, from what to what.

    ``sequence`` counts from 1 without gaps. ``at`` is UTC in ISO 8601. ``before_stage`` and ``before`` are None where
    the flag did not exist. ``before`` and ``after`` are all settings (see `settings`); ``evidence`` is what was known.
    ``gated`` tells that evidence was demanded; a plain set is not.
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
    before: Mapping[str, JSON] | None = None
    after: Mapping[str, JSON] | None = None
    evidence: Mapping[str, JSON] | None = None
    version: int = 1


def sealed(row: AuditRow) -> AuditRow:
    """The row with its own hash, over every other field and the hash before."""
    return replace(row, hash=digest(row))


def digest(row: AuditRow) -> str:
    fields = asdict(row)
    del fields["hash"]
    if row.version == 1:
        fields = {name: value for name, value in fields.items() if name not in _ADDED or (name != "version" and value)}
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
