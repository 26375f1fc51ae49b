"""Pure: trip C. Which side the faults hit is not chance any more.

Watches faults, which roll back, and refusals (4xx), which only hold: another answer to a bad request is a matter of the
contract, not an outage. At stage modern the candidate has all the traffic, so nothing is learned here.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum
from math import log

from router.rollback.likelihood import START, Logs, after, log_value
from router.rollback.once import Once
from router.rollback.slice import Slice, SliceRule
from router.rollback.starts import Starts, log_sum


@dataclass(frozen=True, slots=True)
class SequentialRule:
    """``threshold`` of the e-value is one over the chance of a mistake, per route and epoch of its flag.

    ``once`` is in seconds: how long a visitor who had a fault can't have another one. ``restart`` is in seconds: how
    often another process begins beside the first, which has the weight ``first`` of all.
    """

    threshold: float = 100.0
    refusal_threshold: float = 1000.0
    once: float = 10.0
    restart: float = 10.0
    first: float = 0.9
    slice: SliceRule = field(default_factory=SliceRule)


class Answer(Enum):
    """What kind of answer a visitor had."""

    GOOD = "good"
    REFUSAL = "refusal"
    FAULT = "fault"


class Sequential:
    """The e-processes of one route. Add every request of a known visitor, then ask `is_proven` and `is_drifting`.

    ``faults`` and ``refusals`` are the logs of the processes that began with the flag.

    Requests without a known visitor never reach a canary, so they say nothing about it and are left out.
    """

    def __init__(self, rule: SequentialRule) -> None:
        self._rule = rule
        self._slice: Slice | None = None
        self._until = 0.0
        self._started: float | None = None
        self._starts = Starts()
        self._fault_once = Once(rule.once)
        self._refusal_once = Once(rule.once)
        self.faults: Logs = START
        self.refusals: Logs = START

    def add(self, now: float, is_candidate: bool, unit: Hashable, answer: Answer) -> None:
        """One request is over."""
        present = self._slice
        if present is None:
            present = self._slice = Slice(now)
            self._until = now + self._rule.slice.seconds
        part = present.candidate if is_candidate else present.control
        part.add(unit)
        if answer is Answer.GOOD:
            return
        if answer is Answer.FAULT:
            part.faults += self._fault_once.counts(unit, now)
        else:
            part.refusals += self._refusal_once.counts(unit, now)

    def close(self, now: float) -> bool:
        """Weighs the present slice if it is over. Whether it was: ask before a request is added."""
        present = self._slice
        if present is None or now < self._until or not present.is_over(now, self._rule.slice):
            return False
        self._slice = None
        share = present.share
        candidate, control = present.candidate, present.control
        self.faults = after(self.faults, share, candidate.faults, control.faults)
        self._starts.add(share, candidate.faults, control.faults)
        self._restart(present.began, now)
        self.refusals = after(self.refusals, share, candidate.refusals, control.refusals)
        return True

    @property
    def is_proven(self) -> bool:
        """Whether the candidate fails more often, beyond doubt."""
        return self.log_value(self.faults) >= log(self._rule.threshold)

    def log_value(self, faults: Logs) -> float:
        """The logarithm of the e-value, where the first process has these logs: its own, or with others' added."""
        first = self._rule.first
        return log_sum([log(first) + log_value(faults), log(1 - first) + self._starts.log_value])

    @property
    def is_drifting(self) -> bool:
        """Whether the candidate refuses more often, beyond doubt."""
        return log_value(self.refusals) >= log(self._rule.refusal_threshold)

    def _restart(self, began: float, now: float) -> None:
        """Neither when a slice ends nor when a process begins depends on what failed."""
        if self._started is None:
            self._started = began
        if now - self._started >= self._rule.restart:
            self._started = now
            self._starts.begin()
