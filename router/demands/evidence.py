"""Pure: what a probe found, as evidence, and what it forbids."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from migration_flags import Evidence
from router.demands.treatment import Probed

SOURCE = "probe"
"""What the piece is kept under. It is of the kind parity, and says nothing about answers."""
MOST = 20
"""Requests that are named in a piece."""


def evidence(found: Probed, at: datetime, epoch: int, version: str) -> Evidence:
    """``at`` is aware. ``version`` is that of the code that was asked."""
    gate: dict[str, Any] = {
        "asked": found.asked,
        "laxer": list(found.laxer[:MOST]),
        "stricter": list(found.stricter[:MOST]),
        "undecided": found.undecided,
    }
    moment = at.isoformat(timespec="seconds")
    return Evidence(found.key, "parity", moment, epoch, {"gate": gate, "versions": [version]}, SOURCE)


def is_probe(piece: Evidence) -> bool:
    return piece.kind == "parity" and piece.source == SOURCE


def forbidden(pieces: Iterable[Evidence]) -> tuple[str, ...]:
    """Why a route may not be promoted, in a sentence: the newest probe found modern laxer."""
    probes = [piece for piece in pieces if is_probe(piece)]
    if not probes:
        return ()
    gate = max(probes, key=lambda one: one.at).summary.get("gate")
    laxer = gate.get("laxer") if isinstance(gate, dict) else None
    if not isinstance(laxer, list) or not laxer:
        return ()
    more = f" and {len(laxer) - 1} more" if len(laxer) > 1 else ""
    return (f"Modern lets in whom legacy refuses: {laxer[0]}{more}. Mend it, then `strangler probe --record`.",)
