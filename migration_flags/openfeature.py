"""Our flags for whoever asks OpenFeature: application code on either side, or another service.

Needs the extra ``openfeature``.

    api.set_provider(StranglerProvider(store), domain="strangler")
    api.get_client("strangler").get_boolean_value("GET /api/videos", False, EvaluationContext("user:5"))
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.flag_evaluation import Reason as TheirReason
from openfeature.provider import AbstractProvider, Metadata

from migration_flags.errors import FlagError
from migration_flags.evaluation import Evaluation, Reason
from migration_flags.flag import Flag, Stage
from migration_flags.planning import evaluate
from migration_flags.snapshot import Snapshot
from migration_flags.stores import FlagStore
from migration_flags.visitor import Visitor

T = TypeVar("T")

MAX_AGE = 1.0
"""Seconds for which a snapshot counts as new."""

_REASONS = {Reason.PERCENT: TheirReason.SPLIT, Reason.FLAG: TheirReason.STATIC, Reason.NO_UNIT: TheirReason.DEFAULT}
_FULL = frozenset({Stage.MODERN, Stage.RETIRED})

Answered = tuple[Evaluation, Flag, Snapshot]


class StranglerProvider(AbstractProvider):
    """An OpenFeature provider over a flag store. A flag's key is the route's.

    As a boolean: whether modern answers whoever has the context's targeting key, its attributes ``user`` and ``roles``
    (a list) counting for rules. As a string: the stage. As a number: the percentage of visitors on modern. As an
    object: all of it. A store that can't be read leaves the last answers in place, with the reason STALE.

    Overrides of single requests are the router's business, and unknown here.
    """

    def __init__(
        self, store: FlagStore, *, max_age: float = MAX_AGE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._store = store
        self._max_age = max_age
        self._clock = clock
        self._reading = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._due = float("-inf")
        self._stale = False

    def get_metadata(self) -> Metadata:
        return Metadata("strangler")

    def shutdown(self) -> None:
        self._store.close()

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return self._resolved(flag_key, default_value, evaluation_context, lambda found: found[0].modern)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._resolved(flag_key, default_value, evaluation_context, lambda found: found[0].stage.value)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._resolved(flag_key, default_value, evaluation_context, lambda found: round(_percent(found)))

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._resolved(flag_key, default_value, evaluation_context, _percent)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        return self._resolved(flag_key, default_value, evaluation_context, _told)

    # The store blocks; an event loop asks it from a thread.

    async def resolve_boolean_details_async(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return await asyncio.to_thread(self.resolve_boolean_details, flag_key, default_value, evaluation_context)

    async def resolve_string_details_async(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return await asyncio.to_thread(self.resolve_string_details, flag_key, default_value, evaluation_context)

    async def resolve_integer_details_async(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return await asyncio.to_thread(self.resolve_integer_details, flag_key, default_value, evaluation_context)

    async def resolve_float_details_async(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return await asyncio.to_thread(self.resolve_float_details, flag_key, default_value, evaluation_context)

    async def resolve_object_details_async(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        return await asyncio.to_thread(self.resolve_object_details, flag_key, default_value, evaluation_context)

    def _resolved(
        self, key: str, default: T, context: EvaluationContext | None, value: Callable[[Answered], T]
    ) -> FlagResolutionDetails[T]:
        snapshot = self._read()
        if snapshot is None:
            return FlagResolutionDetails(default, ErrorCode.PROVIDER_NOT_READY, "The flag store can't be read.")
        flag = snapshot.get(key)
        if flag is None:
            return FlagResolutionDetails(default, ErrorCode.FLAG_NOT_FOUND, "No route of this name has a flag.")
        evaluation = evaluate(snapshot, key, _visitor(context))
        reason = _REASONS.get(evaluation.reason, TheirReason.TARGETING_MATCH)
        return FlagResolutionDetails(
            value((evaluation, flag, snapshot)),
            reason=TheirReason.STALE if self._stale else reason,
            variant=evaluation.stage.value,
            flag_metadata={"epoch": snapshot.epoch, "reason": evaluation.reason.value},
        )

    def _read(self) -> Snapshot | None:
        """The present snapshot; whoever finds it too old renews it, and the others wait for that."""
        with self._reading:
            if self._clock() >= self._due:
                self._renew()
                self._due = self._clock() + self._max_age
            return self._snapshot

    def _renew(self) -> None:
        known = self._snapshot
        try:
            if known is None or self._store.epoch() != known.epoch:
                self._snapshot = self._store.snapshot()
        except FlagError:
            if not self._stale:
                self.emit_provider_stale(ProviderEventDetails(message="The flag store can't be read."))
            self._stale = True
            return
        if self._stale:
            self.emit_provider_ready(ProviderEventDetails())
        elif known is not None and known is not self._snapshot:
            self.emit_provider_configuration_changed(ProviderEventDetails())
        self._stale = False


def _visitor(context: EvaluationContext | None) -> Visitor:
    if context is None:
        return Visitor()
    user, roles = context.attributes.get("user"), context.attributes.get("roles")
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list | tuple) else []
    return Visitor(context.targeting_key, user if isinstance(user, str) else None, frozenset(named))


def _percent(found: Answered) -> float:
    evaluation, flag, snapshot = found
    if flag.stage is Stage.RETIRED:
        return 100.0
    if snapshot.killed or flag.latch is not None:
        return 0.0
    return 100.0 if evaluation.stage in _FULL else flag.percent or 0.0


def _told(found: Answered) -> Mapping[str, FlagValueType]:
    evaluation, _, _ = found
    return {"stage": evaluation.stage.value, "percent": _percent(found), "modern": evaluation.modern}
