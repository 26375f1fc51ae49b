"""Pure: trip A. The candidate answers nobody any more."""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from router.rollback.tally import Tally, is_shared


@dataclass(frozen=True, slots=True)
class BurstRule:
    """``faults`` in a row, of at least ``units`` known visitors, within ``window`` seconds.

    While the control fails in ``shared`` of its requests or more, that many in a row are chance, and the burst waits;
    but for ``patience`` seconds at most, for a candidate may break both sides.
    """

    faults: int = 5
    units: int = 2
    window: float = 60.0
    patience: float = 60.0
    shared: float = 0.25


class Burst:
    """The candidate's faults since its last good answer, and how the control did meanwhile. Times are in seconds."""

    __slots__ = ("_control", "_length", "_recent", "_rule", "_since")

    def __init__(self, rule: BurstRule) -> None:
        self._rule = rule
        self._recent: deque[tuple[float, Hashable | None]] = deque(maxlen=rule.faults)
        self._since = 0.0
        self._length = 0
        self._control = Tally()

    @property
    def length(self) -> int:
        """Faults in a row."""
        return self._length

    def control(self, fault: bool) -> None:
        """One request of the control is over."""
        if self._length:
            self._control.add(fault)

    def candidate(self, now: float, unit: Hashable | None, fault: bool) -> bool:
        """One request of the candidate is over. Whether that trips."""
        if not fault:
            if self._length:
                self._forget()
            return False
        if not self._length:
            self._since = now
        self._length += 1
        self._recent.append((now, unit))
        return self._is_burst(now) and not self._waits(now)

    def _is_burst(self, now: float) -> bool:
        if len(self._recent) < self._rule.faults or now - self._recent[0][0] > self._rule.window:
            return False
        return len({unit for _, unit in self._recent if unit is not None}) >= self._rule.units

    def _waits(self, now: float) -> bool:
        shared = is_shared(self._control, Tally(self._length, self._length), self._rule.shared)
        return shared and now - self._since < self._rule.patience

    def _forget(self) -> None:
        self._recent.clear()
        self._length = 0
        self._control = Tally()
