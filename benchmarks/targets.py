"""Pure: what was measured, held against what was promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.generator import Outcome


@dataclass(frozen=True)
class Cell:
    """One contender at one kind of load: every round's outcome, and how busy the server kept its core (0 to 1)."""

    load: str
    contender: str
    rounds: tuple[Outcome, ...]
    server_busy: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests per second, the median of the rounds."""
        return median(outcome.rate for outcome in self.rounds)


Cells = Mapping[tuple[str, str], Cell]
"""By load and contender."""


@dataclass(frozen=True)
class Ratio:
    """How much more one contender answered than another: the median of the rounds, and the rounds' extremes.

    Rounds are compared one by one: what the machine did to a round, it did to both.
    """

    load: str
    ours: str
    control: str
    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Verdict:
    """One promise. ``unit`` follows the figures; ``holds`` compares the median."""

    promise: str
    found: str
    target: str
    holds: bool


def ratio(cells: Cells, load: str, ours: str, controls: Sequence[str]) -> Ratio:
    """Ours against the fastest of the controls."""
    control = max((cells[load, name] for name in controls if (load, name) in cells), key=lambda cell: cell.rate)
    pairs = zip(cells[load, ours].rounds, control.rounds, strict=True)
    found = [mine.rate / theirs.rate for mine, theirs in pairs]
    return Ratio(load, ours, control.contender, median(found), min(found), max(found))


def at_least(found: Ratio, target: float) -> Verdict:
    """That a ratio reaches its target."""
    spread = f"{found.median:.2f}× ({found.least:.2f} to {found.most:.2f})"
    promise = f"{found.load}: {found.ours} vs {found.control}"
    return Verdict(promise, spread, f"≥ {target:g}×", found.median >= target)


def at_most(promise: str, microseconds: float, target: float) -> Verdict:
    """That a cost stays below its target."""
    return Verdict(promise, f"{microseconds:.1f} µs", f"≤ {target:g} µs", microseconds <= target)


BUSY_SERVER = 0.9
BUSY_GENERATOR = 0.8
LATE = 1.0
NOISE = 0.1
DRIFT = 0.05


def doubts(cells: Cells, drift: Ratio, opinion: Ratio | None, load_before: float) -> list[str]:
    """Why the figures should not be believed, in sentences. None of these: an empty list.

    ``drift`` is the control against itself; ``opinion`` the generator against wrk, where there is one;
    ``load_before`` the machine's load average before anything was started.
    """
    found = []
    if load_before > 0.5:
        found.append(f"The machine was not quiet: load average {load_before:.1f} before the first server was started.")
    if abs(drift.median - 1) > DRIFT:
        spread = f"{drift.median:.2f}× ({drift.least:.2f} to {drift.most:.2f})"
        found.append(f"{drift.control} against itself came out at {spread}.")
    if opinion is not None and abs(opinion.median - 1) > NOISE:
        found.append(f"{opinion.ours} found {opinion.median:.2f}× of what {opinion.control} found.")
    for cell in cells.values():
        found += _doubts_of(cell)
    return found


def _doubts_of(cell: Cell) -> list[str]:
    name = f"{cell.load}, {cell.contender}"
    if cell.load.endswith("/s"):
        late = median(outcome.late_p99 for outcome in cell.rounds)
        return [f"{name}: the generator sent 1 % more than {late:.1f} ms late."] if late > LATE else []
    found = []
    if median(cell.server_busy) < BUSY_SERVER:
        found.append(f"{name}: the server used {median(cell.server_busy):.0%} of its core: it waited, or shared it.")
    if median(outcome.busy for outcome in cell.rounds) > BUSY_GENERATOR:
        found.append(f"{name}: the generator was too busy to tell.")
    return found
