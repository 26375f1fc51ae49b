"""Pure: whether a store is the one that was known before, and not behind what was known."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Birth:
    """An epoch, and the names of the stores that led to it: one, or more after a repair. None: an empty store."""

    epoch: int = 0
    names: tuple[str, ...] = ()

    def follows(self, known: "Birth") -> bool:
        """Whether somebody who knows that one may go on with this one."""
        if not known.names:
            return True
        return self.epoch >= known.epoch and bool(set(self.names) & set(known.names))


def born(found: Birth, known: Birth, token: Callable[[], str]) -> tuple[str, ...]:
    """The names that a store carries after a change: those it has, and those whose memory repairs it."""
    return tuple(dict.fromkeys((*found.names, *known.names))) or (token(),)


def marked(birth: Birth) -> str:
    """As it is kept for those who poll."""
    return " ".join((str(birth.epoch), *birth.names))
