"""Pure: the rows of one method, as a trie over path segments. A look-up costs the path's length, not the table's."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from router.row import Row
from router.template import Kind, Step


@dataclass(slots=True)
class _Node:
    row: Row | None = None
    literals: "dict[str, _Node]" = field(default_factory=dict)
    dynamic: "list[tuple[Step, _Node]]" = field(default_factory=list)
    tails: list[tuple[Step, Row]] = field(default_factory=list)


class Trie:
    """Literals beat mixed segments, then converters, then plain strings, then tails; at every segment."""

    def __init__(self) -> None:
        self._root = _Node()
        self._literal: dict[str, Row] = {}

    def add(self, steps: Iterable[Step], row: Row) -> None:
        """Adds the row. Where one is there already, that one stays."""
        steps = tuple(steps)
        if all(step.kind is Kind.LITERAL for step in steps):
            self._literal.setdefault("/" + "/".join(step.text for step in steps), row)
        node = self._root
        for step in steps:
            if step.kind is Kind.TAIL:
                _insert_tail(node, step, row)
                return
            node = _child(node, step)
        node.row = node.row or row

    def find(self, path: str) -> Row | None:
        """The row for a path. Leading slashes count as one."""
        row = self._literal.get(path)
        if row is not None:
            return row
        if path[1:2] == "/" or path[:1] != "/":
            path = "/" + path.lstrip("/")
        return _find(self._root, path.split("/"), 1)


def _find(node: _Node, parts: list[str], index: int) -> Row | None:
    count = len(parts)
    while index < count:
        child = node.literals.get(parts[index])
        if child is None or node.dynamic or node.tails:
            return _branch(node, child, parts, index)
        node = child
        index += 1
    return node.row


def _branch(node: _Node, literal: _Node | None, parts: list[str], index: int) -> Row | None:
    """Tries each way on from here, the most specific first."""
    if literal is not None and (row := _find(literal, parts, index + 1)) is not None:
        return row
    part = parts[index]
    for step, child in node.dynamic:
        if step.accepts(part) and (row := _find(child, parts, index + 1)) is not None:
            return row
    if node.tails:
        rest = "/".join(parts[index:])
        return next((row for step, row in node.tails if step.accepts(rest)), None)
    return None


def _child(node: _Node, step: Step) -> _Node:
    if step.kind is Kind.LITERAL:
        return node.literals.setdefault(step.text, _Node())
    for known, child in node.dynamic:
        if (known.kind, known.text) == (step.kind, step.text) and known.accepts == step.accepts:
            return child
    child = _Node()
    node.dynamic.append((step, child))
    node.dynamic.sort(key=_order)
    return child


def _insert_tail(node: _Node, step: Step, row: Row) -> None:
    node.tails.append((step, row))
    node.tails.sort(key=_order)


def _order(entry: "tuple[Step, object]") -> tuple[int, int]:
    return entry[0].order
