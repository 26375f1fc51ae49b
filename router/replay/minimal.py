"""Reduces every mismatch, with a bounded number of questions."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, islice

from router.comparison.waiver import Waiver
from router.parity.recording import Recording
from router.replay.asking import Asker, Outcome
from router.replay.case import Case, Found, text_of
from router.replay.shrinking import Shrunk, shrinking
from router.table import RouteTable


@dataclass(frozen=True)
class ShrinkLimits:
    """``mismatches`` are shrunk, with ``questions`` each; both sides are asked at most ``rounds`` times in all.

    What only reads is asked many at once; what writes, one case at a time, as every case needs new copies.
    """

    mismatches: int = 10
    questions: int = 400
    rounds: int = 60


@dataclass(frozen=True)
class Minimal:
    """``is_reproduced``: the case alone shows the mismatch. If not, it depends on what else was asked, or on chance.

    ``is_minimal``: nothing simpler shows it; else questions or rounds ran out.
    """

    found: Found
    case: Case
    questions: int
    is_reproduced: bool
    is_minimal: bool


class Search:
    """One mismatch while it is reduced: ``batch`` is what to ask next, empty once there is a ``result``."""

    def __init__(self, found: Found, table: RouteTable, questions: int) -> None:
        self.found = found
        self.batch: list[Case] = [found.case]
        self.result = Minimal(found, found.case, 0, False, False)
        self._table = table
        self._questions = questions
        self._steps: Generator[list[Case], list[bool], Shrunk[Case]] | None = None

    def tell(self, answers: list[bool]) -> None:
        """Whether the first cases of the batch show the mismatch. None at all: nothing more can be asked."""
        try:
            if self._steps is not None:
                self.batch = self._steps.send(answers)
            elif any(answers):
                self._steps = shrinking(self.found.case, self._simpler, text_of, self._questions)
                self.batch = next(self._steps)
            else:
                self.batch = []
        except StopIteration as end:
            shrunk: Shrunk[Case] = end.value
            self.result = Minimal(self.found, shrunk.thing, shrunk.questions, True, shrunk.is_minimal)
            self.batch = []

    def _simpler(self, case: Case) -> Iterator[Case]:
        return self.found.simpler(case, self._table)


class Shrinker:
    """``asker`` has been used: it knows the routes. ``waivers`` are those that hold on the day ``today``."""

    def __init__(self, asker: Asker, waivers: Sequence[Waiver], today: date, limits: ShrinkLimits) -> None:
        self._asker = asker
        self._waivers = waivers
        self._today = today
        self._limits = limits
        self._rounds = limits.rounds

    def minimal(self, found: Sequence[Found]) -> list[Minimal]:
        """As they were given; beyond the limit none."""
        chosen = found[: self._limits.mismatches]
        searches = [Search(one, self._asker.table, self._limits.questions) for one in chosen]
        self._together([one for one in searches if one.found.is_read])
        for search in searches:
            if not search.found.is_read:
                self._alone(search)
        return [one.result for one in searches]

    def _together(self, searches: Sequence[Search]) -> None:
        """Cases that only read do not disturb each other: each round asks those of every mismatch at once."""
        while running := [one for one in searches if one.batch]:
            outcome = self._ask([case[-1] for one in running for case in one.batch])
            places = count()
            for search in running:
                numbers = list(islice(places, len(search.batch)))
                search.tell([self._shows(search, outcome, place) for place in numbers] if outcome else [])

    def _alone(self, search: Search) -> None:
        """What writes is asked one case at a time, until one shows the mismatch."""
        while search.batch:
            answers: list[bool] = []
            for case in search.batch:
                if not self._rounds or True in answers:
                    break
                outcome = self._ask(case)
                answers.append(outcome is not None and self._shows(search, outcome, -1))
            search.tell(answers)

    def _shows(self, search: Search, outcome: Outcome, place: int) -> bool:
        return search.found.shows(outcome, self._waivers, self._today, place)

    def _ask(self, recordings: Sequence[Recording]) -> Outcome | None:
        if not self._rounds:
            return None
        self._rounds -= 1
        return self._asker.ask(recordings)
