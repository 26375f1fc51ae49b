"""Videos as IMVDb describes them, and which of them the library does not have. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fastapi_app.models import INTEGER_MAX, sort_key

SOURCE = "imvdb"
TITLE_LENGTH = 500
URL_LENGTH = 500
_UNKNOWN = "Unknown"
_MOST_DIRECTORS = 50
_LONGEST_ID = 18
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_YOUTUBE = "https://www.youtube.com/watch?v="
_PAGE = "https://imvdb.com/video/"


@dataclass(frozen=True)
class Finding:
    """One video on IMVDb. `title` names the artist, too; `url` is the film on YouTube, else the page on IMVDb."""

    imvdb_id: int
    title: str
    song_title: str
    year: int | None
    directors: list[str]
    thumbnail_url: str | None
    url: str
    source: str = SOURCE

    @property
    def youtube_id(self) -> str | None:
        return self.url.removeprefix(_YOUTUBE) if self.url.startswith(_YOUTUBE) else None

    def shown(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Known:
    """What the library has of an artist: ids, titles as the database compares them, and addresses."""

    imvdb_ids: frozenset[str]
    titles: frozenset[str]
    urls: frozenset[str]


def known(rows: Iterable[Any], artist_id: int) -> Known:
    """From rows with the columns of `queries.known`; those of other artists count by their id alone."""
    found = list(rows)
    own = [row for row in found if row.artist_id == artist_id]
    films = {f"{_YOUTUBE}{row.youtube_id}" for row in own if row.youtube_id}
    return Known(
        frozenset(row.imvdb_id for row in found if row.imvdb_id),
        frozenset(sort_key(row.title) for row in own),
        frozenset(url for row in own for url in (row.url, row.youtube_url) if url) | films,
    )


def findings(results: Iterable[Any], artist_name: str) -> list[Finding]:
    """The results that are this artist's own videos. What can't be read or stored is left out."""
    read = (_finding(result, artist_name) for result in results if _is_by(result, artist_name))
    return [finding for finding in read if finding is not None]


def fresh(found: Iterable[Finding], library: Known) -> list[Finding]:
    """Those that the library lacks, each once."""
    ids, titles, urls = set(library.imvdb_ids), set(library.titles), set(library.urls)
    kept: list[Finding] = []
    for finding in found:
        row_id, title = str(finding.imvdb_id), sort_key(finding.title)
        if row_id not in ids and title not in titles and finding.url not in urls:
            kept.append(finding)
            ids.add(row_id)
            titles.add(title)
            urls.add(finding.url)
    return kept


def _is_by(result: Any, artist_name: str) -> bool:
    """Whether the artist is one of those that IMVDb names; a part of a name is another artist."""
    if not isinstance(result, dict):
        return False
    named = result.get("artists", result.get("artist"))
    artists: Sequence[Any] = named if isinstance(named, list) else [named]
    names = (_text(one.get("name") if isinstance(one, dict) else one) for one in artists)
    return sort_key(artist_name.strip()) in {sort_key(name) for name in names if name}


def _finding(result: dict[str, Any], artist_name: str) -> Finding | None:
    imvdb_id = _number(result.get("id"), 10**_LONGEST_ID)
    song = _text(result.get("song_title")) or _UNKNOWN
    title = f"{artist_name} - {song}"
    if not imvdb_id or len(title) > TITLE_LENGTH:
        return None
    return Finding(
        imvdb_id=imvdb_id,
        title=title,
        song_title=song,
        year=_number(result.get("year"), INTEGER_MAX),
        directors=_directors(result.get("directors")),
        thumbnail_url=_picture(result.get("image")),
        url=_film(result.get("sources")) or f"{_PAGE}{imvdb_id}",
    )


def _text(value: Any) -> str:
    """A name; IMVDb writes titles like 1999 as numbers. Empty for anything that is none, or can't be stored."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INTEGER_MAX:
        return str(value)
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        return ""
    return value.strip()


def _number(value: Any, most: int) -> int | None:
    """A whole number above 0, or digits that spell one."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value <= most else None


def _directors(value: Any) -> list[str]:
    credits_ = value if isinstance(value, list) else []
    names = (
        _text(one.get("entity_name", one.get("name")) if isinstance(one, dict) else one)
        for one in credits_[:_MOST_DIRECTORS]
    )
    return [name[:TITLE_LENGTH] for name in names if name]


def _picture(value: Any) -> str | None:
    """The large one of the sizes that IMVDb has."""
    address = _text(value.get("l")) if isinstance(value, dict) else ""
    return address if address.startswith(("https://", "http://")) and len(address) <= URL_LENGTH else None


def _film(value: Any) -> str | None:
    for source in value if isinstance(value, list) else []:
        if isinstance(source, dict) and source.get("source") == "youtube":
            youtube_id = _text(source.get("source_data"))
            if _YOUTUBE_ID.fullmatch(youtube_id):
                return f"{_YOUTUBE}{youtube_id}"
    return None
