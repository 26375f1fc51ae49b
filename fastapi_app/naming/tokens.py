"""What a template may name. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi_app.videos.films.titles import composed

OTHERS = "#"
"""The letter of an artist whose name begins with none."""


@dataclass(frozen=True)
class Token:
    """A word between braces."""

    name: str
    description: str
    example: str


TOKENS = (
    Token("artist", "The artist", "Björk"),
    Token("title", "The title of the video", "Jóga"),
    Token("year", "The year of release", "1997"),
    Token("quality", "The height of the picture", "1080p"),
    Token("genre", "The first genre", "Electronic"),
    Token("director", "The first director", "Michel Gondry"),
    Token("youtube_id", "The id on YouTube", "dQw4w9WgXcQ"),
    Token("imvdb_id", "The id on IMVDb", "121779770452"),
    Token("artist_first_letter", f"The first letter of the artist, {OTHERS} for a digit or a sign", "B"),
)
NAMES = tuple(token.name for token in TOKENS)
EXAMPLE: Mapping[str, str] = {token.name: token.example for token in TOKENS}


@dataclass(frozen=True)
class Facts:
    """What a video's row says, as far as names are concerned. `genres` and `directors` are JSON of any shape."""

    artist: str
    title: str
    year: int | None = None
    quality: str | None = None
    genres: Any = None
    directors: Any = None
    youtube_id: str | None = None
    imvdb_id: str | None = None

    def values(self) -> dict[str, str]:
        """The text of every token; empty where nothing is known."""
        return {
            "artist": self.artist,
            "title": self.title,
            "year": str(self.year) if self.year else "",
            "quality": self.quality or "",
            "genre": first(self.genres),
            "director": first(self.directors),
            "youtube_id": self.youtube_id or "",
            "imvdb_id": self.imvdb_id or "",
            "artist_first_letter": first_letter(self.artist),
        }


def texts(stored: Any) -> list[str]:
    """The names in a JSON column: a list of texts or of objects with a name, or one text with commas."""
    if isinstance(stored, str):
        stored = stored.split(",")
    if not isinstance(stored, list):
        return []
    named = (one.get("name") or one.get("entity_name") if isinstance(one, dict) else one for one in stored)
    return [one.strip() for one in named if isinstance(one, str) and one.strip()]


def first(stored: Any) -> str:
    """The first of those names, or an empty text."""
    return next(iter(texts(stored)), "")


def first_letter(artist: str) -> str:
    """A capital letter, without accents where it is a Latin one."""
    start = composed(artist).strip()[:1]
    plain = unicodedata.normalize("NFKD", start)[:1]
    letter = plain if plain.isascii() else start
    return letter.upper()[:1] if letter.isalpha() else OTHERS
