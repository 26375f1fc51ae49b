"""The grammar of naming templates. Pure.

`{artist}/{title}[ ({year})]`: folders are separated by `/`, a word in braces is filled in, and what stands in brackets
is left out where one of its values is missing. `{{`, `}}`, `[[` and `]]` are the signs themselves.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from fastapi_app.naming import components
from fastapi_app.naming.tokens import NAMES
from fastapi_app.videos.films.titles import composed

DEFAULT = "{artist}/{title}"
LONGEST = 300
MOST_FOLDERS = 6
_PIECES = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{[^{}\[\]/]*\}|[\[\]{}/]|[^{}\[\]/]+")
_REFUSED = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_ESCAPED = {"{{": "{", "}}": "}", "[[": "[", "]]": "]"}
_SUFFIXES = frozenset({"ext", "extension", "suffix", "format"})


class TemplateInvalid(Exception):
    """The template can't name a film. `position` counts its characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class Value:
    """A word in braces."""

    name: str


Plain: TypeAlias = str | Value


@dataclass(frozen=True)
class Section:
    """What stands in brackets."""

    parts: tuple[Plain, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Its text, none where a value is missing."""
        is_whole = all(values[part.name].strip() for part in self.parts if isinstance(part, Value))
        return _filled(self.parts, values) if is_whole else ""


@dataclass(frozen=True)
class Template:
    """A template that was understood."""

    text: str
    parts: tuple[Plain | Section, ...]

    def path(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The folders below the library, and at last the name of a film without its suffix.

        A value that is missing outside brackets reads Unknown; a folder that is nothing but left out is none.
        """
        text = "".join(
            part.fill(values) if isinstance(part, Section) else _filled((part,), values) for part in self.parts
        )
        *folders, name = text.split("/")
        return (*(components.component(one) for one in folders if one.strip()), components.component(name))

    @property
    def begins_with_artist(self) -> bool:
        """Whether the first folder is the artist's, and nothing else."""
        return self.parts[:2] == (Value("artist"), "/")


@dataclass(frozen=True)
class _Piece:
    """A piece of a template's text at its place."""

    text: str
    at: int
    inside: bool
    """Whether it stands in brackets."""

    @property
    def value(self) -> str | None:
        """The word, where the piece is one in braces."""
        is_one = len(self.text) > 1 and self.text[0] == "{" and self.text not in _ESCAPED
        return self.text[1:-1] if is_one else None


def parse(text: str) -> Template:
    """Raises TemplateInvalid, which says what is wrong and where."""
    if len(text) > LONGEST:
        raise TemplateInvalid(f"A template has at most {LONGEST} characters", LONGEST)
    pieces = list(_pieces(text))
    for piece in pieces:
        _check_piece(piece)
    _check_names(text, pieces)
    return Template(text, tuple(_parts(pieces)))


def _filled(parts: Sequence[Plain], values: Mapping[str, str]) -> str:
    return "".join(components.value(values[part.name]) if isinstance(part, Value) else part for part in parts)


def _pieces(text: str) -> Iterator[_Piece]:
    """Every piece with its place, brackets included. Raises TemplateInvalid where they don't match."""
    opened: int | None = None
    for match in _PIECES.finditer(text):
        piece, at = match[0], match.start()
        if piece == "[":
            if opened is not None:
                raise TemplateInvalid("Brackets can't stand in brackets; [[ is the sign itself", at)
            opened = at
        elif piece == "]":
            if opened is None:
                raise TemplateInvalid("This ] closes nothing; ]] is the sign itself", at)
            if "{" not in text[opened:at].replace("{{", ""):
                raise TemplateInvalid("What stands in brackets needs a word in braces, like [ ({year})]", opened)
            opened = None
        elif piece in ("{", "}"):
            sign = "is not closed" if piece == "{" else "closes nothing"
            raise TemplateInvalid(f"This {piece} {sign}; {piece * 2} is the sign itself", at)
        yield _Piece(piece, at, opened is not None)
    if opened is not None:
        raise TemplateInvalid("This [ is not closed; [[ is the sign itself", opened)


def _check_piece(piece: _Piece) -> None:
    """Whether a word is known, and other text can be in a name. Raises TemplateInvalid."""
    name = piece.value
    if name is None:
        refused = _REFUSED.search(piece.text)
        if refused:
            hint = "Use / between folders" if refused[0] == "\\" else "Some file systems refuse this character"
            raise TemplateInvalid(hint, piece.at + refused.start())
    elif name in _SUFFIXES:
        raise TemplateInvalid(f"Leave {{{name}}} out: the suffix follows by itself", piece.at)
    elif name not in NAMES:
        close = get_close_matches(name.strip().lower(), NAMES, 1)
        hint = f"do you mean {{{close[0]}}}?" if close else f"there are {', '.join(NAMES)}"
        raise TemplateInvalid(f"There is no {{{name[:30]}}}: {hint}", piece.at)


def _check_names(text: str, pieces: Sequence[_Piece]) -> None:
    """Whether every folder and the file get a name. Raises TemplateInvalid."""
    if not any(piece.value == "title" and not piece.inside for piece in pieces):
        raise TemplateInvalid("A template needs {title} outside brackets: films would have the same name", len(text))
    names: list[list[_Piece]] = [[]]
    slashes = [piece.at for piece in pieces if piece.text == "/"]
    if len(slashes) > MOST_FOLDERS:
        raise TemplateInvalid(f"A template has at most {MOST_FOLDERS} folders", slashes[MOST_FOLDERS])
    for piece in pieces:
        if piece.text == "/":
            names.append([])
        elif piece.text not in ("[", "]"):
            names[-1].append(piece)
    for number, (name, end) in enumerate(zip(names, [*slashes, len(text)], strict=True)):
        _check_name(name, end, is_first=number == 0, is_last=number == len(names) - 1)


def _check_name(name: Sequence[_Piece], end: int, *, is_first: bool, is_last: bool) -> None:
    if not name:
        why = "A template begins below the library" if is_first else "A folder needs a name"
        raise TemplateInvalid("The last part is the name of the film" if is_last else why, end)
    if is_last and all(piece.inside for piece in name):
        raise TemplateInvalid("The name of the film needs something outside brackets", name[0].at)
    head, tail = name[0], name[-1]
    if head.value is None and not head.inside and head.text[0] in ". ":
        raise TemplateInvalid("A name can't begin with a dot or a space", head.at)
    if tail.value is None and not tail.inside and tail.text[-1] in ". ":
        raise TemplateInvalid(
            "A name can't end with a dot or a space: Windows drops them", tail.at + len(tail.text) - 1
        )


def _parts(pieces: Sequence[_Piece]) -> Iterator[Plain | Section]:
    section: list[Plain] = []
    for piece in pieces:
        name = piece.value
        part: Plain = Value(name) if name is not None else composed(_ESCAPED.get(piece.text, piece.text))
        if piece.text == "]":
            yield Section(tuple(section))
            section = []
        elif piece.text != "[":
            if piece.inside:
                section.append(part)
            else:
                yield part
