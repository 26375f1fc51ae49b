"""Pure: what a worker tells the others about its routes, in its beat, and what it reads in theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from migration_flags.flag import JSON
from router.rollback.likelihood import RATIOS, START, Logs

NAME = "rollback"
"""Where in a worker's facts they are."""
LEFT = "left"
"""True in the facts of a worker that stopped: it serves no more, so nobody need wait for it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One worker's counts for one route, since the flag had its present ``epoch``."""

    epoch: int
    candidate: tuple[int, int]
    control: tuple[int, int]
    faults: Logs = START
    refusals: Logs = START

    def told(self) -> JSON:
        """Short, for hundreds of them go out every two seconds."""
        counts: list[JSON] = [self.epoch, *self.candidate, *self.control]
        return [*counts, *([_rounded(self.faults), _rounded(self.refusals)] if self._has_logs else [])]

    @property
    def _has_logs(self) -> bool:
        return self.faults != START or self.refusals != START


def read(facts: Mapping[str, JSON], key: str) -> Fact | None:
    """What a worker says of a route. None: nothing, or nothing that can be understood."""
    routes = facts.get(NAME)
    told = routes.get(key) if isinstance(routes, Mapping) else None
    if not isinstance(told, list | tuple) or len(told) not in {5, 7}:
        return None
    numbers = [one for one in told if isinstance(one, int) and one >= 0]
    logs = [_logs(one) for one in told[5:]] or [START, START]
    if len(numbers) < 5 or any(one is None for one in logs):
        return None
    faults, refusals = (one or START for one in logs)
    return Fact(numbers[0], (numbers[1], numbers[2]), (numbers[3], numbers[4]), faults, refusals)


def total(facts: Iterable[Fact], epoch: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Requests and faults of the candidate, and of the control, over all workers at that epoch."""
    present = [one for one in facts if one.epoch == epoch]
    candidate = sum(one.candidate[0] for one in present), sum(one.candidate[1] for one in present)
    return candidate, (sum(one.control[0] for one in present), sum(one.control[1] for one in present))


def _logs(told: JSON) -> Logs | None:
    if not isinstance(told, list | tuple) or len(told) != len(RATIOS):
        return None
    numbers = tuple(float(one) for one in told if isinstance(one, int | float) and isfinite(one))
    return numbers if len(numbers) == len(RATIOS) else None


def _rounded(logs: Logs) -> JSON:
    return [round(one, 3) for one in logs]
