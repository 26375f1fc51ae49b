"""Pure: the process of trip C begun anew, again and again.

A process that saw hours of good traffic knows so well that the candidate is sound that it takes hours to change its
mind. So others begin every few seconds, each with a weight; the weights of all that will ever begin add up to one.
Until it begins a process is worth its weight, after that it is a martingale: so their sum is a martingale that starts
at one, and the bound on mistakes holds for it as for a single process. Old starts are thinned out, the older the more.
To leave some out lowers the sum, which is allowed.
"""

from math import exp, log

from router.rollback.likelihood import START, Logs, after, log_value

DENSE = 4
"""The newest starts, all of which are kept. Of those up to twice as old every second is, up to four times every fourth,
and so on."""

_WEIGHTS = 2.11
"""Just above the sum of 1 / (n log² n) over n from 2."""


class Starts:
    """Processes by the number of their start, from 1."""

    __slots__ = ("_count", "kept")

    def __init__(self) -> None:
        self._count = 0
        self.kept: dict[int, Logs] = {}

    def begin(self) -> None:
        """One more process begins."""
        self._count += 1
        self.kept[self._count] = START
        self.kept = {number: logs for number, logs in self.kept.items() if is_kept(number, self._count - number)}

    def add(self, share: float, candidate: int, control: int) -> None:
        """What `likelihood.after` does, to all that have begun."""
        if candidate + control:
            self.kept = {number: after(logs, share, candidate, control) for number, logs in self.kept.items()}

    @property
    def log_value(self) -> float:
        """The logarithm of the weighted sum; minus infinity before the first start."""
        return log_sum([log_weight(number) + log_value(logs) for number, logs in self.kept.items()])


def is_kept(number: int, age: int) -> bool:
    """Whether a start is kept so many starts later. Once dropped, it would never be kept again."""
    return number % (1 << (age // DENSE).bit_length()) == 0


def log_weight(number: int) -> float:
    """The logarithm of a start's weight. It falls slowly, or what goes wrong late would be found late."""
    return -log(_WEIGHTS * (number + 1)) - 2 * log(log(number + 1))


def log_sum(logs: list[float]) -> float:
    """The logarithm of the sum of what these are logarithms of."""
    largest = max(logs, default=float("-inf"))
    return largest if largest == float("-inf") else largest + log(sum(exp(one - largest) for one in logs))
