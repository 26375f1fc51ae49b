"""Comparisons of one route, counted as they come, in bounded memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from router.comparison.field_waiver import FieldWaiver, applied
from router.comparison.mismatch import Kind, Mismatch, folded, worst
from router.comparison.noise import Counts, Meaning, meaning
from router.comparison.redaction import Redactor
from router.comparison.summary import FIELDS, OTHERS, SAMPLES, SHAPES, Field, Finding, Sample, Summary
from router.comparison.waiver import Waiver, waived_until

_NAME = 200
"""Characters of a field that are kept."""


@dataclass
class Budget:
    """How many more fields all ledgers together may keep."""

    left: int = 5_000


@dataclass
class _Tally:
    raw: int = 0
    noise: int = 0
    waived: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    def frozen(self) -> Field:
        return Field(self.raw, self.noise, dict(self.waived), tuple(self.samples))


class Ledger:
    """``waivers`` accept some mismatches; what is kept of the others passes the ``redactor`` first.

    ``accepted`` gives the route's waivers that were made meanwhile. What they accept is counted all the same, for they
    may be taken back; it only makes no request worse.
    """

    def __init__(
        self,
        waivers: Sequence[Waiver] = (),
        redactor: Redactor | None = None,
        budget: Budget | None = None,
        accepted: Callable[[], Sequence[FieldWaiver]] = tuple,
    ) -> None:
        self._waivers = waivers
        self._accepted = accepted
        self._redactor = redactor or Redactor()
        self._budget = budget or Budget()
        self.compared = 0
        self.probed = 0
        self.results: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self._fields: dict[tuple[str, Kind], _Tally] = {}
        self._shapes: dict[str, list[int]] = {}
        self._since = ""
        self._until = ""

    def compare(self, mismatches: Iterable[Mismatch], at: datetime, target: str = "") -> Kind:
        """Counts one comparison, at a moment in UTC; returns its class, waived mismatches left out."""
        moment = at.isoformat(timespec="seconds")
        self.compared += 1
        counted: list[Mismatch] = []
        for (name, kind), places in _by_field(mismatches).items():
            tally = self._tally(name, kind)
            days = [waived_until(one, self._waivers, at.date()) for one in places]
            if None not in days:
                tally.waived[min(filter(None, days)).isoformat()] += 1
                continue
            one = places[days.index(None)]
            tally.raw += 1
            is_noise = self._meaning(kind, tally) is Meaning.NOISE
            if not self._is_accepted(name, kind, at.date()):
                counted.append(replace(one, kind=Kind.NOISE) if is_noise else one)
            if len(tally.samples) < SAMPLES and kind is not Kind.CANONICAL:
                tally.samples.append(self._sample(one, moment, target))
        result = worst(counted)
        self.results[result.value] += 1
        self._since = self._since or moment
        self._until = moment
        return result

    def probe(self, mismatches: Iterable[Mismatch]) -> None:
        """Counts in which fields legacy differs from itself."""
        self.probed += 1
        for name, kind in _by_field(mismatches):
            self._tally(name, kind).noise += 1

    def skip(self, why: str) -> None:
        self.skipped[why] += 1

    def came(self, shape: str) -> None:
        """A request of this shape came, mirrored or not."""
        self._shape(shape)[0] += 1

    def covered(self, shape: str) -> None:
        """A request of this shape was compared."""
        self._shape(shape)[1] += 1

    def summary(self, version: str = "") -> Summary:
        """What was counted so far. Any thread may ask."""
        return Summary(
            self.compared,
            self.probed,
            dict(self.results),
            dict(self.skipped),
            {key: tally.frozen() for key, tally in self._fields.copy().items()},
            {shape: (asked, compared) for shape, (asked, compared) in self._shapes.copy().items()},
            self._since,
            self._until,
            (version,) if version else (),
        )

    def findings(self, today: date) -> tuple[Finding, ...]:
        """What differs, without what is waived on that day, from wherever. Any thread may ask."""
        return applied(self.summary(), self._accepted(), today).findings(today)

    def _is_accepted(self, name: str, kind: Kind, today: date) -> bool:
        waivers = self._accepted()
        if not waivers:
            return False
        field_ = self._redactor.text(name[:_NAME])
        return any(one.holds(today) and one.accepts(field_, kind) for one in waivers)

    def _meaning(self, kind: Kind, tally: _Tally) -> Meaning:
        if kind.rank < Kind.NOISE.rank:
            return Meaning.FINDING
        return meaning(kind, Counts(tally.raw, tally.noise, self.compared, self.probed))

    def _sample(self, one: Mismatch, moment: str, target: str) -> Sample:
        control, candidate = self._redactor.sample(one.field, one.control, one.candidate)
        return {"control": control, "candidate": candidate, "target": target, "at": moment}

    def _tally(self, name: str, kind: Kind) -> _Tally:
        key = (self._redactor.text(name[:_NAME]), kind)
        if key not in self._fields:
            if len(self._fields) >= FIELDS or self._budget.left <= 0:
                return self._fields.setdefault((OTHERS, kind), _Tally())
            self._budget.left -= 1
            self._fields[key] = _Tally()
        return self._fields[key]

    def _shape(self, shape: str) -> list[int]:
        if shape in self._shapes or len(self._shapes) < SHAPES:
            return self._shapes.setdefault(shape, [0, 0])
        return [0, 0]


def _by_field(mismatches: Iterable[Mismatch]) -> dict[tuple[str, Kind], list[Mismatch]]:
    """A list that differs in every row differs in one field."""
    found: dict[tuple[str, Kind], list[Mismatch]] = {}
    for one in mismatches:
        found.setdefault((folded(one.field), one.kind), []).append(one)
    return found
