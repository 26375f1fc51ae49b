"""Pure: a path template, read from any framework's syntax into one value.

A template is literals and parameters. It is matched segment by segment (`Step`); a parameter that may hold slashes
takes the whole rest of the path with it (a tail).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import inf
from unicodedata import decimal


class Kind(IntEnum):
    """What a step accepts."""

    LITERAL = 0
    MIXED = 1
    CONVERTER = 2
    STRING = 3
    TAIL = 4


_PRECEDENCE = {Kind.CONVERTER: 50, Kind.STRING: 100, Kind.TAIL: 200}


@dataclass(frozen=True)
class Converter:
    """What a parameter accepts: a full match of ``pattern``, and of ``check`` (None: all of those).

    ``spans`` tells that it may hold slashes. ``words`` are all that it accepts, where that is a short list.
    ``precedence`` ranks it among others at one place, the lower first; None means by its kind. ``checked_from`` is the
    length of a text, in characters, from which on the check says more than the pattern. ``numeric``: digits of any
    script are read as the number that they write.
    """

    name: str
    pattern: str
    spans: bool = False
    check: Callable[[str], bool] | None = None
    words: frozenset[str] | None = None
    precedence: int | None = None
    checked_from: int = 0
    numeric: bool = False

    @property
    def kind(self) -> Kind:
        if self.spans:
            return Kind.TAIL
        return Kind.STRING if self.pattern == STRING.pattern and self.check is None else Kind.CONVERTER

    @property
    def weight(self) -> int:
        return _PRECEDENCE[self.kind] if self.precedence is None else self.precedence


STRING = Converter("string", "[^/]+")
CONVERTERS = {
    "string": STRING,
    "str": STRING,
    "int": Converter("int", r"\d+"),
    "float": Converter("float", r"\d+\.\d+"),
    "uuid": Converter("uuid", "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"),
    "path": Converter("path", ".*", spans=True),
}


@dataclass(frozen=True)
class Parameter:
    name: str
    converter: Converter


Piece = str | Parameter
Order = tuple[int, tuple[tuple[int, int], ...], int, tuple[int, ...]]


@dataclass(frozen=True)
class Step:
    """One segment, or a tail. ``text`` is the literal, or the pattern.

    ``order`` ranks steps at one place, the lower first, as Werkzeug ranks them: more literal pieces, then longer ones,
    then more parameters, then narrower ones. What it accepts begins with ``prefix`` and ends with ``suffix``.
    """

    kind: Kind
    text: str
    accepts: Callable[[str], object]
    order: Order
    prefix: str = ""
    suffix: str = ""
    words: frozenset[str] | None = None
    pieces: tuple[Piece, ...] = ()

    @property
    def pattern(self) -> str:
        return re.escape(self.text) if self.kind is Kind.LITERAL else self.text


@dataclass(frozen=True)
class Template:
    """A path template. Two templates of one shape differ in parameter names and converters only."""

    pieces: tuple[Piece, ...]

    @cached_property
    def text(self) -> str:
        """In the ``{name}`` syntax, without converters."""
        return "".join(piece if isinstance(piece, str) else f"{{{piece.name}}}" for piece in self.pieces)

    @cached_property
    def full_text(self) -> str:
        """In the ``{name:converter}`` syntax."""
        return "".join(_full(piece) for piece in self.pieces)

    @cached_property
    def shape(self) -> str:
        return "".join(piece if isinstance(piece, str) else _hole(piece) for piece in self.pieces)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Parameter))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        first, *others = self.pieces
        return tuple(_steps([str(first).removeprefix("/"), *others]))

    @cached_property
    def ends_in_slash(self) -> bool:
        last = self.pieces[-1]
        return isinstance(last, str) and last.endswith("/")

    @cached_property
    def checked_from(self) -> float:
        """The length of a path from which on a converter may say more than its pattern."""
        return min((one.converter.checked_from for one in self.parameters if one.converter.check), default=inf)

    def accepts(self, path: str) -> bool:
        found = self._match(path)
        if found is None:
            return False
        checks = (parameter.converter.check for parameter in self.parameters)
        return all(check is None or check(found[f"_{number}"]) for number, check in enumerate(checks))

    def texts(self, path: str) -> dict[str, str]:
        """What stands at each parameter's place, of a path that is accepted."""
        found = self._match(path)
        return {} if found is None else {one.name: found[f"_{number}"] for number, one in enumerate(self.parameters)}

    @cached_property
    def is_numeric(self) -> bool:
        """Whether a converter reads numbers."""
        return any(parameter.converter.numeric for parameter in self.parameters)

    def with_ascii_digits(self, path: str) -> str:
        """The path, with its numbers written as other frameworks read them too."""
        found = self._match(path)
        if found is None:
            return path
        for number, parameter in enumerate(self.parameters):
            if parameter.converter.numeric:
                start, end = found.span(f"_{number}")
                digits = "".join(str(decimal(sign)) if sign.isdecimal() else sign for sign in path[start:end])
                path = path[:start] + digits + path[end:]
        return path

    @cached_property
    def _match(self) -> Callable[[str], re.Match[str] | None]:
        return re.compile("/" + "/".join(step.pattern for step in self.steps)).fullmatch


_GIVEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z_][A-Za-z0-9_]*))?\}")


def parse(text: str) -> Template:
    """``/videos/{id:int}`` with the standard converters. Raises `KeyError` for an unknown one."""
    return read(text, _GIVEN, lambda match: Parameter(match[1], CONVERTERS[match[2] or "string"]))


def read(text: str, syntax: re.Pattern[str], parameter: Callable[[re.Match[str]], Parameter]) -> Template:
    """A template from any syntax: ``parameter`` reads what ``syntax`` finds, the rest is literal."""
    pieces: list[Piece] = []
    end = 0
    for match in syntax.finditer(text):
        pieces += [text[end : match.start()], parameter(match)]
        end = match.end()
    pieces.append(text[end:])
    return Template(tuple(piece for piece in pieces if piece != ""))


def _full(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    if piece.converter.kind is Kind.STRING:
        return f"{{{piece.name}}}"
    return f"{{{piece.name}:{piece.converter.name}}}"


def _hole(parameter: Parameter) -> str:
    return "{*}" if parameter.converter.spans else "{}"


def _steps(pieces: Iterable[Piece]) -> Iterator[Step]:
    """The pieces, cut at every slash up to the first parameter that spans slashes."""
    segment: list[Piece] = []
    spanning, counted = False, 0
    for piece in pieces:
        if isinstance(piece, Parameter) or spanning:
            spanning = spanning or (isinstance(piece, Parameter) and piece.converter.spans)
            segment.append(piece)
            continue
        first, *others = piece.split("/")
        segment.append(first)
        for other in others:
            yield _step(segment, counted)
            counted += sum(isinstance(one, Parameter) for one in segment)
            segment = [other]
    yield _step(segment, counted)


def _step(segment: list[Piece], counted: int) -> Step:
    """``counted`` parameters came before: the groups of a template's patterns are numbered through."""
    pieces = tuple(piece for piece in segment if piece != "")
    parameters = [piece for piece in pieces if isinstance(piece, Parameter)]
    literals = [piece for piece in pieces if isinstance(piece, str)]
    order = _order(literals, parameters)
    if not parameters:
        literal = "".join(literals)
        return Step(Kind.LITERAL, literal, literal.__eq__, order, literal, literal, pieces=(literal,))
    pattern = _pattern(pieces, counted)
    kind, words = Kind.MIXED, None
    if any(parameter.converter.spans for parameter in parameters):
        kind = Kind.TAIL
    elif not literals and len(parameters) == 1:
        kind, words = parameters[0].converter.kind, parameters[0].converter.words
    accepts = _QUICK.get(parameters[0].converter.pattern) if not literals and len(parameters) == 1 else None
    first, last = pieces[0], pieces[-1]
    return Step(
        kind,
        pattern,
        accepts or re.compile(pattern).fullmatch,
        order,
        first if isinstance(first, str) else "",
        last if isinstance(last, str) else "",
        words,
        pieces,
    )


def _order(literals: Iterable[str], parameters: list[Parameter]) -> Order:
    words = [word for literal in literals for word in literal.split("/") if word]
    lengths = tuple((number, -len(word)) for number, word in enumerate(words))
    return (-len(words), lengths, -len(parameters), tuple(parameter.converter.weight for parameter in parameters))


def _pattern(pieces: Sequence[Piece], counted: int) -> str:
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += re.escape(piece)
        else:
            text += f"(?P<_{counted}>{piece.converter.pattern})"
            counted += 1
    last = pieces[-1]
    if isinstance(last, str) and last.endswith("/"):  # what spans slashes ends before the final one
        return text[:-1] + "(?<!/)/"
    return text


_QUICK: dict[str, Callable[[str], object]] = {STRING.pattern: len, r"\d+": str.isdecimal}
"""Tests that say the same as the two commonest patterns, in a tenth of the time."""
