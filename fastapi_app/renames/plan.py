"""Which film gets which name, and in which order they move. Pure.

No two films share a name but for its suffix, in the eyes of a file system that is blind to case: what lies beside a
film is named after it.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fastapi_app.naming.aim import Aim
from fastapi_app.naming.components import key

_NUMBERED = re.compile(r"(.+) \((\d{1,3})\)")
_MOST_NAMES = 1000


@dataclass(frozen=True)
class Film:
    """A film: its stored path, which begins with `home`, the library as this row spells it, and where it belongs.

    One that is `fixed` stays where it is.
    """

    video_id: int
    home: str
    stored: str
    aim: Aim
    fixed: bool = False

    @property
    def claim(self) -> str:
        """What nobody else may have while the film is where it is."""
        return claim_of(self.home, self.stored)

    @property
    def suffix(self) -> str:
        return self.stored[len(stem_of(self.stored)) :]

    @property
    def number(self) -> int | None:
        """0 where it has its name already, n where it is the n-th more of that name, None for another name."""
        wanted, now = claim_of(self.home, self.aim.stored(self.suffix)), self.claim
        if now == wanted:
            return 0
        match = _NUMBERED.fullmatch(now)
        return int(match[2]) if match and match[1] == wanted else None


@dataclass(frozen=True)
class Move:
    """A film that gets another name. Stored paths, both below `home`."""

    video_id: int
    home: str
    old: str
    new: str


def stem_of(stored: str) -> str:
    """A path without its suffix: what its companions are named after."""
    folder, slash, name = stored.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{stem}" if dot and stem else stored


def claim_of(home: str, stored: str) -> str:
    """One text for all names below the library that share their companions, however a row spells the library."""
    return key(stem_of(stored)[len(home) :])


def moves(films: Sequence[Film]) -> list[Move]:
    """The films that get another name, in the order in which they can have it. The others keep theirs."""
    names = _assigned(films)
    wanted = (Move(film.video_id, film.home, film.stored, name) for film, name in zip(films, names, strict=True))
    return list(ordered([move for move in wanted if move.new != move.old]))


def _assigned(films: Sequence[Film]) -> list[str]:
    """The name of each. Who has a name keeps it; of several who want one, the first gets it, the others a number."""
    names: dict[int, str] = {}
    taken: set[str] = set()

    def take(place: int, stored: str) -> bool:
        claim = claim_of(films[place].home, stored)
        if claim in taken:
            return False
        taken.add(claim)
        names[place] = stored
        return True

    numbers = [film.number for film in films]
    for place, film in enumerate(films):
        if film.fixed:
            taken.add(film.claim)
            names[place] = film.stored
    settled = (place for place, number in enumerate(numbers) if number == 0 and place not in names)
    for place in sorted(settled, key=lambda one: films[one].stored != films[one].aim.stored(films[one].suffix)):
        take(place, films[place].aim.stored(films[place].suffix))
    rest = (place for place in range(len(films)) if place not in names)
    for place in sorted(rest, key=lambda one: numbers[one] or _MOST_NAMES):
        film, own = films[place], numbers[place] or 0
        candidates = (0, *([own] if own else []), *range(1, _MOST_NAMES))
        if not any(take(place, film.aim.stored(film.suffix, number)) for number in candidates):
            names[place] = film.stored
    return [names[place] for place in range(len(films))]


def ordered(found: Sequence[Move]) -> Iterator[Move]:
    """Each after those whose name it gets. In a circle somebody begins, and whoever has that name must step aside."""
    at: dict[str, list[int]] = {}
    for number, move in enumerate(found):
        at.setdefault(claim_of(move.home, move.old), []).append(number)
    waits_for = [
        {one for one in at.get(claim_of(move.home, move.new), ()) if one != number} for number, move in enumerate(found)
    ]
    followers: dict[int, list[int]] = {}
    for number, others in enumerate(waits_for):
        for other in others:
            followers.setdefault(other, []).append(number)
    left = dict.fromkeys(range(len(found)))
    ready = deque(number for number in left if not waits_for[number])
    while left:
        number = ready.popleft() if ready else next(iter(left))
        if number not in left:
            continue
        del left[number]
        yield found[number]
        ready.extendleft(_freed(number, followers, waits_for))


def _freed(number: int, followers: dict[int, list[int]], waits_for: list[set[int]]) -> Iterable[int]:
    """Those that waited for this one last."""
    for follower in followers.get(number, ()):
        waits_for[follower].discard(number)
        if not waits_for[follower]:
            yield follower
