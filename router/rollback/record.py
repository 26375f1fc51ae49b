"""Pure: what is known about one route since its flag last changed."""

import threading
from collections.abc import Callable, Hashable, Sequence
from math import log

from migration_flags import Stage
from migration_flags.flag import JSON
from router.rollback.burst import Burst
from router.rollback.latency import Comparison, Slowness, compare
from router.rollback.likelihood import Logs, bounded_exp, product, value
from router.rollback.rate import Rate
from router.rollback.reservoir import Reservoir
from router.rollback.rules import RollbackRules
from router.rollback.sequential import Answer, Sequential
from router.rollback.spate import Spate
from router.rollback.tally import Tally
from router.rollback.trip import TripKind

Samples = tuple[Sequence[float], Sequence[float]]
"""Durations in seconds: of the control, of the candidate."""


class Record:
    """One route at one stage and epoch of its flag.

    Times are in seconds of any clock; one that goes back stands still here. Whoever calls holds ``lock``, except for
    `judge`, which takes long and touches nothing that requests touch. ``seen`` is the latest snapshot known to hold
    this flag. ``tripped`` and ``held`` say what was already told.
    """

    def __init__(
        self,
        key: str,
        stage: Stage,
        epoch: int,
        now: float,
        rules: RollbackRules,
        chance: Callable[[], float],
        baseline: Sequence[float] = (),
    ) -> None:
        self.key = key
        self.stage = stage
        self.epoch = self.seen = epoch
        self.baseline = baseline
        self.control = Tally()
        self.candidate = Tally()
        self.comparison: Comparison | None = None
        self.tripped = False
        self.held = False
        self.lock = threading.Lock()
        self._rules = rules
        self._chance = chance
        self._now = self._window_began = now
        self._burst = Burst(rules.burst)
        self._rate = Rate(rules.rate)
        self._spate = Spate(rules.spate)
        self._sequential = Sequential(rules.sequential)
        self._limit = log(rules.sequential.threshold)
        self._slowness = Slowness(rules.latency)
        self._control_times = Reservoir(chance)
        self._candidate_times = Reservoir(chance)
        self.good: list[float] = []

    def settle(self, now: float) -> None:
        """Counts what waits in ``good``: durations of the candidate's good answers, appended without the lock.

        Good answers trip nothing, so they may wait, if only they are counted before the next other one.
        """
        count = len(self.good)
        if not count:
            return
        durations = self.good[:count]
        del self.good[:count]  # and not the list itself, which the event loop is appending to
        now = self._at(now)
        self.candidate.requests += count
        self._burst.candidate(now, None, fault=False)
        self._rate.add_good(now, count)
        self._spate.good(count)
        self._candidate_times.extend(durations)

    def add(
        self, now: float, is_candidate: bool, unit: Hashable | None, answer: Answer, duration: float
    ) -> TripKind | None:
        """One request is over. What trips by that."""
        now = self._at(now)
        self.settle(now)
        closed = self._sequential.close(now)
        if unit is not None:
            self._sequential.add(now, is_candidate, unit, answer)
        fault = answer is Answer.FAULT
        if is_candidate:
            self.candidate.requests += 1
            self.candidate.faults += fault
            burst = self._burst.candidate(now, unit, fault)
        else:
            self.control.requests += 1
            self.control.faults += fault
            self._burst.control(fault)
            burst = False
        rate = self._rate.add(now, is_candidate, fault)
        if is_candidate:
            rate = self._is_spate(now, unit, fault) or rate
        if answer is Answer.GOOD:
            (self._candidate_times if is_candidate else self._control_times).add(duration)
        if burst or rate:
            return TripKind.BURST if burst else TripKind.RATE
        return self._weighed() if closed else None

    def tick(self, now: float) -> TripKind | None:
        """Time passed without a request. What trips by that."""
        return self._weighed() if self._sequential.close(self._at(now)) else None

    def window(self, now: float) -> Samples | None:
        """The durations of a window that is over, to be judged; None while it lasts."""
        now = self._at(now)
        self.settle(now)
        if now - self._window_began < self._rules.latency.window:
            return None
        self._window_began = now
        samples = self.reference, self._candidate_times.values
        if self.stage is Stage.CANARY:
            self.baseline = self.reference
        self._control_times, self._candidate_times = Reservoir(self._chance), Reservoir(self._chance)
        return samples

    def judge(self, samples: Samples) -> TripKind | None:
        """Whether this window makes the candidate too slow. Takes milliseconds: not for the event loop."""
        self.comparison = compare(*samples, self._rules.latency)
        return TripKind.LATENCY if self._slowness.add(self.comparison) else None

    @property
    def reference(self) -> Sequence[float]:
        """The control's durations to compare with: this window's, else those kept from when it last had traffic."""
        present = self._control_times.values
        return present if len(present) >= self._rules.latency.samples else self.baseline

    @property
    def faults(self) -> Logs:
        return self._sequential.faults

    @property
    def refusals(self) -> Logs:
        return self._sequential.refusals

    @property
    def e_value(self) -> float:
        """How much speaks against the candidate: 1 is nothing, or a little less once traffic has come."""
        return bounded_exp(self._sequential.log_value(self.faults))

    def together(self, others: Sequence[Logs]) -> TripKind | None:
        """What trips where the other workers' logs are added."""
        if not others or self._sequential.log_value(product([self.faults, *others])) < self._limit:
            return None
        return TripKind.SEQUENTIAL

    def evidence(self, others: Sequence[Logs] = ()) -> dict[str, JSON]:
        """The counts of both sides, and the figures of every trip."""
        lately: dict[str, JSON] = {"modern": _told(self._rate.candidate), "legacy": _told(self._rate.control)}
        told: dict[str, JSON] = {
            "stage": self.stage.value,
            "modern": _told(self.candidate),
            "legacy": _told(self.control),
            "last_minute": lately,
            "faults_in_a_row": self._burst.length,
            "e_value": _short(bounded_exp(self._sequential.log_value(product([self.faults, *others])))),
            "e_value_4xx": _short(value(self.refusals)),
            "workers": 1 + len(others),
        }
        if self.comparison is not None:
            told["latency"] = _latency(self.comparison)
        return told

    def _is_spate(self, now: float, unit: Hashable | None, fault: bool) -> bool:
        if not fault:
            self._spate.good()
            return False
        found = self._spate.fault(now, unit)
        return found is not None and not self._spate.is_explained(found, self._rate.control, self._rate.around())

    def _weighed(self) -> TripKind | None:
        if self._sequential.is_proven:
            return TripKind.SEQUENTIAL
        return TripKind.CONTRACT if self._sequential.is_drifting else None

    def _at(self, now: float) -> float:
        if now > self._now:  # noqa: PLR1730  # a call of max would take as long as half of what else is done here
            self._now = now
        return self._now


def _told(tally: Tally) -> dict[str, JSON]:
    return {"requests": tally.requests, "faults": tally.faults}


def _latency(found: Comparison) -> dict[str, JSON]:
    told: dict[str, JSON] = {
        "samples": list(found.samples),
        "legacy_p95_ms": _short(found.p95[0] * 1000),
        "modern_p95_ms": _short(found.p95[1] * 1000),
    }
    if found.shift is not None:
        told["shift_ms"] = _short(found.shift.estimate * 1000)
        told["shift_at_least_ms"] = _short(found.shift.lower * 1000)
    return told


def _short(number: float) -> float:
    return float(f"{number:.4g}")
