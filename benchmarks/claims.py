"""What was promised, held against what was found. Pure; the promises are `claims.toml`, read strictly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as strict

from benchmarks.findings import MEASURES, Finding, Parts
from benchmarks.reading import STRICT, BadPlan, checked, read_toml

FILE = Path(__file__).parent / "claims.toml"
_LEAST_TOLD = 0.005
"""A share below it would read as nothing."""
# Parts that a kind of measure reads without being told.
_PARTS = {
    "visitors": "capacity",
    "memory-of-a-unit": "memory",
    "bridge": "bridge",
    "overhead": "bridge",
    "decision": "decision",
    "percentile-of-jobs": "jobs",
    "api-while-downloading": "jobs",
    "downloads-at-once": "jobs",
    "jobs-an-hour": "jobs",
    "sockets": "sockets",
    "propagation": "propagation",
    "rolled-back-by-mistake": "rollback",
    "rolled-back": "rollback-live",
    "large": "large",
}


@strict(frozen=True, config=STRICT)
class Claim:
    """``target`` is held against the measure's value; without a measure, ``instead`` or ``coming`` says why.

    ``because``: what stands in the way, told where the target is not kept for certain.
    """

    name: str
    origin: Literal["claim", "target", "report"]
    how: str
    measure: Mapping[str, Any] = Field(default_factory=dict)
    target: float = 0.0
    better: Literal["more", "less"] = "more"
    unit: Literal["×", "ms", "µs", "s", "/s", "/h", "%", "films"] = "×"
    instead: str = ""
    coming: str = ""
    because: str = ""

    @property
    def part(self) -> str:
        """The part of a run that measures it; nothing where none does."""
        kind = self.measure.get("kind", "")
        return str(self.measure.get("part", _PARTS.get(kind, "")))


@strict(frozen=True, config=STRICT)
class _Claims:
    claims: tuple[Claim, ...]


class Standing(StrEnum):
    """What became of a claim in one run."""

    KEPT = "kept"
    MISSED = "missed"
    UNDECIDED = "undecided"
    UNMEASURED = "not measured in this run"
    COMING = "still to come"
    NO_FIGURE = "no figure"
    SMALLEST = "no measurement"


@dataclass(frozen=True)
class Row:
    """One line of the report. ``sentence`` is the verdict in words; ``is_noisy``: the machine was not quiet."""

    claim: Claim
    standing: Standing
    finding: Finding | None
    sentence: str
    is_noisy: bool = False


def read_claims(path: Path = FILE) -> tuple[Claim, ...]:
    """Reads the file. Raises `BadPlan`, naming the key."""
    found = checked(_Claims, read_toml(path), path.name).claims
    for one in found:
        if sum(map(bool, (one.measure, one.instead, one.coming))) != 1:
            raise BadPlan(f"claims[{one.name}] needs one of measure, instead and coming")
        if one.measure and (one.measure.get("kind") not in MEASURES or not one.target > 0):
            known = ", ".join(MEASURES)
            raise BadPlan(f"claims[{one.name}] needs a target above 0, and a measure of a known kind: {known}")
    return found


def judged(claims: Sequence[Claim], parts: Parts) -> tuple[Row, ...]:
    """Every claim with what this run says about it."""
    return tuple(_judged(claim, parts) for claim in claims)


def _judged(claim: Claim, parts: Parts) -> Row:
    if claim.coming:
        return Row(claim, Standing.COMING, None, f"still to come, with the part: {claim.coming}")
    if claim.instead:
        return Row(claim, Standing.NO_FIGURE, None, claim.instead)
    finding = MEASURES[claim.measure["kind"]](parts, claim.measure)
    if finding is None:
        return Row(claim, Standing.UNMEASURED, None, f"not measured in this run: part {claim.part}")
    part = parts[claim.part]
    if part.get("smallest"):
        return Row(claim, Standing.SMALLEST, finding, "no measurement: the smallest run only shows that the part works")
    is_noisy = bool(part.get("noise"))
    standing = Standing.KEPT if holds(finding.value, claim) else Standing.MISSED
    told = sentence(finding.value, claim) + " (noisy)" * is_noisy
    if finding.interval is not None and len({holds(one, claim) for one in finding.interval}) > 1:
        standing, told = Standing.UNDECIDED, f"undecided, the rounds lie on both sides; by the median {told}"
    because = f". {claim.because}" if claim.because and standing is not Standing.KEPT else ""
    return Row(claim, standing, finding, told + because, is_noisy)


def holds(value: float, claim: Claim) -> bool:
    """Whether a value reaches the target. What is exactly the target does."""
    return value >= claim.target if claim.better == "more" else value <= claim.target


def sentence(value: float, claim: Claim) -> str:
    """Kept; or missed, and by how much of the target."""
    if holds(value, claim):
        return "kept"
    if value == float("inf"):
        return "missed: it never happened"
    share = abs(value - claim.target) / claim.target
    by = f"{share:.0%}" if share >= _LEAST_TOLD else "less than 1%"
    return f"missed by {by}: {figure(value, claim.unit)}, and {figure(claim.target, claim.unit)} was promised"


def figure(value: float, unit: str) -> str:
    """A figure with its unit, with as many digits as it can bear."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return f"{text}{unit}" if unit in {"×", "/s", "/h"} else f"{text} {unit}".rstrip()
