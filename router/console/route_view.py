"""Pure: one route as the console tells it."""

from collections.abc import Mapping
from typing import Any

from migration_flags import AuditRow, Flag, Latch
from router.comparison.summary import Finding
from router.console.agreement import Agreement
from router.decision import Prospect
from router.demands.demand import Compared, Standing
from router.row import Row, Side
from router.traffic import Figures, quantile

_STANDINGS = {Standing.EQUAL: "same"}


def route_told(
    prospect: Prospect,
    flag: Flag | None,
    *,
    withheld: str | None,
    traffic: Mapping[Side, Figures],
    agreement: Agreement | None,
    demands: Compared | None,
    auto: bool,
) -> dict[str, Any]:
    """A row of the table. ``withheld``: why this worker keeps the route on legacy, whatever its flag says."""
    row = prospect.row
    return {
        **_row_told(row),
        **_flag_told(prospect, flag, withheld),
        "demands": None if demands is None else _STANDINGS.get(demands.standing, demands.standing.value),
        "auto": auto,
        "traffic": {side.value: _side_told(traffic.get(side)) for side in (Side.LEGACY, Side.MODERN)},
        "agreement": None if agreement is None else agreement.told(),
    }


def history_told(row: AuditRow) -> dict[str, Any]:
    """A row of the history."""
    return {
        "sequence": row.sequence,
        "at": row.at,
        "actor": row.actor,
        "reason": row.reason,
        "key": row.key,
        "before_stage": row.before_stage,
        "before_percent": row.before_percent,
        "after_stage": row.after_stage,
        "after_percent": row.after_percent,
        "epoch": row.epoch,
        "gated": row.gated,
        "before": dict(row.before or {}),
        "after": dict(row.after or {}),
        "evidence": dict(row.evidence or {}),
    }


def finding_told(finding: Finding) -> dict[str, Any]:
    """A field that differs, with its redacted samples."""
    return {
        "field": finding.field,
        "class": finding.kind.value,
        "meaning": finding.meaning.value,
        "raw": finding.raw,
        "noise": finding.noise,
        "samples": [dict(sample) for sample in finding.samples],
    }


def _row_told(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "method": row.method,
        "template": row.template,
        "owner": row.owner.value,
        "relation": row.relation.value,
    }


def _flag_told(prospect: Prospect, flag: Flag | None, withheld: str | None) -> dict[str, Any]:
    if flag is None:
        flag = Flag(prospect.row.key, prospect.decision.stage)
    return {
        "stage": prospect.decision.stage.value,
        "percent": flag.percent,
        "mirror": flag.mirror,
        "mirrored": flag.mirrored,
        "group": flag.group,
        "requires": list(flag.requires),
        "latch": _latch_told(flag, withheld),
        "reason": flag.reason,
        "updated_by": flag.updated_by,
        "updated_at": flag.updated_at,
    }


def _latch_told(flag: Flag, withheld: str | None) -> dict[str, Any] | None:
    """Also where this worker alone has seen the route fail, and the store does not know it yet."""
    latch = flag.latch
    if latch is None and withheld is not None:
        latch = Latch(withheld, "", flag.stage, flag.percent)
    if latch is None:
        return None
    return {
        "trip": latch.trip,
        "at": latch.at,
        "stage": latch.stage.value,
        "percent": latch.percent,
        "probe_at": latch.probe_at,
        "evidence": dict(latch.evidence),
    }


def _side_told(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None or not figures.requests:
        return None
    return {
        "requests": figures.requests,
        "faults": figures.faults,
        "p50_ms": _milliseconds(quantile(0.5, figures.buckets)),
        "p95_ms": _milliseconds(quantile(0.95, figures.buckets)),
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
