"""Pure: from a thing that shows something, to a small one that still does, by asking as little as may be."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Shrunk(Generic[T]):
    """``is_minimal``: every simpler thing was asked, and none shows it. Else the questions ran out."""

    thing: T
    questions: int
    is_minimal: bool


def shrinking(
    first: T, simpler: Callable[[T], Iterable[T]], text: Callable[[T], str], questions: int
) -> Generator[list[T], list[bool], Shrunk[T]]:
    """Yields what to ask; is sent, for each from the first, whether it shows the same. The rest may be left out.

    Sent nothing at all, it ends: then nobody can be asked any more.
    ``text`` tells things apart: a shorter one is simpler, of equally long ones the first in the alphabet. Terminates:
    every round that goes on found something simpler.
    """
    best, asked = first, {text(first)}
    left = questions
    while True:
        rank = _rank(text(best))
        new = {text(one): one for one in simpler(best)}
        ranked = sorted((name for name in new if name not in asked and _rank(name) < rank), key=_rank)
        if not ranked or not left:
            return Shrunk(best, questions - left, not ranked)
        answers = yield [new[name] for name in ranked[:left]]
        if not answers:
            return Shrunk(best, questions - left, False)
        told = ranked[: len(answers)]
        left -= len(told)
        asked.update(told)
        holding = [name for name, holds in zip(told, answers, strict=True) if holds]
        if holding:
            best = new[holding[0]]


def _rank(text: str) -> tuple[int, str]:
    return len(text), text
