"""Pure: how far the move has come, as a file that may only get shorter."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from migration_flags import Snapshot, Stage, evaluate
from router.errors import RouterError
from router.row import Owner, Row

FILE = "strangler-ratchet.json"
DONE = frozenset({Stage.MODERN, Stage.RETIRED})


class RatchetMissing(RouterError):
    """There is nothing to compare with."""

    def __init__(self, file: str) -> None:
        super().__init__(f"There is no {file} yet: `strangler status --record` writes it. Commit it.")


class RatchetUnreadable(RouterError):
    """The file is not one that `Ratchet.text` wrote."""

    def __init__(self, file: str) -> None:
        super().__init__(
            f"{file} can't be read as a ratchet: take it from version control again, or write a new one with "
            "`strangler status --record --allow-increase`."
        )


class RatchetRefused(RouterError):
    """More is left to do than was recorded."""


@dataclass(frozen=True, slots=True)
class Ratchet:
    """``only_legacy`` are keys without a modern handler. ``below_modern`` are the stages of those that have both and
    have not arrived; None where no store could be read."""

    only_legacy: frozenset[str]
    below_modern: Mapping[str, Stage] | None

    @property
    def text(self) -> str:
        """The file: sorted, a line for each route."""
        below = {key: stage.value for key, stage in sorted((self.below_modern or {}).items())}
        content = {"only_legacy": sorted(self.only_legacy), "below_modern": below}
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Increase:
    """A route with more left to do than recorded, and in which way."""

    route: str
    why: str

    def __str__(self) -> str:
        return f"{self.route}: {self.why}"


def read_ratchet(text: str, file: str) -> Ratchet:
    """Raises `RatchetUnreadable`."""
    try:
        content = json.loads(text)
        below = {str(key): Stage(stage) for key, stage in content["below_modern"].items()}
        return Ratchet(frozenset(map(str, content["only_legacy"])), below)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RatchetUnreadable(file) from None


def present(rows: Iterable[Row], snapshot: Snapshot | None) -> Ratchet:
    """The ratchet of a table. ``snapshot`` None: the code alone is known."""
    known = [row for row in rows if not row.unmatched]
    below = None
    if snapshot is not None:
        stages = {row.key: evaluate(snapshot, row.key).stage for row in known if row.owner is Owner.BOTH}
        below = {key: stage for key, stage in stages.items() if stage not in DONE}
    return Ratchet(frozenset(row.key for row in known if row.owner is Owner.LEGACY), below)


def increases(recorded: Ratchet, now: Ratchet) -> tuple[Increase, ...]:
    """Every route with more left to do now, by key."""
    return tuple(sorted([*_code(recorded, now), *_stages(recorded, now)], key=lambda one: one.route))


def _code(recorded: Ratchet, now: Ratchet) -> Iterator[Increase]:
    before = recorded.below_modern or {}
    for key in now.only_legacy - recorded.only_legacy:
        lost = "lost its modern handler"
        yield Increase(key, lost if key in before else f"was added to legacy, or {lost}")


def _stages(recorded: Ratchet, now: Ratchet) -> Iterator[Increase]:
    before = recorded.below_modern or {}
    for key, stage in (now.below_modern or {}).items():
        if key in recorded.only_legacy:
            continue  # it got its modern handler since: that is less to do
        if key not in before:
            yield Increase(key, f"is at {stage.value}, and was not below modern")
        elif stage.rank < before[key].rank:
            yield Increase(key, f"fell back from {before[key].value} to {stage.value}")


def merged(recorded: Ratchet | None, now: Ratchet) -> Ratchet:
    """What is to be recorded: now, with the recorded stages where no store could be read."""
    if now.below_modern is not None or recorded is None:
        return now
    kept = {key: stage for key, stage in (recorded.below_modern or {}).items() if key not in now.only_legacy}
    return Ratchet(now.only_legacy, kept)
