"""What was recorded about a route, to justify a promotion or a rollback."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from migration_flags.change import NAME_LENGTH, check_evidence, check_key
from migration_flags.errors import EvidenceRefused
from migration_flags.flag import JSON

EvidenceKind = Literal["parity", "replay", "shadow", "canary", "rollback", "waiver"]
KINDS: tuple[EvidenceKind, ...] = ("parity", "replay", "shadow", "canary", "rollback", "waiver")

KEPT = 10_000
"""Pieces of evidence of one route and kind that a store keeps at least; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A summary of ``kind`` for the route ``key``, made ``at`` (UTC, ISO 8601) under the flags of ``epoch``.

    ``source`` tells who counts (a worker and its epoch, say): evidence of the same key, kind and source takes the place
    of the one before, so that a running total may be kept again and again. Without a source every piece stays.
    """

    key: str
    kind: EvidenceKind
    at: str
    epoch: int
    summary: Mapping[str, JSON] = field(default_factory=dict, hash=False)
    source: str = ""


def check_piece(evidence: Evidence) -> None:
    """Raises the `ChangeRefused` that fits, if any."""
    check_key(evidence.key)
    check_evidence(evidence.summary)
    if evidence.kind not in KINDS:
        raise EvidenceRefused(f"has the unknown kind {evidence.kind!r}: {', '.join(KINDS)}")
    if len(evidence.source) > NAME_LENGTH:
        raise EvidenceRefused(f"must name its source in at most {NAME_LENGTH} characters")


def replaced(pieces: Iterable[Evidence], piece: Evidence) -> list[Evidence]:
    """The pieces, oldest first, with a new one at the end, and without what it takes the place of or pushes out."""
    kept = [each for each in pieces if not (piece.source and _place(each) == _place(piece))]
    same = [each for each in kept if (each.key, each.kind) == (piece.key, piece.kind)]
    if len(same) >= KEPT:
        kept.remove(same[0])
    return [*kept, piece]


def _place(piece: Evidence) -> tuple[str, str, str]:
    return piece.key, piece.kind, piece.source


def chosen(pieces: Iterable[Evidence], key: str, kind: EvidenceKind | None, limit: int | None) -> tuple[Evidence, ...]:
    """Of those, oldest first: the ones asked for, newest first."""
    found = [piece for piece in pieces if piece.key == key and kind in {None, piece.kind}]
    return tuple(found[::-1][:limit])
