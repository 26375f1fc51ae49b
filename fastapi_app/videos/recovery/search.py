"""Looking for films that are not where their rows say. It blocks; call it in a thread."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fastapi_app.media.paths import Roots
from fastapi_app.transaction import Record
from fastapi_app.videos.films.folders import LIBRARY, Film, Shelf, films_in, is_gone, is_nameable, open_shelf
from fastapi_app.videos.films.titles import is_film_of

DOWNLOADS = "data/downloads"


@dataclass(frozen=True)
class Missing:
    """A video whose film is gone from `stored`, and the files that may be it, the likeliest first."""

    video_id: int
    stored: str
    candidates: tuple[str, ...]


@dataclass
class Searcher:
    """The folders in which films may have landed, each listed once."""

    roots: Roots
    shelves: Sequence[Shelf]
    _films: dict[str, list[Film]] = field(default_factory=dict)

    @classmethod
    def at(cls, roots: Roots, downloads: str | None) -> "Searcher":
        """Downloads first, where 0.9 looked, and then the library, where it saved."""
        opened = (open_shelf(roots, stored) for stored in dict.fromkeys((downloads or DOWNLOADS, LIBRARY)))
        return cls(roots, [shelf for shelf in opened if shelf is not None])

    def missing(self, rows: Iterable[Record]) -> list[Missing]:
        return [
            Missing(row.id, row.local_path, tuple(self._candidates(row)))
            for row in rows
            if is_gone(self.roots, row.local_path)
        ]

    def _candidates(self, row: Record) -> Iterator[str]:
        if row.artist_name is None:
            return
        rated = [
            (-is_film_of(row.title, row.youtube_id, row.artist_name, film.name), film.stored)
            for shelf in self.shelves
            for folder in shelf.folders_of(row.artist_name)
            for film in self._films_of(folder)
        ]
        yield from (stored for rank, stored in sorted(rated, key=_rank) if rank)

    def _films_of(self, folder: str) -> list[Film]:
        if folder not in self._films:
            try:
                self._films[folder] = [film for film in films_in(self.roots, folder) if is_nameable(film)]
            except OSError:
                self._films[folder] = []
        return self._films[folder]


def _rank(rated: tuple[int, str]) -> int:
    return rated[0]
