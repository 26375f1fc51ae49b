"""The order of a shuffle: the same for the same seed, and computed by the database itself. Pure."""

from dataclasses import dataclass
from typing import Any, Self

PRIME = 2**31 - 1
"""The largest id there is. The product of two smaller numbers fits into the integers of both databases."""

MOST_SEED = 2**31 - 2


@dataclass(frozen=True)
class Shuffle:
    """Gives every id a number; the films stand in the order of these numbers, equal ones in that of their ids."""

    factor: int
    shift: int

    @classmethod
    def of(cls, seed: int) -> Self:
        """`seed` is between 1 and `MOST_SEED`."""
        return cls(1 + (seed * 1_103_515_245 + 12_345) % (PRIME - 1), seed * 48_271 % PRIME)

    def key(self, video_id: Any) -> Any:
        """The number of an id; of a column of ids the expression.

        A line through the ids alone would lead from neighbours to neighbours, time after time: hence the square.
        """
        mixed = (video_id * self.factor + self.shift) % PRIME
        return mixed * mixed % PRIME
