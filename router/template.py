"""Pure: a path template, read from any framework's syntax into one value.

A template is literals and parameters. It is matched segment by segment (`Step`); a parameter that may hold slashes
takes the whole rest of the path with it (a tail).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property


class Kind(IntEnum):
    """What a step accepts. The lower one is tried first."""

    LITERAL = 0
    MIXED = 1
    CONVERTER = 2
    STRING = 3
    TAIL = 4


@dataclass(frozen=True)
class Converter:
    """What a parameter accepts: a full match of ``pattern``, and of ``check`` (None: all of those).

    ``spans`` tells that it may hold slashes.
    """

    name: str
    pattern: str
    spans: bool = False
    check: Callable[[str], bool] | None = None

    @property
    def kind(self) -> Kind:
        if self.spans:
            return Kind.TAIL
        return Kind.STRING if self.pattern == STRING.pattern and self.check is None else Kind.CONVERTER


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


@dataclass(frozen=True)
class Step:
    """One segment, or a tail. ``text`` is the literal, or the pattern; ``weight`` counts literal characters."""

    kind: Kind
    text: str
    accepts: Callable[[str], object]
    weight: int = 0

    @property
    def order(self) -> tuple[int, int]:
        return (self.kind, -self.weight)


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

    def with_slash_toggled(self) -> "Template":
        """The same template with its final slash taken away, or added."""
        last = self.pieces[-1]
        if isinstance(last, str) and last.endswith("/"):
            return Template((*self.pieces[:-1], last[:-1]))
        return Template((*self.pieces, "/"))

    def accepts(self, path: str) -> bool:
        parts = path[1:].split("/")
        for index, step in enumerate(self.steps):
            if index == len(parts):
                return False
            if step.kind is Kind.TAIL:
                return bool(step.accepts("/".join(parts[index:])))
            if not step.accepts(parts[index]):
                return False
        return len(parts) == len(self.steps)


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


def _steps(pieces: Iterable[Piece]) -> Iterable[Step]:
    """The pieces, cut at every slash up to the first parameter that spans slashes."""
    segment: list[Piece] = []
    spanning = False
    for piece in pieces:
        if isinstance(piece, Parameter) or spanning:
            spanning = spanning or (isinstance(piece, Parameter) and piece.converter.spans)
            segment.append(piece)
            continue
        first, *others = piece.split("/")
        segment.append(first)
        for other in others:
            yield _step(segment)
            segment = [other]
    yield _step(segment)


def _step(segment: list[Piece]) -> Step:
    parameters = [piece for piece in segment if isinstance(piece, Parameter)]
    literals = [piece for piece in segment if isinstance(piece, str) and piece]
    if not parameters:
        literal = "".join(literals)
        return Step(Kind.LITERAL, literal, literal.__eq__, len(literal))
    weight = sum(map(len, literals))
    pattern = "".join(_pattern(piece) for piece in segment)
    if any(parameter.converter.spans for parameter in parameters):
        return Step(Kind.TAIL, pattern, _accepts(pattern, parameters), weight)
    if literals or len(parameters) > 1:
        return Step(Kind.MIXED, pattern, _accepts(pattern, parameters), weight)
    return Step(parameters[0].converter.kind, pattern, _quick(parameters[0].converter) or _accepts(pattern, parameters))


def _pattern(piece: Piece) -> str:
    return re.escape(piece) if isinstance(piece, str) else f"(?P<{piece.name}>{piece.converter.pattern})"


def _quick(converter: Converter) -> Callable[[str], object] | None:
    """A test that says the same as the two commonest patterns, in a tenth of the time."""
    if converter.check is not None:
        return None
    return {STRING.pattern: len, r"\d+": str.isdecimal}.get(converter.pattern)


def _accepts(pattern: str, parameters: list[Parameter]) -> Callable[[str], object]:
    match = re.compile(pattern, re.DOTALL).fullmatch
    checks = [(parameter.name, check) for parameter in parameters if (check := parameter.converter.check)]
    if not checks:
        return match

    def accepts(text: str) -> bool:
        found = match(text)
        return found is not None and all(check(found[name]) for name, check in checks)

    return accepts
