"""Pure: trip B over a shorter stretch. The candidate was sound for long, and now nearly half of its answers are faults.

A minute of good answers hides what broke a second ago. So over the latest few answers a larger share than trip B's
counts, where the control's own faults don't explain it. Six of 14 answers come about by chance three times in a billion
where 1 % of all fail, and twelve times where 1.3 % do; where more do, the control keeps this waiting.
"""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from router.rollback.tally import Tally


@dataclass(frozen=True, slots=True)
class SpateRule:
    """``faults`` of the latest ``among`` answers, of at least ``units`` known visitors, within ``window`` seconds.

    Only where the control had ``control`` requests or more in the last minute, of which it failed in less than
    ``shared`` times the candidate's share, and around the faults in less than ``outage`` times.
    """

    faults: int = 6
    among: int = 14
    units: int = 4
    window: float = 60.0
    control: int = 100
    shared: float = 0.03
    outage: float = 0.1


class Spate:
    """The candidate's latest answers. Times are in seconds."""

    __slots__ = ("_latest", "_rule")

    def __init__(self, rule: SpateRule) -> None:
        self._rule = rule
        self._latest: deque[tuple[float, Hashable | None] | None] = deque(maxlen=rule.among)

    def good(self, count: int = 1) -> None:
        """So many good answers."""
        self._latest.extend((None,) * min(count, self._rule.among))

    def fault(self, now: float, unit: Hashable | None) -> Tally | None:
        """One fault. The tally of the stretch where that is a spate, if the control allows it: see `is_explained`."""
        self._latest.append((now, unit))
        faults = [one for one in self._latest if one is not None and now - one[0] <= self._rule.window]
        if len(faults) < self._rule.faults:
            return None
        if len({unit for _, unit in faults if unit is not None}) < self._rule.units:
            return None
        return Tally(self._rule.among, len(faults))

    def is_explained(self, found: Tally, minute: Tally, around: Tally) -> bool:
        """Whether the control fails too, or too little is known of it."""
        rule = self._rule
        if minute.requests < rule.control or minute.rate >= rule.shared * found.rate:
            return True
        return around.rate >= rule.outage * found.rate
