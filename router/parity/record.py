"""Pure: what parity found, as evidence for promotions: one piece per route, in the form that the mirror's has."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from migration_flags import Evidence
from router.comparison.ledger import Ledger
from router.comparison.mismatch import Mismatch
from router.comparison.summary import Summary, fitted
from router.comparison.waiver import Waiver
from router.parity.agreement import ROWS, Agreement
from router.parity.run import Parity

Kept = Literal["parity", "replay"]
"""How the two sides were asked: with a corpus that is kept with the code, or with recorded traffic."""
LENGTH = 90_000
"""Characters of a piece; a store takes 100,000."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def evidences(
    parity: Parity, waivers: Sequence[Waiver], at: datetime, epoch: int, kind: Kept = "parity"
) -> Iterator[Evidence]:
    """A piece for every route that was asked. ``at`` is aware, ``epoch`` that of the flags.

    Nobody knows which request left rows behind that differ: they speak against every route that writes.
    """
    rows = next((one for one in parity.routes if one.route == ROWS), Agreement(ROWS, 0, 0, ()))
    for route in parity.routes:
        if route.route == ROWS:
            continue
        reads = route.route.partition(" ")[0] in _READS
        summary = _summary(route, () if reads else _all(rows), waivers, at, parity.version)
        moment = at.isoformat(timespec="seconds")
        yield Evidence(route.route, kind, moment, epoch, fitted(summary, LENGTH).to_json())


def _summary(
    route: Agreement, rows: Sequence[Mismatch], waivers: Sequence[Waiver], at: datetime, version: str
) -> Summary:
    ledger = Ledger(waivers)
    by_request: dict[str, list[Mismatch]] = {}
    for one in _all(route):
        by_request.setdefault(one.request, []).append(one)
    for request, mismatches in by_request.items():
        ledger.compare(mismatches, at, request)
    for _ in range(route.asked - len(by_request)):
        ledger.compare((), at)
    if rows:
        ledger.compare(rows, at, ROWS)
    return replace(ledger.summary(version), compared=route.asked)


def _all(route: Agreement) -> tuple[Mismatch, ...]:
    return (*route.mismatches, *route.accepted)
