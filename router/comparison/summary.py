"""Pure: what many comparisons of one route came to, as a value that can be stored and added up.

Every worker stores its own running summary; `total` makes one of all.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from router.comparison.mismatch import Kind
from router.comparison.noise import DEFAULTS, Counts, Meaning, NoiseRules, meaning

SAMPLES = 5
"""Samples kept of one field."""
FIELDS = 200
"""Fields kept of one route; what is beyond counts as `OTHERS`."""
SHAPES = 1000
"""Shapes of requests kept of one route."""
OTHERS = "(others)"

Sample = Mapping[str, Any]
"""``control``, ``candidate``, ``target`` and ``at`` (UTC, ISO 8601), redacted."""


@dataclass(frozen=True)
class Field:
    """In how many requests one field differed in one way.

    ``raw`` are those that count; ``noise`` those in which legacy differed from itself; ``waived`` those that a waiver
    accepts, by the day (ISO 8601) on which they count again.
    """

    raw: int = 0
    noise: int = 0
    waived: Mapping[str, int] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()

    def counted(self, today: date) -> int:
        """The requests that count on a day: a waiver that has expired waives nothing."""
        return self.raw + sum(count for until, count in self.waived.items() if until <= today.isoformat())

    def __add__(self, other: "Field") -> "Field":
        waived = Counter(self.waived)
        waived.update(other.waived)
        samples = sorted((*self.samples, *other.samples), key=lambda sample: str(sample.get("at", "")))
        return Field(self.raw + other.raw, self.noise + other.noise, dict(waived), tuple(samples[-SAMPLES:]))


@dataclass(frozen=True)
class Finding:
    """A field that differs, and what that means."""

    field: str
    kind: Kind
    meaning: Meaning
    raw: int
    noise: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Summary:
    """``compared`` requests had both answers; for ``probed`` of them legacy was asked twice.

    ``results`` counts the requests by the worst class of their differences. ``skipped`` counts by reason those that
    were not mirrored. ``shapes``: the forms that requests of the route had, with how many came and how many of these
    were compared. ``since`` and ``until`` are UTC in ISO 8601, of the first and the last comparison. ``versions``:
    of the code that was compared.
    """

    compared: int = 0
    probed: int = 0
    results: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[tuple[str, Kind], Field] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    versions: tuple[str, ...] = ()

    @property
    def coverage(self) -> float:
        """The share of the shapes that came of which at least one request was compared; 1 where none came."""
        seen = sum(compared > 0 for _, compared in self.shapes.values())
        return seen / len(self.shapes) if self.shapes else 1.0

    def findings(self, today: date, rules: NoiseRules = DEFAULTS) -> tuple[Finding, ...]:
        """What each field's differences mean, the worst first, without what is waived on that day."""
        found = (self._finding(name, kind, counts, today, rules) for (name, kind), counts in self.fields.items())
        return tuple(sorted((one for one in found if one is not None), key=lambda one: (-one.kind.rank, one.field)))

    def count(self, kind: Kind, today: date, rules: NoiseRules = DEFAULTS) -> int:
        """How many fields of a class are findings."""
        return sum(one.kind is kind and one.meaning is Meaning.FINDING for one in self.findings(today, rules))

    def _finding(self, name: str, kind: Kind, field_: Field, today: date, rules: NoiseRules) -> Finding | None:
        raw = field_.counted(today)
        if raw == 0 or kind.rank < Kind.NOISE.rank:
            return None
        counts = Counts(raw, field_.noise, self.compared, self.probed)
        return Finding(name, kind, meaning(kind, counts, rules), raw, field_.noise, field_.samples)

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(
            self.compared + other.compared,
            self.probed + other.probed,
            _sum(self.results, other.results),
            _sum(self.skipped, other.skipped),
            _fields(self.fields, other.fields),
            _shapes(self.shapes, other.shapes),
            min(filter(None, (self.since, other.since)), default=""),
            max(self.until, other.until),
            tuple(sorted({*self.versions, *other.versions} - {""})),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "compared": self.compared,
            "probed": self.probed,
            "results": dict(self.results),
            "skipped": dict(self.skipped),
            "fields": [
                {"field": name, "class": kind.value, **_plain(counts)} for (name, kind), counts in self.fields.items()
            ],
            "shapes": {shape: list(counts) for shape, counts in self.shapes.items()},
            "since": self.since,
            "until": self.until,
            "versions": list(self.versions),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Summary":
        """What `to_json` gave; members that are missing are empty, others are passed over."""
        return cls(
            int(values.get("compared", 0)),
            int(values.get("probed", 0)),
            dict(values.get("results", {})),
            dict(values.get("skipped", {})),
            {(one["field"], Kind(one["class"])): _field(one) for one in values.get("fields", ())},
            {shape: (int(asked), int(compared)) for shape, (asked, compared) in values.get("shapes", {}).items()},
            str(values.get("since", "")),
            str(values.get("until", "")),
            tuple(values.get("versions", ())),
        )


def fitted(summary: Summary, length: int) -> Summary:
    """The summary with as many samples, then shapes, taken out as its JSON must lose to have ``length`` characters."""
    for samples, shapes in ((SAMPLES, SHAPES), (2, SHAPES), (1, SHAPES), (0, SHAPES), (0, SHAPES // 4), (0, 0)):
        found = replace(
            summary,
            fields={key: replace(one, samples=one.samples[:samples]) for key, one in summary.fields.items()},
            shapes=dict(list(summary.shapes.items())[:shapes]),
        )
        if len(json.dumps(found.to_json(), default=str)) <= length:
            break
    return found


class Stored(Protocol):
    """What a flag store keeps: evidence whose summary is `Summary.to_json`."""

    @property
    def summary(self) -> Mapping[str, Any]: ...


def total(evidences: Iterable[Stored]) -> Summary:
    """The summaries of several workers, or runs, as one."""
    return sum((Summary.from_json(one.summary) for one in evidences), Summary())


def _sum(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    both = Counter(left)
    both.update(right)
    return dict(both)


def _fields(
    left: Mapping[tuple[str, Kind], Field], right: Mapping[tuple[str, Kind], Field]
) -> dict[tuple[str, Kind], Field]:
    both = dict(left)
    for (name, kind), counts in right.items():
        key = (name, kind) if (name, kind) in both or len(both) < FIELDS else (OTHERS, kind)
        both[key] = both.get(key, Field()) + counts
    return both


def _shapes(left: Mapping[str, tuple[int, int]], right: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    both = dict(left)
    for shape, (asked, compared) in right.items():
        if shape in both or len(both) < SHAPES:
            before = both.get(shape, (0, 0))
            both[shape] = (before[0] + asked, before[1] + compared)
    return both


def _plain(counts: Field) -> dict[str, Any]:
    return {
        "raw": counts.raw,
        "noise": counts.noise,
        "waived": dict(counts.waived),
        "samples": [dict(sample) for sample in counts.samples],
    }


def _field(values: Mapping[str, Any]) -> Field:
    return Field(
        int(values.get("raw", 0)),
        int(values.get("noise", 0)),
        dict(values.get("waived", {})),
        tuple(values.get("samples", ())),
    )
