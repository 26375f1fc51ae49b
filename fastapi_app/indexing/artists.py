"""The artists of the library, found by what the names of files make of their names. Pure."""

from collections.abc import Iterable

from fastapi_app.indexing.names import Reading, Readings, folder_name, key
from fastapi_app.models import Artist
from fastapi_app.transaction import Record
from fastapi_app.videos.films.titles import folded


class Artists:
    """Rows by name, and the new ones that films need. The oldest of several alike counts."""

    def __init__(self, rows: Iterable[Record]) -> None:
        self._exact: dict[str, int | Artist] = {}
        self._alike: dict[str, int | Artist] = {}
        self._names: dict[int, str] = {}
        self._new: list[tuple[str, Artist]] = []
        for row in rows:
            self._names[row.id] = row.name
            self._add(row.name, row.id)

    def known(self, name: str) -> int | Artist | None:
        """The artist of this name: the same but for case, else but for accents and punctuation."""
        rest = key(name)
        return self._exact.get(folded(name)) or (self._alike.get(rest) if rest else None)

    def choose(self, readings: Readings) -> Reading | None:
        """The first reading whose artist is known, else the likely one."""
        return next((one for one in readings.possible if self.known(one.artist) is not None), readings.likely)

    def name_of(self, reading: Reading) -> str:
        """The artist's name as the row has it, where there is one."""
        found = self.known(reading.artist)
        return found.name if isinstance(found, Artist) else self._names.get(found or 0, reading.artist)

    def id_of(self, reading: Reading | None) -> int | None:
        found = self.known(reading.artist) if reading is not None else None
        return found if isinstance(found, int) else None

    def make(self, reading: Reading, library: str) -> Artist:
        """A new row, known from now on."""
        name = folder_name(reading.artist)
        artist = Artist(name=name, monitored=True, folder_path=f"{library}/{name}")
        self._add(reading.artist, artist)
        self._new.append((reading.artist, artist))
        return artist

    def settle(self) -> None:
        """New rows have ids by now, and are known by them."""
        for name, artist in self._new:
            self._names[artist.id] = artist.name
            self._exact[folded(name)] = artist.id
            if self._alike.get(key(name)) is artist:
                self._alike[key(name)] = artist.id
        self._new.clear()

    def _add(self, name: str, artist: int | Artist) -> None:
        self._exact.setdefault(folded(name), artist)
        if rest := key(name):
            self._alike.setdefault(rest, artist)
