"""Whether a commit became slower than another: ``python -m benchmarks.gate FILE``, on what `compare` found.

The gate reads ratios of one run, in which both commits were asked in turns. It never sees an absolute figure, so a
slower machine, or a busy day, is nothing to it: what happens to a pair of rounds happens to both of them.

Why it does not cry wolf:

- The null hypothesis is not "equal" but "slower by less than the threshold". Two builds of the same source differ by a
  per cent or two, for good, because of where things lie in memory; a test of "equal" finds that sooner or later.
- The test flips signs: under the hypothesis each log ratio, less the threshold, is as likely above zero as below it.
  All flips are counted (or drawn, with a fixed seed, where there are too many), so nothing is assumed of how rounds are
  distributed but that symmetry; one wild round moves the sum of every flip as much as it moves the sum that was found.
- Rounds are asked for until the test says something, at most `LOOKS` times, and each look spends an equal part of the
  whole error (Bonferroni). Looking again is therefore not another chance for chance.
- All routes together spend it too: a gate over eight routes is not eight gates.
- With fewer than `FEWEST` pairs no flip is rare enough, and the gate says "too few", not "fine".

A false alarm is at most `ERROR` of runs by this, and less when nothing changed at all, since the threshold lies
between. `tests/benchmarks/test_gate.py` simulates both, with heavy tails and with drift.
"""

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log
from pathlib import Path
from statistics import median

THRESHOLD = 0.05
"""The share of requests per second that a commit may lose."""

ERROR = 0.01
LOOKS = 3
FEWEST = 10
_EVERY_FLIP = 14
"""Pairs up to which all flips are counted: 16,384 of them."""
_DRAWN = 20_000
_SEED = 2026


class Judgement(StrEnum):
    SLOWER = "slower"
    FINE = "fine"
    OPEN = "too early to say"
    FEW = "too few rounds"


@dataclass(frozen=True)
class Opinion:
    """``ratio`` is the median of B over A, ``chance`` how likely such rounds are where B lost no more than allowed."""

    name: str
    ratio: float
    chance: float
    judgement: Judgement


def opinions(ratios: Mapping[str, Sequence[float]], *, threshold: float = THRESHOLD) -> list[Opinion]:
    """One for each route: its ratios of B's rate over A's, pair by pair."""
    spent = ERROR / (LOOKS * max(1, len(ratios)))
    return [_opinion(name, pairs, threshold, spent) for name, pairs in ratios.items()]


def chance_of(ratios: Sequence[float], threshold: float) -> float:
    """How likely a sum as low as this is, if each ratio were as likely above as below the threshold."""
    shifted = [log(one / (1 - threshold)) for one in ratios]
    found, sizes = sum(shifted), [abs(one) for one in shifted]
    if len(sizes) <= _EVERY_FLIP:
        sums = _all_flips(sizes)
        return sum(one <= found + 1e-9 for one in sums) / len(sums)
    dice = random.Random(_SEED)
    low = sum(_flipped(sizes, dice) <= found for _ in range(_DRAWN))
    return (low + 1) / (_DRAWN + 1)  # the flip that was found is one of them


def _opinion(name: str, ratios: Sequence[float], threshold: float, spent: float) -> Opinion:
    middle = median(ratios) if ratios else 1.0
    if len(ratios) < FEWEST or 0.5 ** len(ratios) > spent:
        return Opinion(name, middle, 1.0, Judgement.FEW)
    chance = chance_of(ratios, threshold)
    return Opinion(name, middle, chance, _judgement(middle, chance, threshold, spent))


def _judgement(middle: float, chance: float, threshold: float, spent: float) -> Judgement:
    if chance <= spent:
        return Judgement.SLOWER
    return Judgement.OPEN if middle < 1 - threshold else Judgement.FINE


def _all_flips(sizes: Sequence[float]) -> list[float]:
    """The sums with every choice of signs."""
    sums = [0.0]
    for size in sizes:
        sums = [one + size for one in sums] + [one - size for one in sums]
    return sums


def _flipped(sizes: Sequence[float], dice: random.Random) -> float:
    bits = dice.getrandbits(len(sizes))
    return sum(size if bits >> place & 1 else -size for place, size in enumerate(sizes))


def passes(found: Sequence[Opinion]) -> bool:
    """Whether no route is slower. What is still open does not fail: nobody is accused without proof."""
    return all(one.judgement is not Judgement.SLOWER for one in found)


def printed(found: Sequence[Opinion]) -> str:
    """A line for each route."""
    lines = [f"{one.name}: {one.ratio:.3f}×, p {one.chance:.2g}: {one.judgement}" for one in found]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """0: nothing is slower; 1: something is; 2: too few rounds to say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description="Whether B is slower than A")
    parser.add_argument("file", type=Path, help="what `make bench-compare` wrote")
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    asked = parser.parse_args(argv)
    ratios = json.loads(asked.file.read_text("utf-8"))["ratios"]
    found = opinions(ratios, threshold=asked.threshold)
    print(printed(found))
    if not found or any(one.judgement is Judgement.FEW for one in found):
        return 2
    return 0 if passes(found) else 1


if __name__ == "__main__":
    sys.exit(main())
