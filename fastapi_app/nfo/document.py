"""The text of an NFO file as Kodi, Jellyfin and Emby read it. Pure: the same facts are the same bytes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape, quoteattr

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Facts:
    """What is known of a video. `seconds` is its length; `thumb` an address of its picture."""

    title: str
    artists: Sequence[str]
    album: str = ""
    plot: str = ""
    directors: Sequence[str] = ()
    genres: Sequence[str] = ()
    tags: Sequence[str] = ()
    studio: str = ""
    premiered: date | None = None
    year: int | None = None
    seconds: int | None = None
    thumb: str = ""
    youtube_id: str = ""
    imvdb_id: str = ""


def document(facts: Facts) -> bytes:
    """The whole file, but for the mark at its end."""
    lines = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', "<musicvideo>"]
    lines += [f"  {line}" for line in _elements(facts)]
    return "\n".join([*lines, "</musicvideo>", ""]).encode("utf-8")


def clean(text: str) -> str:
    """`text` without the characters that XML can't hold."""
    return _NOT_XML.sub("", text).strip()


def _elements(facts: Facts) -> Iterator[str]:
    yield from _element("title", facts.title or "Unknown")
    yield from _each("artist", facts.artists)
    yield from _element("album", facts.album)
    yield from _element("plot", facts.plot)
    yield from _each("director", facts.directors)
    yield from _each("genre", facts.genres)
    yield from _each("tag", facts.tags)
    yield from _element("studio", facts.studio)
    yield from _element("premiered", facts.premiered.isoformat() if facts.premiered else "")
    yield from _element("year", str(facts.year or (facts.premiered.year if facts.premiered else "")))
    yield from _element("runtime", str(max(round(facts.seconds / 60), 1)) if facts.seconds else "")
    yield from _element("thumb", facts.thumb, aspect="poster")
    ids = [(kind, text) for kind, text in (("imvdb", facts.imvdb_id), ("youtube", facts.youtube_id)) if text]
    for number, (kind, text) in enumerate(ids):
        yield from _element("uniqueid", text, type=kind, default="true" if number == 0 else "false")


def _each(name: str, texts: Sequence[str]) -> Iterator[str]:
    for text in dict.fromkeys(texts):
        yield from _element(name, text)


def _element(name: str, text: str, **attributes: str) -> Iterator[str]:
    """One line, none for an empty text."""
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    if content := clean(text):
        yield f"<{name}{said}>{escape(content)}</{name}>"
