"""Pure: how far the two sides of a route agree, as its evidence tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from migration_flags import Evidence
from router.comparison.mismatch import Kind
from router.comparison.noise import Meaning
from router.comparison.summary import Finding, Summary
from router.demands.evidence import is_probe
from router.promotion.recorded import read_summary

_ALIKE = (Kind.BYTES, Kind.CANONICAL, Kind.NOISE)


@dataclass(frozen=True)
class Agreement:
    """``compared`` requests, of them ``alike``; fields that are ``findings`` or ``waived``; the last at ``until``."""

    compared: int
    alike: int
    findings: int
    waived: int
    until: str

    def told(self) -> dict[str, Any]:
        return {
            "compared": self.compared,
            "alike": self.alike,
            "findings": self.findings,
            "waived": self.waived,
            "until": self.until,
        }


def compared_with(pieces: Sequence[Evidence], version: str) -> Summary:
    """What the mirror and dry runs found of the present code; where they found nothing, the newest recorded run."""
    shadow = [piece for piece in pieces if piece.kind == "shadow"]
    total = Summary()
    for piece in shadow:
        found = read_summary(piece)
        if found is not None and found.versions in {(), (version,)}:
            total += found
    if total.compared:
        return total
    recorded = [piece for piece in pieces if piece.kind in {"parity", "replay"} and not is_probe(piece)]
    newest = max(recorded, key=lambda piece: piece.at, default=None)
    found = None if newest is None else read_summary(newest)
    return total if found is None or found.versions not in {(), (version,)} else found


def agreement(summary: Summary, today: date) -> Agreement | None:
    """None: nothing was compared."""
    if not summary.compared:
        return None
    counts = (counts.counted(today) for counts in summary.fields.values() if counts.waived)
    return Agreement(
        summary.compared,
        sum(summary.results.get(kind.value, 0) for kind in _ALIKE),
        len(findings(summary, today)),
        sum(count == 0 for count in counts),
        summary.until,
    )


def findings(summary: Summary, today: date) -> tuple[Finding, ...]:
    """The fields that keep a route from moving: what differs in value or worse, and is no noise."""
    return tuple(
        one for one in summary.findings(today) if one.kind.rank >= Kind.VALUE.rank and one.meaning is not Meaning.NOISE
    )
