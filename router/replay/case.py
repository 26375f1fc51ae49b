"""Pure: what is asked to see one mismatch, and which simpler things might show it too."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from router.comparison.mismatch import Kind, Mismatch, folded
from router.comparison.waiver import Waiver, unwaived
from router.parity.agreement import ROWS, Agreement
from router.parity.recording import Recording
from router.parity.run import key_of
from router.replay.asking import Outcome
from router.replay.edits import simpler, subsets
from router.replay.line import as_line
from router.table import RouteTable

Case = tuple[Recording, ...]
"""Requests in their order. The last one's answers differ; or the rows after all of them."""
_FEW = 3
"""So many requests are simplified one by one."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Found:
    """A class and a field of a mismatch on one route, and a case that shows it. ``request`` is its name in the corpus.

    ``field`` leaves the places in lists open.
    """

    route: str
    field: str
    kind: Kind
    request: str
    case: Case

    @property
    def is_read(self) -> bool:
        """Whether asking leaves the data as they were."""
        return len(self.case) == 1 and self.case[0].method in _READS

    def shows(self, outcome: Outcome, waivers: Sequence[Waiver], today: date, last: int = -1) -> bool:
        """Whether the same field differs in the same way. ``last`` is the place of the case's last request."""
        found = outcome.rows if self.route == ROWS else outcome.answers[last]
        return any((folded(one.field), one.kind) == (self.field, self.kind) for one in unwaived(found, waivers, today))

    def simpler(self, case: Case, table: RouteTable) -> Iterator[Case]:
        """Fewer requests, and requests that say less. The last one stays on its route."""
        fixed = 0 if self.route == ROWS else 1
        droppable, rest = case[: len(case) - fixed], case[len(case) - fixed :]
        for kept in subsets(droppable):
            if kept or rest:
                yield (*kept, *rest)
        if len(case) <= _FEW:
            for place, one in enumerate(case):
                for changed in simpler(one):
                    if key_of(table, changed) == key_of(table, one):
                        yield (*case[:place], changed, *case[place + 1 :])


def text_of(case: Case) -> str:
    """The case as lines of a corpus."""
    return "\n".join(map(as_line, case))


def found_in(agreements: Sequence[Agreement], recordings: Sequence[Recording]) -> list[Found]:
    """Each route's mismatches, those that agree in field and kind as one: that whose case is smallest.

    Of each kind of a route one comes before any second: a list that is sorted otherwise differs in every field.
    """
    named = {one.id: one for one in recordings}
    smallest: dict[tuple[str, str, Kind], Found] = {}
    for route in agreements:
        for mismatch in route.mismatches:
            one = _found(route.route, mismatch, named, recordings)
            if one is None:
                continue
            key = (one.route, one.field, one.kind)
            if key not in smallest or len(text_of(one.case)) < len(text_of(smallest[key].case)):
                smallest[key] = one
    turns: Counter[tuple[str, Kind]] = Counter()
    ranked: list[tuple[int, Found]] = []
    for one in smallest.values():
        ranked.append((turns[one.route, one.kind], one))
        turns[one.route, one.kind] += 1
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


def _found(
    route: str, mismatch: Mismatch, named: dict[str, Recording], recordings: Sequence[Recording]
) -> Found | None:
    if route == ROWS:
        case = tuple(one for one in recordings if one.method not in _READS or one.sequence)
    elif mismatch.request in named:
        case = _up_to(named[mismatch.request], recordings)
    else:
        return None
    return Found(route, folded(mismatch.field), mismatch.kind, mismatch.request, case) if case else None


def _up_to(last: Recording, recordings: Sequence[Recording]) -> Case:
    """The request with the steps of its sequence before it."""
    if not last.sequence:
        return (last,)
    before = [one for one in recordings if one.sequence == last.sequence and one.step < last.step]
    return (*sorted(before, key=lambda one: one.step), last)
