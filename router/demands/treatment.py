"""Pure: how an answer treats who asks, and whether modern is laxer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from router.comparison.answer import Answer

NOBODY = "nobody"
_REFUSALS = frozenset({401, 403, 407})


class Treatment(IntEnum):
    """The higher, the more closed. What failed inside was let in, as far as anybody can tell."""

    LET_IN = 0
    SENT_AWAY = 1
    REFUSED = 2


def treatment(answer: Answer) -> Treatment:
    if answer.status in _REFUSALS:
        return Treatment.REFUSED
    return Treatment.SENT_AWAY if 300 <= answer.status < 400 and answer.status != 304 else Treatment.LET_IN


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a probe. ``label`` is who asks."""

    key: str
    method: str
    target: str
    label: str = NOBODY

    def __str__(self) -> str:
        return f"{self.method} {self.target} as {self.label}"


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found of one route. The sentences name the requests; ``undecided`` counts where legacy failed."""

    key: str
    asked: int
    laxer: tuple[str, ...] = ()
    stricter: tuple[str, ...] = ()
    undecided: int = 0


def judge(asks: Iterable[Ask], control: Mapping[Ask, Answer], candidate: Mapping[Ask, Answer]) -> list[Probed]:
    """One finding per route, by key."""
    by_key: dict[str, list[Ask]] = {}
    for ask in asks:
        by_key.setdefault(ask.key, []).append(ask)
    return [_probed(key, by_key[key], control, candidate) for key in sorted(by_key)]


def _probed(key: str, asks: list[Ask], control: Mapping[Ask, Answer], candidate: Mapping[Ask, Answer]) -> Probed:
    laxer, stricter, undecided = [], [], 0
    for ask in asks:
        left, right = control[ask], candidate[ask]
        if left.status >= 500:
            undecided += 1
            continue
        text = f"{ask}: {left.status} on legacy, {right.status} on modern"
        if treatment(right) < treatment(left):
            laxer.append(text)
        elif treatment(right) > treatment(left):
            stricter.append(text)
    return Probed(key, len(asks), tuple(laxer), tuple(stricter), undecided)
