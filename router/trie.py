"""Pure: the routes of one method, as a trie over path segments. A look-up costs the path's length, not the table's.

It finds what Werkzeug would find: literals first, then by `Step.order`, then by declaration; a final slash that is
missing is a `Turn` as soon as the search comes by it. A node stands at one depth and is visited at most once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from math import inf
from re import compile as pattern

from router.choices import Choices
from router.declared import Declared
from router.row import Row
from router.template import Kind, Step, Template


class Turn(Enum):
    """What a look-up may find in a row's place."""

    SLASH = "the path lacks its final slash"
    OPTIONS = "an automatic answer to OPTIONS"
    BARE_OPTIONS = "the same, where the path lacks a final slash that it does not need"


@dataclass(frozen=True, slots=True)
class Place:
    """A row, by one of its templates. ``exact``: the path has its final slash, or needs none.

    ``checked_from``: the length of a path from which on the template must be asked too.
    """

    row: Row
    route: Declared
    exact: bool = True
    checked_from: float = inf


Found = Place | Turn


@dataclass(slots=True)
class _Node:
    """``rule`` is found where the path ends here, else ``slash``; ``loose`` where one more slash follows.

    Between ``least`` and ``most`` segments are left of every path that is found below.
    """

    rule: Found | None = None
    slash: Found | None = None
    loose: "_Node | None" = None
    literals: "dict[str, _Node]" = field(default_factory=dict)
    choices: "Choices[_Node] | None" = None
    least: float = inf
    most: float = 0

    def next(self, step: Step) -> "_Node":
        """The node behind a step: there already, or new."""
        if step.kind is Kind.LITERAL:
            known = self.literals.get(step.text)
            if known is None:
                known = self.literals[step.text] = _Node()
            return known
        if self.choices is None:
            self.choices = Choices()
        return self.choices.add(step, _Node)


class Trie:
    """What is added first wins where nothing else ranks it."""

    def __init__(self) -> None:
        self._root = _Node()
        self._literal: dict[str, Found] = {}

    def add(self, template: Template, found: Found, lacking: Found | None = None, extra: Found | None = None) -> None:
        """``lacking`` is found by a path without the template's final slash, ``extra`` by one with one more."""
        steps = template.steps
        if all(step.kind is Kind.LITERAL for step in steps):
            self._literal.setdefault(template.text, found)
        node = self._root
        for index, step in enumerate(steps):
            _widen(node, steps, index, lacking, extra)
            if lacking is not None and index == len(steps) - 1:
                _leave(node, step, lacking)
            node = node.next(step)
        node.rule = node.rule or found
        _widen(node, steps, len(steps), lacking, extra)
        if extra is not None and node.loose is None:
            node.loose = _Node(extra)

    def find(self, path: str) -> Found | None:
        """What a path finds. Leading slashes count as one."""
        found = self._literal.get(path)
        if found is not None:
            return found
        return _search(self._root, normal(path).split("/"))


def normal(path: str) -> str:
    """The path with exactly one leading slash. An empty one stays empty: it is a mount point without its slash."""
    return path and "/" + path.lstrip("/")


def _leave(node: _Node, last: Step, lacking: Found) -> None:
    """Marks where a path lacks its final slash: at the node itself, or at the end of a tail."""
    if last.kind is Kind.LITERAL:
        node.slash = node.slash or lacking
        return
    text = last.text.removesuffix("/")
    end = node.next(replace(last, text=text, accepts=pattern(text).fullmatch, suffix=last.suffix[:-1]))
    end.rule = end.rule or lacking


def _widen(node: _Node, steps: Sequence[Step], index: int, lacking: Found | None, extra: Found | None) -> None:
    left = len(steps) - index
    node.least = min(node.least, left - (lacking is not None))
    node.most = inf if steps[-1].kind is Kind.TAIL else max(node.most, left + (extra is not None))


def _search(root: _Node, parts: list[str]) -> Found | None:
    count = len(parts)
    branches: list[Iterator[tuple[_Node, int]]] = []
    node: _Node | None = root
    index = 1
    while True:
        while node is not None and index < count:
            part = parts[index]
            child = node.literals.get(part)
            if node.loose is not None or (child is not None and node.choices):
                branches.append(_ways(node, parts, index))
                child = None
            elif child is None and node.choices:
                if len(node.choices) > 1 or node.choices.spans:
                    branches.append(_ways(node, parts, index))
                else:
                    child = node.choices.only(part)
            node = child
            index += 1
        if node is not None and (node.rule is not None or node.slash is not None):
            return node.rule or node.slash
        way = None
        while branches and (way := next(branches[-1], None)) is None:
            branches.pop()
        if way is None:
            return None
        node, index = way


def _ways(node: _Node, parts: list[str], index: int) -> Iterator[tuple[_Node, int]]:
    """Each way on from a node, the best first, with the index that it leads to."""
    left = len(parts) - index - 1
    part = parts[index]
    child = node.literals.get(part)
    if child is not None and child.least <= left <= child.most:
        yield child, index + 1
    if node.choices:
        rest = "/".join(parts[index:]) if node.choices.spans else part
        for step, child in node.choices.candidates(part, rest):
            if step.kind is Kind.TAIL:
                if step.accepts(rest):
                    yield child, len(parts)
            elif child.least <= left <= child.most and step.accepts(part):
                yield child, index + 1
    if node.loose is not None and left == 0 and part == "":
        yield node.loose, len(parts)
