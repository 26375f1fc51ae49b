"""Pure: trip B. Too many of the candidate's answers are faults."""

from collections import deque
from dataclasses import dataclass

from router.rollback.tally import Tally, is_shared


@dataclass(frozen=True, slots=True)
class RateRule:
    """``share`` of at least ``requests`` within ``window`` whole seconds.

    Unless the control failed ``shared`` times as often, or more, around the seconds of the candidate's faults.
    """

    share: float = 0.3
    requests: int = 10
    window: int = 60
    shared: float = 0.5


AROUND = 2
"""Seconds. A short outage of both sides is a small part of a minute, and all of the seconds around it."""


@dataclass(slots=True)
class _Second:
    """What happened in one second."""

    at: int
    control_requests: int = 0
    control_faults: int = 0
    candidate_requests: int = 0
    candidate_faults: int = 0


class Rate:
    """The last minute of both sides, second by second: never more than ``window`` of them are kept."""

    __slots__ = ("_present", "_rule", "_seconds", "candidate", "control")

    def __init__(self, rule: RateRule) -> None:
        self._rule = rule
        self._seconds: deque[_Second] = deque()
        self._present = _Second(-1)
        self.control = Tally()
        self.candidate = Tally()

    def add(self, now: float, is_candidate: bool, fault: bool) -> bool:
        """One request is over. Whether that trips: only a fault of the candidate can."""
        at = int(now)
        second = self._present
        if second.at != at:
            second = self._begin(at)
        if is_candidate:
            second.candidate_requests += 1
            self.candidate.requests += 1
        else:
            second.control_requests += 1
            self.control.requests += 1
        return fault and self._add_fault(second, is_candidate)

    def add_good(self, now: float, count: int) -> None:
        """That many good answers of the candidate at once."""
        at = int(now)
        second = self._present if self._present.at == at else self._begin(at)
        second.candidate_requests += count
        self.candidate.requests += count

    def _add_fault(self, second: _Second, is_candidate: bool) -> bool:
        if is_candidate:
            second.candidate_faults += 1
            self.candidate.faults += 1
            return self._is_high()
        second.control_faults += 1
        self.control.faults += 1
        return False

    def _is_high(self) -> bool:
        found = self.candidate
        enough = found.requests >= self._rule.requests and found.faults >= self._rule.share * found.requests
        return enough and not is_shared(self.around(), found, self._rule.shared)

    def around(self) -> Tally:
        """The control in the seconds in which the candidate failed, and in ``AROUND`` before and after each."""
        failed = {one.at for one in self._seconds if one.candidate_faults}
        near = {at + by for at in failed for by in range(-AROUND, AROUND + 1)}
        found = Tally()
        for one in self._seconds:
            if one.at in near:
                found.requests += one.control_requests
                found.faults += one.control_faults
        return found

    def _begin(self, at: int) -> _Second:
        while self._seconds and self._seconds[0].at <= at - self._rule.window:
            gone = self._seconds.popleft()
            self.control.requests -= gone.control_requests
            self.control.faults -= gone.control_faults
            self.candidate.requests -= gone.candidate_requests
            self.candidate.faults -= gone.candidate_faults
        self._present = _Second(at)
        self._seconds.append(self._present)
        return self._present
