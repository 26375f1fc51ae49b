"""Which pages there are, and where in them the visitor stands."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Paging:
    """A page of `size` rows out of `matched` rows. `page` is between 1 and `pages`."""

    matched: int
    page: int
    size: int

    @classmethod
    def of(cls, matched: int, page: int, size: int) -> Self:
        """The asked page, or the last one where the asked one is beyond the end."""
        pages = max(1, -(-matched // size))
        return cls(matched, min(page, pages), size)

    @property
    def pages(self) -> int:
        return max(1, -(-self.matched // self.size))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        """Number of the first row on the page, counted from 1; 0 when there is none."""
        return self.offset + 1 if self.matched else 0

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.matched)

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None

    @property
    def numbers(self) -> list[int | None]:
        """Page numbers worth showing: both ends and the neighbours; None stands for a gap."""
        near = {1, self.pages, self.page - 1, self.page, self.page + 1}
        shown: list[int | None] = []
        previous = 0
        for number in sorted(number for number in near if 1 <= number <= self.pages):
            if number - previous == 2:
                shown.append(number - 1)
            elif number - previous > 2:
                shown.append(None)
            shown.append(number)
            previous = number
        return shown
