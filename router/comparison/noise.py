"""Pure: whether a field differs because the candidate is wrong, or because it always does.

Legacy is asked twice for some of the mirrored requests. A field in which legacy differs from itself about as often as
from the candidate tells nothing: a clock, a counter, a random order.
"""

from dataclasses import dataclass
from enum import StrEnum

from router.comparison.mismatch import Kind

AT_ONCE = frozenset({Kind.STATUS, Kind.SHAPE, Kind.EXCEPTION, Kind.CONTENT_TYPE})
"""Kinds that need no number of requests: once is enough, in however many."""


class Meaning(StrEnum):
    """What the differences of one field mean."""

    FINDING = "finding"
    NOISE = "noise"
    UNSURE = "unsure"


@dataclass(frozen=True)
class NoiseRules:
    """A real difference exceeds the shares ``relative`` and ``absolute``; it takes ``least`` requests to say so."""

    relative: float = 0.20
    absolute: float = 0.0003
    least: int = 200


DEFAULTS = NoiseRules()


@dataclass(frozen=True)
class Counts:
    """Of one field: in how many of ``compared`` requests it differed, and in how many of ``probed`` from itself."""

    raw: int
    noise: int
    compared: int
    probed: int


def meaning(kind: Kind, counts: Counts, rules: NoiseRules = DEFAULTS) -> Meaning:
    """What the counts say. Noise is counted on a sample, so it is scaled to as many requests as were compared."""
    if counts.raw == 0:
        return Meaning.NOISE
    noise = counts.noise * counts.compared / counts.probed if counts.probed else 0.0
    over = counts.raw - noise
    is_real = over > 0 and over / (counts.raw + noise) > rules.relative
    if kind in AT_ONCE:
        return Meaning.FINDING if is_real else Meaning.NOISE
    if counts.compared < rules.least:
        return Meaning.UNSURE
    return Meaning.FINDING if is_real and over / counts.compared > rules.absolute else Meaning.NOISE
