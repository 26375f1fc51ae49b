"""What every store does the same: check, sign, work out the rows. Writing them is each store's own."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from migration_flags.audit import AuditRow
from migration_flags.change import Change, Signature, check, check_signature
from migration_flags.flag import JSON, Stage
from migration_flags.transition import State, change_flags, missing, throw_switch

Work = Callable[[State], tuple[AuditRow, ...]]
"""What a transaction does with the state that it finds. Pure: it may be asked again."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger(ABC):
    """The writing half of a `FlagStore`. ``clock`` dates the rows."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock

    def apply(
        self,
        changes: Sequence[Change],
        *,
        actor: str,
        reason: str,
        gated: bool = False,
        evidence: Mapping[str, JSON] | None = None,
        if_epoch: int | None = None,
    ) -> tuple[AuditRow, ...]:
        check(changes, actor, reason, evidence)
        signature = Signature(actor, reason, self._clock(), gated, evidence)
        return self._commit(lambda state: change_flags(state, changes, signature, if_epoch))

    def seed(self, keys: Iterable[str], stage: Stage, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        wanted = tuple(dict.fromkeys(keys))
        check([Change(key, stage) for key in wanted], actor, reason)
        signature = Signature(actor, reason, self._clock())
        return self._commit(lambda state: change_flags(state, missing(state.snapshot, wanted, stage), signature))

    def kill(self, on: bool, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        check_signature(actor, reason)
        signature = Signature(actor, reason, self._clock())
        return self._commit(partial(throw_switch, on=on, signature=signature))

    @abstractmethod
    def _commit(self, work: Work) -> tuple[AuditRow, ...]:
        """Writes what ``work`` answers, and nothing if it answers nothing or raises."""
