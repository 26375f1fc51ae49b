"""What the name of a film says, and the names that its folder and file get, as in 0.9. Pure.

0.9 took accents off their letters, and dropped long dashes before it looked for the artist; here letters stay whole.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple
from unicodedata import category, combining, normalize

from legacy_flask import file_names
from legacy_flask.video_film_rules import composed, extracted_title

_NO_BRACKET = r"[^\[\]()]*"
_SAID = rf"{_NO_BRACKET}(?:YouTube|Downloaded|Official{_NO_BRACKET}Video|Music{_NO_BRACKET}Video){_NO_BRACKET}"
_DAY = rf"\[{_NO_BRACKET}(?:\d{{4}}-\d\d-\d\d|\d{{8}}){_NO_BRACKET}\]"
_DROPPED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\[{_SAID}\]",
        rf"\({_SAID}\)",
        _DAY,
        r"\b(?:4K|1080p|720p|480p|HD|SD|UHD)\b",
        r"\b(?:mp4|avi|mkv|mov|wmv|flv|webm)\b",
    )
]
_LONG_DASH = re.compile(r"\s*[\u2013\u2014|]\s*|:\s+")
_CONJUNCTIONS = ("and", "&", "feat", "feat.", "with")
_TRIMMED = " -_|"
_LONGEST = 300
_WORDS = 4
_WORDS_WITH_CONJUNCTION = 6
_TITLE_LETTERS = 5


class Reading(NamedTuple):
    """One way to read a name."""

    artist: str
    title: str


def clean_name(name: str) -> str:
    """A file's name without noise, with its suffix."""
    path = PurePosixPath(name)
    return f"{clean_stem(path.stem) or 'unknown'}{path.suffix}"


def clean_stem(stem: str) -> str:
    text = composed(stem[:_LONGEST])
    for pattern in _DROPPED:
        text = pattern.sub("", text)
    if " - " not in text:
        text = _LONG_DASH.sub(" - ", text, count=1)
    text = re.sub(r"[^\w\s\-()\[\]&]", "", text)
    text = re.sub(r"\[\s*\]|\(\s*\)", "", text)
    return re.sub(r"\s+", " ", text).strip(_TRIMMED)


def ways_to_read(name: str, folder: str) -> tuple[list[Reading], Reading | None]:
    """Every way to read a name, the likeliest first, and the one to take where no artist is known."""
    stem = clean_stem(PurePosixPath(name).stem)
    ways = [
        _between(r"(.+?)\s+-+\s+(.+)", stem) or _between(r"(.+?)(?:\s+-+|-+\s+)(.+)", stem),
        Reading(composed(folder), extracted_title(stem, clean_stem(folder)) or stem) if folder and stem else None,
        _between(r"(.+?)-+(.+)", stem),
    ]
    found = [way for way in ways if way is not None]
    if found:
        return found, found[0]
    splits = _word_splits(stem.split(" "))
    guessed = (way for way in splits if way.title[:2].isalpha() and len(way.title) >= _TITLE_LETTERS)
    return splits[::-1], next(guessed, None)


def folder_name(artist: str) -> str:
    """An artist's folder, never empty and never a step up."""
    name = composed(artist)
    for char, other in (("/", "_"), ("\\", "_"), (":", " -"), ("*", ""), ("?", ""), ('"', "'")):
        name = name.replace(char, other)
    name = name.replace("<", "(").replace(">", ")").replace("|", "-")
    return file_names.folder_name(name)


def film_name(artist: str, title: str, suffix: str) -> str:
    """`<Artist> - <Title><ext>`"""
    return file_names.file_name(folder_name(artist), folder_name(title), suffix)


def has_its_name(name: str, artist: str, title: str) -> bool:
    """Whether a file is named for artist and title, as organising does it or changing the row; a copy has a number."""
    stem = PurePosixPath(composed(name)).stem
    names = film_name(artist, title, ""), file_names.file_name(composed(artist), composed(title), "")
    return any(re.fullmatch(re.escape(one) + r"(?: \(\d+\))?", stem) for one in names)


def folded(text: str) -> str:
    return composed(composed(text).casefold())


def bare(text: str) -> str:
    """The letters and digits of a name, without case and accents."""
    kept = []
    for char in normalize("NFKD", text.casefold()):
        is_vowel_sign = category(char).startswith("M") and not combining(char)
        if char.isalnum() or is_vowel_sign:
            kept.append(char)
    return "".join(kept)


def alike(text: str, others: Iterable[tuple[str, int]]) -> int | None:
    """The number of the text that is the same but for case, else but for accents and punctuation."""
    known = list(others)
    for other, number in known:
        if folded(other) == folded(text):
            return number
    wanted = bare(text)
    for other, number in known:
        if wanted and bare(other) == wanted:
            return number
    return None


def _between(pattern: str, stem: str) -> Reading | None:
    found = re.fullmatch(pattern, stem)
    if found is None:
        return None
    reading = Reading(found[1].strip(_TRIMMED), found[2].strip(_TRIMMED))
    return reading if bare(reading.artist) and bare(reading.title) else None


def _word_splits(words: list[str]) -> list[Reading]:
    """A few first words as the artist, the shortest first; `and` never ends or begins a part."""
    found = []
    is_joined = [word.lower() in _CONJUNCTIONS for word in words]
    for at in range(1, len(words) - 1):
        most = _WORDS_WITH_CONJUNCTION if any(is_joined[:at]) else _WORDS
        if at <= most and not is_joined[at] and not is_joined[at - 1]:
            found.append(Reading(" ".join(words[:at]), " ".join(words[at:])))
    return found
