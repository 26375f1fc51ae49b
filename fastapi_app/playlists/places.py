"""Where entries stand: numbers with room between them, so that a move writes one row. Pure."""

from dataclasses import dataclass

STEP = 2**20
"""The room that a new last entry leaves: twenty moves into one gap halve it away."""


@dataclass(frozen=True)
class Neighbour:
    """An entry next to a place. Entries at the same position are in the order of their ids."""

    position: int
    entry_id: int


def between(before: Neighbour | None, after: Neighbour | None, count: int) -> list[int] | None:
    """`count` rising positions between two neighbours; None stands for an end of the playlist.

    None where there is no room: then everything from `after` on must move up by `room(count)` first.
    """
    if after is None:
        start = before.position if before else 0
        return [start + STEP * number for number in range(1, count + 1)]
    start = before.position if before else after.position - room(count)
    step = (after.position - start) // (count + 1)
    return [start + step * number for number in range(1, count + 1)] if step > 0 else None


def room(count: int) -> int:
    """The distance between two neighbours that `count` entries fit well into."""
    return STEP * (count + 1)
