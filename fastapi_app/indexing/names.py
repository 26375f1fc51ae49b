"""What the name of a film says about artist and title, and the names that its folder and file get. Pure.

0.9 took names apart into letters and accents, and dropped what it did not know before it looked for the artist; here
they stay composed, and a dash between spaces counts before one inside a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from fastapi_app.videos import rules
from fastapi_app.videos.films.titles import composed, folded, title_in

_KIND = r"(?:4K|1080p|720p|480p|HD|SD|UHD)"
_INSIDE = r"[^\[\]()]*"
_BOAST = rf"(?:YouTube|Downloaded|Official{_INSIDE}Video|Music{_INSIDE}Video)"
_NOISE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\[{_INSIDE}{_BOAST}{_INSIDE}\]",
        rf"\({_INSIDE}{_BOAST}{_INSIDE}\)",
        rf"\[{_INSIDE}(?:\d{{4}}-\d\d-\d\d|\d{{8}}){_INSIDE}\]",
        rf"\b{_KIND}\b",
        r"\b(?:mp4|avi|mkv|mov|wmv|flv|webm)\b",
    )
)
_OTHER_DASHES = re.compile(r"\s*[\u2013\u2014|]\s*|:\s+")
_REFUSED = re.compile(r"[^\w\s\-()\[\]&]")
_EMPTY = re.compile(r"\[\s*\]|\(\s*\)")
_SPACES = re.compile(r"\s+")
_DASH = re.compile(r"(.+?)\s+-+\s+(.+)")
_HALF_DASH = re.compile(r"(.+?)(?:\s+-+|-+\s+)(.+)")
_HYPHEN = re.compile(r"(.+?)-+(.+)")
_EDGES = " -_|"
_UNKNOWN = "unknown"
_JOINS = frozenset({"and", "&", "feat", "feat.", "with"})
_MOST_WORDS = 4
_MOST_JOINED_WORDS = 6
_SHORTEST_TITLE = 5
_LONGEST_STEM = 300
_REPLACED = str.maketrans(
    {"/": "_", "\\": "_", ":": " -", "*": "", "?": "", '"': "'", "<": "(", ">": ")", "|": "-"},
)


@dataclass(frozen=True)
class Reading:
    """One way to read the name of a film."""

    artist: str
    title: str


@dataclass(frozen=True)
class Readings:
    """The ways to read a name, the likeliest first; and the one that counts where no artist in them is known."""

    possible: tuple[Reading, ...]
    likely: Reading | None


def cleaned(name: str) -> str:
    """The name of a file without what platforms and people add to it; its suffix stays."""
    path = PurePosixPath(name)
    return (tidied(path.stem) or _UNKNOWN) + path.suffix


def tidied(stem: str) -> str:
    """Text without noise and punctuation, composed."""
    text = composed(stem[:_LONGEST_STEM])
    for noise in _NOISE:
        text = noise.sub("", text)
    if " - " not in text:
        text = _OTHER_DASHES.sub(" - ", text, count=1)
    text = _EMPTY.sub("", _REFUSED.sub("", text))
    return _SPACES.sub(" ", text).strip(_EDGES)


def readings(name: str, folder: str = "") -> Readings:
    """How the name of a file can be read, in an artist's `folder` or in none."""
    stem = tidied(PurePosixPath(name).stem)
    dashed, hyphened = _separated(stem, _DASH, _HALF_DASH), _separated(stem, _HYPHEN)
    shelved = Reading(composed(folder), title_in(stem, tidied(folder)) or stem) if folder and stem else None
    possible = [one for one in (dashed, shelved, hyphened) if one is not None]
    if possible:
        return Readings(tuple(possible), possible[0])
    splits = list(_splits(stem))
    return Readings(tuple(reversed(splits)), _guess(splits))


def folder_name(artist: str) -> str:
    """The folder of an artist as 0.9 named it. Never empty, never a step up."""
    return rules.clean(composed(artist).translate(_REPLACED)).strip(". ") or "Unknown"


def file_name(artist: str, title: str, suffix: str) -> str:
    """`<Artist> - <Title><ext>`, as 0.9 named what it organised."""
    return rules.file_name(folder_name(artist), folder_name(title), suffix)


def is_settled(name: str, artist: str, title: str) -> bool:
    """Whether a file has a name that it was given for this artist and title: here, or when its row was changed;
    perhaps with the number of a second copy.
    """
    path = PurePosixPath(composed(name))
    given = (file_name(artist, title, ""), rules.file_name(composed(artist), composed(title), ""))
    return any(re.fullmatch(rf"{re.escape(one)}(?: \(\d+\))?", path.stem) for one in given)


def key(text: str) -> str:
    """What stays of a name in any spelling: its letters and digits, without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if char.isalnum() or _is_vowel(char))


def same(text: str, others: Iterable[tuple[str, int]]) -> int | None:
    """The number of the first text that is the same but for case, else but for accents and punctuation."""
    known = list(others)
    whole, rest = folded(text), key(text)
    exact = (number for other, number in known if folded(other) == whole)
    alike = (number for other, number in known if rest and key(other) == rest)
    return next(exact, None) or next(alike, None)


def _separated(stem: str, *patterns: re.Pattern[str]) -> Reading | None:
    found = next((match for pattern in patterns if (match := pattern.fullmatch(stem))), None)
    if found is None:
        return None
    artist, title = found[1].strip(_EDGES), found[2].strip(_EDGES)
    return Reading(artist, title) if key(artist) and key(title) else None


def _splits(stem: str) -> Iterator[Reading]:
    """The names that a few first words may be, the shortest first. `Simon and Garfield` is one."""
    words = stem.split(" ")
    for count in range(1, len(words) - 1):
        if words[count].lower() in _JOINS or words[count - 1].lower() in _JOINS:
            continue
        is_joined = any(word.lower() in _JOINS for word in words[:count])
        title = " ".join(words[count:])
        if count <= (_MOST_JOINED_WORDS if is_joined else _MOST_WORDS):
            yield Reading(" ".join(words[:count]), title)


def _guess(splits: Iterable[Reading]) -> Reading | None:
    """The split that 0.9 would have made: the shortest artist before a title that begins with letters."""
    return next((one for one in splits if one.title[:2].isalpha() and len(one.title) >= _SHORTEST_TITLE), None)


def _is_vowel(char: str) -> bool:
    """A mark that is no accent but a letter of its own, as in Devanagari."""
    return unicodedata.category(char)[0] == "M" and not unicodedata.combining(char)
