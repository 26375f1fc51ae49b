"""`python -m benchmarks.rollback_bound`: mistakes of the sequential trip and of spates over many busy hours.

`benchmarks.rollback` asks the router's code about every request, and so can't afford many hours at 100 requests a
second. Here a second of traffic is drawn at once: how many requests each side had, and which of them failed. For spates
only the faults are drawn, and nothing keeps them waiting: neither the control, nor that they need several visitors.
About two minutes.
"""

import random
from collections import deque
from math import exp, log

from router.rollback.likelihood import START, after, log_value
from router.rollback.sequential import SequentialRule
from router.rollback.spate import SpateRule
from router.rollback.starts import Starts, log_sum

RATE, SHARE = 100.0, 0.05
HOURS = {0.001: 800, 0.01: 150}
"""By faults per request, of both sides."""

MANY_HOURS = {0.001: 10_000, 0.01: 10_000, 0.013: 10_000}
"""The same for spates. Beyond 1.3 % the control keeps them waiting."""

RULE = SequentialRule()
SPATE = SpateRule()


def main(seed: int = 5) -> None:
    chance = random.Random(seed)
    for faults, hours in HOURS.items():
        mistakes = sum(is_rolled_back(faults, chance) for _ in range(hours))
        print(f"{faults:.1%} faults on both sides, {RATE:g}/s: {mistakes} of {hours} hours ({mistakes / hours:.2%})")
    for faults, hours in MANY_HOURS.items():
        mistakes = sum(has_spate(faults, chance) for _ in range(hours))
        print(f"{faults:.1%} faults, spates alone: {mistakes} of {hours} hours ({mistakes / hours:.2%})")


def has_spate(faults: float, chance: random.Random) -> bool:
    """Whether a sound route's faults come so close together within an hour."""
    last = round(RATE * SHARE * 3600)
    latest: deque[int] = deque([-SPATE.among] * SPATE.faults, maxlen=SPATE.faults)
    at = -1
    while True:
        at += 1 + int(log(1.0 - chance.random()) / log(1.0 - faults))
        if at >= last:
            return False
        latest.append(at)
        if at - latest[0] < SPATE.among:
            return True


def is_rolled_back(faults: float, chance: random.Random) -> bool:
    """Whether a sound route is, within an hour of a change of its flag."""
    first, later = START, Starts()
    for second in range(3600):
        if second and second % int(RULE.restart) == 0:
            later.begin()
        failed = poisson(RATE * faults, chance)
        if not failed:
            continue
        candidate, control = poisson(RATE * SHARE, chance), poisson(RATE * (1 - SHARE), chance)
        share = candidate / (candidate + control)
        mine = dealt(failed, candidate, control, chance)
        first = after(first, share, mine, failed - mine)
        later.add(share, mine, failed - mine)
        parts = [log(RULE.first) + log_value(first), log(1 - RULE.first) + later.log_value]
        if mine and log_sum(parts) >= log(RULE.threshold):
            return True
    return False


def dealt(failed: int, candidate: int, control: int, chance: random.Random) -> int:
    """How many of the faults chance gives to the candidate: each request fails once at most."""
    mine = 0
    for _ in range(failed):
        if chance.random() * (candidate + control) < candidate:
            candidate, mine = candidate - 1, mine + 1
        else:
            control -= 1
    return mine


def poisson(mean: float, chance: random.Random) -> int:
    """A number of events. Beyond a mean of 30, by the normal distribution."""
    if mean > 30:
        return max(1, round(chance.gauss(mean, mean**0.5)))
    least, product, number = exp(-mean), chance.random(), 0
    while product > least:
        product *= chance.random()
        number += 1
    return number


if __name__ == "__main__":
    main()
