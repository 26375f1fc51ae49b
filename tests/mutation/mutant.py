"""Pure: a module's source, and each of its functions with one mistake in it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from tests.mutation.operators import negated, wrong

Function = ast.FunctionDef | ast.AsyncFunctionDef
Identity = tuple[str, str, str, str]

_SKIPPED = (ast.arguments, ast.JoinedStr)
"""Defaults belong to no body, and formatted text is for people."""
_FOR_PEOPLE = ("logger",)


@dataclass(frozen=True)
class Mutant:
    """``function`` with ``becomes`` in the place of ``was``, in a line that reads ``text``. ``code`` is the result."""

    function: str
    number: int
    text: str
    was: str
    becomes: str
    code: CodeType

    @property
    def identity(self) -> Identity:
        """What a mutant is known by, though lines move."""
        return self.function, self.text, self.was, self.becomes

    def __str__(self) -> str:
        return f"{self.number}: {self.function}: {self.was}  ->  {self.becomes}"


@dataclass
class _Place:
    """Where a node hangs in the tree."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: object) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of every function and method of a module, in order."""
    tree, lines = ast.parse(source), source.splitlines()
    for name, function in _functions(tree, ""):
        for place, node, other in _sites(function):
            place.put(ast.copy_location(other, node))
            try:
                code = _code(ast.fix_missing_locations(tree), name)
            finally:
                place.put(node)
            number: int = getattr(node, "lineno", function.lineno)
            yield Mutant(name, number, lines[number - 1].strip(), _text(node), _text(other), code)


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, Function):
            yield prefix + node.name, node


def _sites(function: Function) -> Iterator[tuple[_Place, ast.AST, ast.AST]]:
    for index, statement in enumerate(function.body):
        yield from _within(_Place(function, "body", index), statement)


def _within(place: _Place, node: Any) -> Iterator[tuple[_Place, ast.AST, ast.AST]]:
    if isinstance(node, _SKIPPED) or _is_text(node):
        return
    for other in wrong(node):
        yield place, node, other
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"} or (isinstance(node, ast.Raise)):
            continue
        if field == "test" and (contrary := negated(value)) is not None:
            yield _Place(node, field, None), value, contrary
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from _listed(_Place(node, field, index), one, field)
        elif isinstance(value, ast.AST):
            yield from _within(_Place(node, field, None), value)


def _listed(place: _Place, one: Any, field: str) -> Iterator[tuple[_Place, ast.AST, ast.AST]]:
    if field == "ifs" and (contrary := negated(one)) is not None:
        yield place, one, contrary
    if isinstance(one, ast.AST):
        yield from _within(place, one)


def _is_text(node: ast.AST) -> bool:
    """Whether it says something to people: a docstring, or a call of the logger."""
    if not isinstance(node, ast.Expr):
        return False
    return isinstance(node.value, ast.Constant) or ast.unparse(node.value).startswith(_FOR_PEOPLE)


def _text(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0]


def _code(tree: ast.Module, name: str) -> CodeType:
    found = _named(compile(tree, "<mutant>", "exec"), name)
    if found is None:
        raise LookupError(name)
    return found


def _named(code: CodeType, name: str) -> CodeType | None:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found = inner if inner.co_qualname == name else _named(inner, name)
            if found is not None:
                return found
    return None
