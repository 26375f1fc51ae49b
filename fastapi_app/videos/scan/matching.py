"""The films in artists' folders and the rows they may belong to. It blocks; call it in a thread."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi_app.transaction import Record
from fastapi_app.videos.films.folders import Film, Shelf, films_in, is_gone, is_nameable, same_file
from fastapi_app.videos.films.titles import title_in
from fastapi_app.videos.scan.rules import video_of

UNREADABLE = "The folder can't be read"
UNNAMEABLE = "The name of the file is not text, or too long"


@dataclass(frozen=True)
class Match:
    """A film that its artist's rows don't name, and the row that it seems to belong to."""

    artist: Record
    film: Film
    title: str
    video: Record | None
    wants_film: bool
    """Whether that row has no film of its own, or certainly has lost it."""

    def told(self) -> dict[str, Any]:
        video = self.video
        return {
            "artist_id": self.artist.id,
            "artist_name": self.artist.name,
            "file_path": self.film.stored,
            "filename": self.film.name,
            "extracted_title": self.title,
            "file_size": self.film.size,
            "existing_video_id": video.id if video else None,
            "existing_video_title": video.title if video else None,
            "existing_status": video.status if video else None,
            "existing_local_path": video.local_path if video else None,
        }


@dataclass
class Findings:
    """What a scan found, and what it could not look at."""

    matches: list[Match] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)


def films_by_artist(shelf: Shelf, artists: Sequence[Record], findings: Findings) -> dict[int, list[Film]]:
    """The films of every artist that has any."""
    found = {artist.id: list(_films(shelf, artist, findings)) for artist in artists}
    return {artist_id: films for artist_id, films in found.items() if films}


def match(
    shelf: Shelf,
    artists: Sequence[Record],
    films: Mapping[int, Sequence[Film]],
    videos: Mapping[int, Sequence[Record]],
    findings: Findings,
) -> None:
    """Adds the films of `artists` that their videos don't name."""
    for artist in artists:
        rows = videos[artist.id]
        named = {same_file(shelf.roots, row.local_path) for row in rows if row.local_path}
        for film in films[artist.id]:
            if same_file(shelf.roots, film.stored) not in named:
                findings.matches.append(_match(shelf, artist, film, rows))


def _match(shelf: Shelf, artist: Record, film: Film, rows: Sequence[Record]) -> Match:
    title = title_in(film.stem, artist.name)
    video = video_of(title, rows)
    wants = video is not None and (not video.local_path or is_gone(shelf.roots, video.local_path))
    return Match(artist, film, title, video, wants)


def _films(shelf: Shelf, artist: Record, findings: Findings) -> Iterator[Film]:
    for folder in shelf.folders_of(artist.name):
        try:
            films = films_in(shelf.roots, folder)
        except OSError:
            findings.errors.append({"artist": artist.name, "error": UNREADABLE})
            continue
        for film in films:
            if is_nameable(film):
                yield film
            else:
                name = film.name.encode("utf-8", "backslashreplace").decode("utf-8")
                findings.errors.append({"artist": artist.name, "file": name, "error": UNNAMEABLE})
