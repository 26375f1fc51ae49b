"""Pure: whether parity or a replay proves that both sides answer a route alike.

Recorded requests stand in for traffic. So a home with one user, who will never make a thousand requests of any route,
can finish a migration.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from migration_flags import Evidence
from router.comparison.mismatch import Kind
from router.comparison.summary import Summary
from router.demands.evidence import is_probe
from router.promotion.finding import Finding
from router.promotion.rules import GateRules

RECORD = "`strangler parity --record`"


def recorded(pieces: Iterable[Evidence], version: str, now: datetime, rules: GateRules) -> Finding:
    """The finding on the newest piece of each kind: one that is whole is enough. ``version``: of the present code."""
    newest: dict[str, Evidence] = {}
    for piece in pieces:
        if piece.kind in {"parity", "replay"} and not is_probe(piece):
            newest[piece.kind] = max(newest.get(piece.kind, piece), piece, key=lambda one: one.at)
    found = [_judged(piece, version, now, rules) for piece in newest.values()]
    whole = [one for one in found if one.holds]
    if whole:
        return whole[0]
    if found:
        return Finding(False, " ".join(one.text for one in found))
    return Finding(False, f"Neither parity nor a replay is recorded: {RECORD}.")


def _judged(piece: Evidence, version: str, now: datetime, rules: GateRules) -> Finding:
    name = f"The {piece.kind} of {piece.at[:16]}"
    summary = read_summary(piece)
    if summary is None:
        return Finding(False, f"{name} can't be read: {RECORD}.")
    why = _fault(piece, summary, version, now, rules)
    if why:
        return Finding(False, f"{name} {why}.")
    return Finding(True, f"{name}: {summary.compared} requests alike, code {version}.")


def _fault(piece: Evidence, summary: Summary, version: str, now: datetime, rules: GateRules) -> str:
    """Why it does not count; empty: it does."""
    old = age(piece, now)
    if old > rules.age:
        return f"is {old.days} days old, of {rules.age.days} allowed: {RECORD}"
    if not version or summary.versions != (version,):
        compared = ", ".join(summary.versions) or "unknown code"
        return f"compared {compared}, and {version or 'unknown code'} runs now: {RECORD}"
    if summary.compared < 1:
        return f"asked nothing: record requests of the route, then {RECORD}"
    differing = [one for one in summary.findings(now.date()) if one.kind.rank > Kind.NOISE.rank]
    if differing:
        worst = f"{differing[0].field} ({differing[0].kind.value})"
        return f"found {len(differing)} fields that differ, the worst {worst}: `strangler parity`"
    return ""


def age(piece: Evidence, now: datetime) -> timedelta:
    """How old a piece is. One that can't be dated is as old as can be."""
    try:
        return now - datetime.fromisoformat(piece.at)
    except (TypeError, ValueError):
        return timedelta.max


def read_summary(piece: Evidence) -> Summary | None:
    """The summary of a piece. None where another version, or a person, wrote something else."""
    try:
        return Summary.from_json(piece.summary)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
