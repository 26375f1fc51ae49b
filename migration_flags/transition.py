"""Pure: what a change of flags writes, worked out before any store is touched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from migration_flags.audit import GENESIS, KILL_SWITCH, VERSION, AuditRow, sealed
from migration_flags.change import Change, Signature, as_change, check, settled
from migration_flags.dependencies import refuse_cycle, refuse_unmet, taken_back
from migration_flags.document import read_flag, settings
from migration_flags.errors import EpochMoved, RetiredRefused
from migration_flags.flag import JSON, Flag, Stage
from migration_flags.snapshot import EMPTY, Snapshot

_SWITCH = {False: "off", True: "on"}


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the audit chain: the last row's sequence and hash."""

    sequence: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class State:
    """All that a transaction starts from, and leaves."""

    snapshot: Snapshot = EMPTY
    head: Head = Head()


def change_flags(
    state: State, changes: Iterable[Change], signature: Signature, if_epoch: int | None = None
) -> tuple[AuditRow, ...]:
    """The audit rows of those changes that change something, at the epoch after the snapshot's.

    Routes that require one which goes back follow it, in rows after the others. ``if_epoch`` is the epoch that the
    caller decided on. Raises the `ChangeRefused`s that depend on the flags as they are.
    """
    snapshot = state.snapshot
    if if_epoch is not None and if_epoch != snapshot.epoch:
        raise EpochMoved(if_epoch, snapshot.epoch)
    before = {flag.key: flag for flag in snapshot}
    wanted = {change.key: _wanted(change, before.get(change.key)) for change in changes}
    after = {**before, **wanted}
    for key, flag in wanted.items():
        _refuse(flag, before.get(key), after)
    lowered = [key for key, flag in wanted.items() if key in before and flag.stage.rank < before[key].stage.rank]
    followers = taken_back(lowered, after)
    ledger = _Ledger(state, signature)
    for key, flag in wanted.items():
        ledger.write(before.get(key), followers.pop(key, (flag, ""))[0])
    for key, (flag, required) in followers.items():
        ledger.write(before.get(key), flag, f"{signature.reason} (with {required}, which this route requires)")
    return tuple(ledger.rows)


def throw_switch(state: State, on: bool, signature: Signature) -> tuple[AuditRow, ...]:
    """The row of the kill switch; none where it is so already."""
    if state.snapshot.killed == on:
        return ()
    ledger = _Ledger(state, signature)
    ledger.switch(state.snapshot.killed, on)
    return tuple(ledger.rows)


def adopt(state: State, wanted: Snapshot, signature: Signature) -> tuple[AuditRow, ...]:
    """The rows that bring the store to the flags of ``wanted``, by the same rules as any change.

    A flag that is not wanted goes to legacy: none is ever removed. Raises `ChangeRefused`.
    """
    before = state.snapshot
    changes = [as_change(flag) for flag in wanted if settings(flag) != _settings(before.get(flag.key))]
    changes += [Change(flag.key, Stage.LEGACY) for flag in before if flag.key not in wanted]
    check(changes, signature.actor, signature.reason)
    rows = change_flags(state, changes, signature)
    return rows + throw_switch(state_after(state, rows), wanted.killed, signature)


def restore(state: State, wanted: Snapshot, signature: Signature) -> tuple[AuditRow, ...]:
    """The rows that bring a store which lost flags back to ``wanted``, at an epoch above both. Always at least one."""
    found = state.snapshot
    floor = Snapshot(found, max(found.epoch, wanted.epoch), found.killed)
    ledger = _Ledger(State(floor, state.head), signature)
    for flag in wanted:
        ledger.write(found.get(flag.key), flag)
    for flag in found:
        if flag.key not in wanted:
            ledger.write(flag, Flag(flag.key, Stage.LEGACY))
    if found.killed != wanted.killed or not ledger.rows:
        ledger.switch(found.killed, wanted.killed)
    return tuple(ledger.rows)


def missing(snapshot: Snapshot, keys: Iterable[str], stage: Stage) -> tuple[Change, ...]:
    """The changes that give ``stage`` to those keys that have no flag yet."""
    return tuple(Change(key, stage) for key in dict.fromkeys(keys) if key not in snapshot)


def state_after(state: State, rows: Sequence[AuditRow]) -> State:
    """The state that the rows leave."""
    if not rows:
        return state
    flags = {flag.key: flag for flag in state.snapshot}
    killed = state.snapshot.killed
    for row in rows:
        if row.key == KILL_SWITCH:
            killed = row.after_stage == _SWITCH[True]
        else:
            flags[row.key] = flag_after(row)
    last = rows[-1]
    return State(Snapshot(flags.values(), last.epoch, killed), Head(last.sequence, last.hash))


def flag_after(row: AuditRow) -> Flag:
    """The flag as the change leaves it."""
    document: dict[str, Any] = dict(row.after or {"stage": row.after_stage, "percent": row.after_percent})
    flag = read_flag(row.key, document, "after")
    return replace(flag, reason=row.reason, updated_by=row.actor, updated_at=row.at, epoch=row.epoch)


def _wanted(change: Change, before: Flag | None) -> Flag:
    if before is not None and before.stage is Stage.RETIRED and change.stage is not Stage.RETIRED:
        if not change.unretire:
            raise RetiredRefused(change.key, "is retired: its legacy handler is gone; take it out of retirement first")
    elif change.unretire:
        raise RetiredRefused(change.key, "is not retired")
    return settled(change, before)


def _refuse(flag: Flag, before: Flag | None, after: dict[str, Flag]) -> None:
    """Going back is never refused for a dependency; going on is."""
    fresh = before is None or flag.requires != before.requires
    if fresh:
        refuse_cycle(flag.key, after)
    if fresh or before is None or flag.stage.rank > before.stage.rank:
        refuse_unmet(flag, after)


def _settings(flag: Flag | None) -> dict[str, JSON] | None:
    return None if flag is None else settings(flag)


class _Ledger:
    """Rows of one transaction, each sealed onto the one before."""

    def __init__(self, state: State, signature: Signature) -> None:
        self.rows: list[AuditRow] = []
        self._head = state.head
        self._epoch = state.snapshot.epoch + 1
        self._signature = signature

    def write(self, before: Flag | None, after: Flag, reason: str | None = None) -> None:
        """A row, unless nothing changes."""
        old, new = _settings(before), settings(after)
        if old == new:
            return
        row = self._row(after.key, reason)
        self._add(
            replace(
                row,
                before_stage=None if before is None else before.stage.value,
                before_percent=None if before is None else before.percent,
                after_stage=after.stage.value,
                after_percent=after.percent,
                before=old,
                after=new,
            )
        )

    def switch(self, before: bool, after: bool) -> None:
        row = self._row(KILL_SWITCH, None)
        self._add(replace(row, before_stage=_SWITCH[before], after_stage=_SWITCH[after]))

    def _row(self, key: str, reason: str | None) -> AuditRow:
        signature = self._signature
        return AuditRow(
            sequence=self._head.sequence + 1,
            at=instant(signature.at),
            actor=signature.actor,
            reason=reason or signature.reason,
            key=key,
            before_stage=None,
            before_percent=None,
            after_stage="",
            after_percent=None,
            epoch=self._epoch,
            gated=signature.gated,
            previous_hash=self._head.hash,
            evidence=None if signature.evidence is None else dict(signature.evidence),
            version=VERSION,
        )

    def _add(self, row: AuditRow) -> None:
        row = sealed(row)
        self.rows.append(row)
        self._head = Head(row.sequence, row.hash)


def instant(at: datetime) -> str:
    """A moment as flags tell it: UTC in ISO 8601, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
