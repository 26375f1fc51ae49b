"""What most would write: the last minute's counts, tested every ten seconds. To compare with."""

from collections import deque
from math import exp, lgamma

EVERY = 10
SPAN = 6
"""So many times ten seconds are tested together."""
LEVEL = 0.01


class Window:
    """Fisher's exact test, one-sided, at 1 %, over sixty seconds, again every ten."""

    def __init__(self) -> None:
        self._steps: deque[list[int]] = deque([[0, 0, 0, 0]], maxlen=SPAN)
        self._ends = float(EVERY)

    def add(self, at: float, is_candidate: bool, fault: bool) -> bool:
        """One request is over. Whether a test since the last one says that modern is worse."""
        tripped = False
        while at >= self._ends:
            tripped = tripped or self._is_worse()
            self._steps.append([0, 0, 0, 0])
            self._ends += EVERY
        step = self._steps[-1]
        step[0 if is_candidate else 2] += 1
        step[1 if is_candidate else 3] += fault
        return tripped

    def _is_worse(self) -> bool:
        candidate, candidate_faults, control, control_faults = map(sum, zip(*self._steps, strict=True))
        if candidate_faults == 0 or candidate_faults * control <= control_faults * candidate:
            return False
        return fisher(candidate, candidate_faults, control, control_faults) < LEVEL


def fisher(candidate: int, candidate_faults: int, control: int, control_faults: int) -> float:
    """How likely the candidate has so many of all the faults, or more, where chance alone deals them out."""
    faults, requests = candidate_faults + control_faults, candidate + control
    whole = _log_choose(requests, faults)
    return sum(
        exp(_log_choose(candidate, mine) + _log_choose(control, faults - mine) - whole)
        for mine in range(candidate_faults, min(candidate, faults) + 1)
        if faults - mine <= control
    )


def _log_choose(among: int, chosen: int) -> float:
    return lgamma(among + 1) - lgamma(chosen + 1) - lgamma(among - chosen + 1)
