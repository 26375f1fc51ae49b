"""A playlist as a file for other players. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

MEDIA_TYPE = "application/vnd.apple.mpegurl"


@dataclass(frozen=True)
class Film:
    """One line. `seconds` is None where nobody knows the length."""

    title: str
    artist: str | None
    seconds: int | None
    address: str


def written(name: str, films: Iterable[Film]) -> str:
    """The file as text, each line ended. Line ends in names become blanks: a line is what players take apart."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_line(name)}"]
    for film in films:
        said = f"{film.artist} - {film.title}" if film.artist else film.title
        lines += [f"#EXTINF:{film.seconds or -1},{_line(said)}", film.address]
    return "\n".join(lines) + "\n"


def file_name(name: str) -> str:
    """What the file is called when it is stored."""
    kept = "".join(char if char.isalnum() or char in " -_." else "_" for char in name).strip(" .")
    return f"{kept or 'playlist'}.m3u8"


def _line(text: str) -> str:
    return " ".join(text.split())
