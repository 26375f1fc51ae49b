"""Pure: the arithmetic of trip C. How well "the candidate fails r times as often" explains which side the faults hit.

Given that a request failed, and that the candidate had the share s of the traffic, the fault is the candidate's with
probability s where both sides are equally good, and with q = rs / (1 - s + rs) where the candidate fails r times as
often. A fault multiplies the likelihood of each r by q / s = r / (1 - s + rs) if it was the candidate's, and by
(1 - q) / (1 - s) = 1 / (1 - s + rs) if it was the control's. The expected factor is 1 where the sides are equal, so the
mean over several r is a test martingale that starts at 1: by Ville's inequality it ever reaches 100 with probability
0.01 at most, however often it is looked at. Nothing is assumed about how often anything fails: an outage of both
sides feeds both kinds of factors.
"""

from collections.abc import Iterable
from math import exp, log, log1p

RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)

Logs = tuple[float, ...]
"""The logarithms of the likelihoods, one for each of `RATIOS`."""

START: Logs = (0.0,) * len(RATIOS)

_LARGEST = 700.0
"""The largest exponent that a float can take."""


def after(logs: Logs, share: float, candidate: int, control: int) -> Logs:
    """The logs after some traffic of which the candidate had ``share`` and in which so many faults were each side's.

    Where one side had all the traffic, nothing can be learned.
    """
    if not 0.0 < share < 1.0 or candidate + control == 0:
        return logs
    return tuple(
        one + candidate * log(ratio) - (candidate + control) * log1p(share * (ratio - 1.0))
        for one, ratio in zip(logs, RATIOS, strict=True)
    )


def log_value(logs: Logs) -> float:
    """The logarithm of the e-value: the mean of the likelihoods."""
    largest = max(logs)
    return largest + log(sum(exp(one - largest) for one in logs) / len(logs))


def value(logs: Logs) -> float:
    """The e-value, cut off at e to the 700th."""
    return bounded_exp(log_value(logs))


def bounded_exp(number: float) -> float:
    """e to that power, or to the 700th: what a float can hold."""
    return exp(min(number, _LARGEST))


def product(several: Iterable[Logs]) -> Logs:
    """What several workers found, as one: likelihoods multiply, r by r.

    Workers serve disjoint requests, and where the sides are equally good each factor has the expectation 1 given all
    that was seen before in any of them. So the product over workers is a martingale for each r, and so is their mean:
    multiplying before the mean is taken makes four workers as quick as one that saw all the traffic. Other workers'
    logs are as old as their last beat, which only delays: a martingale looked at later is one still. Each worker that
    multiplies looks at a slightly different mixture of old and new, so the bound of 0.01 is for each of them.
    """
    return tuple(map(sum, zip(START, *several, strict=True)))
