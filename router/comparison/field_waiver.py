"""Pure: differences of one field of one route that somebody accepted while the system ran, for a time.

Beside the waivers of a file, which the code carries, these live in the flag store: they hold for every worker, for the
gate and for `strangler flags promote` within seconds. They are applied to what was counted, when it is read: one that
is taken back or has run out leaves everything as it was before.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from migration_flags import Evidence
from router.comparison.errors import WaiverRefused
from router.comparison.mismatch import Kind
from router.comparison.summary import Field, Summary

PLACE = "waivers"
"""What they are all kept under in the store, as evidence: one reading gives them all."""
LONGEST = timedelta(days=90)
REASON_LENGTH = 1_000
FIELD_LENGTH = 200
_ID = re.compile(r"[0-9a-f]{8,32}")


@dataclass(frozen=True, slots=True)
class FieldWaiver:
    """``key`` is the route's, ``field`` as findings name it; ``kind`` None accepts any class of difference.

    ``since`` is when it was made, UTC in ISO 8601. ``withdrawn``: by whom and why it was taken back; empty: it was not.
    """

    id: str
    key: str
    field: str
    kind: Kind | None
    owner: str
    reason: str
    expires: date
    since: str = ""
    withdrawn: str = ""

    def holds(self, today: date) -> bool:
        return not self.withdrawn and self.expires > today

    def accepts(self, field: str, kind: Kind) -> bool:
        return self.field == field and self.kind in {None, kind}


def check_waiver(waiver: FieldWaiver, today: date) -> None:
    """Raises `WaiverRefused`, with the name of the member that is wrong."""
    if not waiver.reason.strip():
        raise WaiverRefused("reason", "is needed: why may the two sides differ here?")
    if len(waiver.reason) > REASON_LENGTH:
        raise WaiverRefused("reason", f"must have at most {REASON_LENGTH} characters")
    if not waiver.field.strip() or len(waiver.field) > FIELD_LENGTH:
        raise WaiverRefused("field", f"must have 1 to {FIELD_LENGTH} characters")
    if waiver.expires <= today:
        raise WaiverRefused("expires", "must be a day to come")
    if waiver.expires > today + LONGEST:
        raise WaiverRefused(
            "expires", f"must be within {LONGEST.days} days, by {today + LONGEST}: a waiver is a promise to come back"
        )


def made(waiver: FieldWaiver, at: str, epoch: int) -> Evidence:
    """The piece that says so. It has no source: every piece stays."""
    return Evidence(
        PLACE,
        "waiver",
        at,
        epoch,
        {
            "id": waiver.id,
            "route": waiver.key,
            "field": waiver.field,
            "class": None if waiver.kind is None else waiver.kind.value,
            "owner": waiver.owner,
            "reason": waiver.reason,
            "expires": waiver.expires.isoformat(),
        },
    )


def withdrawn(waiver: FieldWaiver, by: str, reason: str, at: str, epoch: int) -> Evidence:
    """The piece that takes it back."""
    return Evidence(PLACE, "waiver", at, epoch, {"withdraws": waiver.id, "owner": by, "reason": reason})


def read_field_waivers(pieces: Iterable[Evidence]) -> tuple[FieldWaiver, ...]:
    """All that were ever made, oldest first. What can't be understood waives nothing."""
    found: dict[str, FieldWaiver] = {}
    taken: dict[str, str] = {}
    for piece in pieces:
        if piece.kind != "waiver":
            continue
        withdraws = piece.summary.get("withdraws")
        if isinstance(withdraws, str):
            taken[withdraws] = f"{piece.summary.get('owner')}: {piece.summary.get('reason')}"
        else:
            waiver = _read(piece)
            if waiver is not None:
                found[waiver.id] = waiver
    known = (replace(one, withdrawn=taken.get(one.id, "")) for one in found.values())
    return tuple(sorted(known, key=lambda one: (one.since, one.id)))


def applied(summary: Summary, waivers: Iterable[FieldWaiver], today: date) -> Summary:
    """The summary of a route with what its waivers accept counted as waived. ``waivers`` are that route's."""
    holding = [waiver for waiver in waivers if waiver.holds(today)]
    if not holding:
        return summary
    fields = {place: _waived(place, counts, holding) for place, counts in summary.fields.items()}
    return replace(summary, fields=fields)


def applied_to_evidence(
    pieces: Iterable[Evidence], waivers: Sequence[FieldWaiver], today: date
) -> tuple[Evidence, ...]:
    """The pieces, with what was mirrored of their routes read under those waivers."""
    holding: dict[str, list[FieldWaiver]] = {}
    for waiver in waivers:
        if waiver.holds(today):
            holding.setdefault(waiver.key, []).append(waiver)
    return tuple(_piece(piece, holding.get(piece.key, ()), today) for piece in pieces)


def _piece(piece: Evidence, waivers: Sequence[FieldWaiver], today: date) -> Evidence:
    if not waivers or "fields" not in piece.summary:
        return piece
    try:
        summary = applied(Summary.from_json(piece.summary), waivers, today)
    except (AttributeError, KeyError, TypeError, ValueError):
        return piece  # another version's: whoever judges it says so
    return replace(piece, summary={**piece.summary, **summary.to_json()})


def _waived(place: tuple[str, Kind], counts: Field, waivers: Iterable[FieldWaiver]) -> Field:
    days = [waiver.expires for waiver in waivers if waiver.accepts(*place)]
    if not days or not counts.raw:
        return counts
    until = max(days).isoformat()
    return replace(counts, raw=0, waived={**counts.waived, until: counts.waived.get(until, 0) + counts.raw})


def _read(piece: Evidence) -> FieldWaiver | None:
    said = piece.summary
    try:
        kind = None if said["class"] is None else Kind(str(said["class"]))
        waiver = FieldWaiver(
            str(said["id"]),
            str(said["route"]),
            str(said["field"]),
            kind,
            str(said["owner"]),
            str(said["reason"]),
            date.fromisoformat(str(said["expires"])),
            piece.at,
        )
    except (KeyError, ValueError):
        return None
    return waiver if _ID.fullmatch(waiver.id) else None
