"""Reading in which order a client steps from artist to artist. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """As the client said it; what is unknown means the name, ascending."""

    sort: str
    direction: str

    @property
    def descending(self) -> bool:
        return self.direction.lower() == "desc"


def order(query: Mapping[str, str]) -> Order:
    return Order(query.get("sort", "name"), query.get("order", "asc"))
