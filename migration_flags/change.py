"""Pure: what a change of flags writes, worked out before any store is touched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from migration_flags.audit import AuditRow, sealed
from migration_flags.errors import ActorMissing, KeyRefused, ReasonMissing, StageNotServed, TextTooLong
from migration_flags.flag import SERVED_STAGES, Flag, Stage
from migration_flags.snapshot import Snapshot

KEY_LENGTH = 700
"""Characters in a key: what an indexed utf8mb4 column can hold."""
ACTOR_LENGTH = 255
REASON_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """One route, and the stage that it shall have."""

    key: str
    stage: Stage
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who changes flags, why, when (aware), and whether evidence was demanded."""

    actor: str
    reason: str
    at: datetime
    gated: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the audit chain: the last row's sequence and hash."""

    sequence: int
    hash: str


def check(changes: Sequence[Change], actor: str, reason: str) -> None:
    """Raises the `ChangeRefused` that fits, if any. Stores call it before they touch anything."""
    if not actor.strip():
        raise ActorMissing
    if not reason.strip():
        raise ReasonMissing
    for what, text, limit in (("actor", actor, ACTOR_LENGTH), ("reason", reason, REASON_LENGTH)):
        if len(text) > limit:
            raise TextTooLong(what, limit)
    seen: set[str] = set()
    for change in changes:
        _check_change(change, seen)
        seen.add(change.key)


def _check_change(change: Change, seen: set[str]) -> None:
    if change.stage not in SERVED_STAGES:
        raise StageNotServed(change.stage, SERVED_STAGES)
    if not change.key or len(change.key) > KEY_LENGTH:
        raise KeyRefused(change.key[:80], f"must have 1 to {KEY_LENGTH} characters")
    if change.key in seen:
        raise KeyRefused(change.key, "is named twice in one change")


def plan(snapshot: Snapshot, head: Head, changes: Iterable[Change], signature: Signature) -> tuple[AuditRow, ...]:
    """The audit rows of those changes that change something, at the epoch after the snapshot's."""
    rows: list[AuditRow] = []
    for change in changes:
        before = snapshot.get(change.key)
        if before is not None and (before.stage, before.percent) == (change.stage, change.percent):
            continue
        row = _row(change, before, head, signature, snapshot.epoch + 1)
        rows.append(row)
        head = Head(row.sequence, row.hash)
    return tuple(rows)


def missing(snapshot: Snapshot, keys: Iterable[str], stage: Stage) -> tuple[Change, ...]:
    """The changes that give ``stage`` to those keys that have no flag yet."""
    return tuple(Change(key, stage) for key in dict.fromkeys(keys) if key not in snapshot)


def flag_after(row: AuditRow) -> Flag:
    """The flag as the change leaves it."""
    return Flag(row.key, Stage(row.after_stage), row.after_percent, row.reason, row.actor, row.at, row.epoch)


def _row(change: Change, before: Flag | None, head: Head, signature: Signature, epoch: int) -> AuditRow:
    return sealed(
        AuditRow(
            sequence=head.sequence + 1,
            at=signature.at.astimezone(UTC).isoformat(timespec="microseconds"),
            actor=signature.actor,
            reason=signature.reason,
            key=change.key,
            before_stage=None if before is None else before.stage.value,
            before_percent=None if before is None else before.percent,
            after_stage=change.stage.value,
            after_percent=change.percent,
            epoch=epoch,
            gated=signature.gated,
            previous_hash=head.hash,
        )
    )
