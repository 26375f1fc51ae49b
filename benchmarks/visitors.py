"""How many visitors there can be: a search over the offered load. Pure, but for the one question that it asks."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """So many visitors: their requests a second, the p95 in milliseconds; None: some were never answered."""

    visitors: int
    rate: float
    p95: float | None

    def holds(self, limit: float) -> bool:
        return self.p95 is not None and self.p95 <= limit


def searched(
    ask: Callable[[int], Trial], *, limit: float, fewest: int, most: int, exactness: float
) -> tuple[Trial, ...]:
    """Every trial, in the order in which it was made.

    It begins with ``fewest``, doubles until the limit does not hold, then halves what is between.
    """
    trials = [ask(min(fewest, most))]
    while trials[-1].holds(limit) and trials[-1].visitors < most:
        trials.append(ask(min(most, trials[-1].visitors * 2)))
    low, high = capacity(trials, limit), trials[-1].visitors
    if trials[-1].holds(limit):
        return tuple(trials)
    while high - low > max(1.0, exactness * high):
        middle = ask((low + high) // 2)
        trials.append(middle)
        low, high = (middle.visitors, high) if middle.holds(limit) else (low, middle.visitors)
    return tuple(trials)


def capacity(trials: list[Trial] | tuple[Trial, ...], limit: float) -> int:
    """The most visitors for whom the limit held; 0 where it held for none."""
    return max((one.visitors for one in trials if one.holds(limit)), default=0)
