"""What MvTV is asked to play, and how an address says it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi_app import fields
from fastapi_app.errors import BadField

USUAL = 20
MOST = 50
LONGEST_NAME = 255
NEWEST = "newest"
FIRST_DECADE = 1890


class Side(StrEnum):
    """Which films of the order are asked for, seen from one of them."""

    AT = "at"
    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True)
class Cursor:
    """A film in the order, whether or not it can still be played, and a side of it."""

    side: Side
    video_id: int


@dataclass(frozen=True)
class Filters:
    """What may be played: films of this artist, this genre, the ten years from `decade` on, this playlist."""

    artist: str = ""
    genre: str = ""
    decade: int | None = None
    playlist: int | None = None

    @property
    def is_narrow(self) -> bool:
        return self != Filters()

    def pairs(self) -> dict[str, str]:
        """As an address says them; what is open is left out."""
        told = {"artist": self.artist, "genre": self.genre, "decade": self.decade, "playlist": self.playlist}
        return {name: str(value) for name, value in told.items() if value}


@dataclass(frozen=True)
class Wish:
    """What to play, and from where. Without a seed the newest come first."""

    filters: Filters = field(default_factory=Filters)
    seed: int | None = None
    cursor: Cursor | None = None
    limit: int = USUAL

    def query(self, **more: Any) -> str:
        """The address of this order, beginning with `?`. An order without a seed is said, too: none means any seed."""
        order = {"seed": self.seed} if self.seed else {"order": NEWEST}
        return "?" + urlencode({**self.filters.pairs(), **order, **more})


def wish(values: Mapping[str, str]) -> Wish:
    """What the query of the API asks for. Raises BadField."""
    return Wish(filters(values), _number(values, "seed"), _cursor(values), _limit(values.get("limit", "")))


def filters(values: Mapping[str, str]) -> Filters:
    """Raises BadField."""
    return Filters(
        artist=_name(values, "artist"),
        genre=_name(values, "genre"),
        decade=_decade(values.get("decade", "")),
        playlist=_number(values, "playlist"),
    )


def lenient(values: Mapping[str, str], seed: int) -> Wish:
    """What the address of the page asks for: nonsense counts as absent. `seed` serves where none is told."""
    kept = {name: values[name] for name in ("artist", "genre", "decade", "playlist", "seed") if name in values}
    if film := values.get("film"):
        kept["at"] = film
    while True:
        try:
            found = wish(kept)
        except BadField as wrong:
            del kept[wrong.field]
        else:
            break
    ordered = values.get("order") == NEWEST
    return Wish(found.filters, None if ordered else found.seed or seed, found.cursor)


def decades(year: int) -> list[int]:
    """Those a film may be of in this year, the latest first."""
    return list(range(year // 10 * 10, 1950 - 1, -10))


def _name(values: Mapping[str, str], name: str) -> str:
    return fields.text(values.get(name, ""), name, LONGEST_NAME).strip()


def _decade(text: str) -> int | None:
    if not text:
        return None
    decade = fields.query_integer(text, "decade", least=FIRST_DECADE)
    if decade % 10:
        raise BadField("decade", "the first year of a decade, as 1990")
    return decade


def _number(values: Mapping[str, str], name: str) -> int | None:
    return fields.query_integer(values[name], name, least=1) if values.get(name) else None


def _cursor(values: Mapping[str, str]) -> Cursor | None:
    told = [side for side in Side if values.get(side)]
    if len(told) > 1:
        raise BadField(told[-1], f"left out beside {told[0]}")
    return Cursor(told[0], fields.query_integer(values[told[0]], told[0], least=1)) if told else None


def _limit(text: str) -> int:
    limit = fields.query_integer(text, "limit", least=1) if text else USUAL
    if limit > MOST:
        raise BadField("limit", f"a number from 1 to {MOST}")
    return limit
