"""Pure: templates by their segments, to find those that may meet another on a path."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from router.declared import Declared
from router.samples import words
from router.template import Kind, Step, Template


@dataclass(slots=True)
class _Node:
    ends: list[Declared] = field(default_factory=list)
    literals: "dict[str, _Node]" = field(default_factory=dict)
    others: "dict[tuple[Kind, str], tuple[Step, _Node]]" = field(default_factory=dict)


_Way = tuple[Kind, _Node]


class Index:
    """Templates by their segments, so that a pair that can't meet is mostly never looked at."""

    def __init__(self, routes: Iterable[Declared]) -> None:
        self._root = _Node()
        for route in routes:
            self.add(route)

    def add(self, route: Declared) -> None:
        node = self._root
        for step in route.template.steps:
            if step.kind is Kind.LITERAL:
                node = node.literals.setdefault(step.text, _Node())
            else:
                node = node.others.setdefault((step.kind, step.text), (step, _Node()))[1]
        node.ends.append(route)

    def near(self, template: Template) -> Iterator[Declared]:
        """Every route that may take a path of the template; some that don't are among them."""
        return self._walk(template.steps, _meeting)

    def covering(self, template: Template) -> Iterator[Declared]:
        """Every route that may take all paths of the template; some that don't are among them."""
        return self._walk(template.steps, _wider)

    def _walk(self, steps: Sequence[Step], ways: "Callable[[_Node, Step], Iterator[_Way]]") -> Iterator[Declared]:
        """Without recursion: a template may be deeper than Python's stack."""
        pending: list[tuple[_Node, int]] = [(self._root, 0)]
        while pending:
            node, index = pending.pop()
            if index == len(steps):
                yield from node.ends
                continue
            for kind, child in ways(node, steps[index]):
                if kind is Kind.TAIL:
                    yield from child.ends
                else:
                    pending.append((child, index + 1 if steps[index].kind is not Kind.TAIL else index))
            if steps[index].kind is Kind.TAIL:
                yield from node.ends


def _meeting(node: _Node, step: Step) -> Iterator[_Way]:
    """Where texts lead that the step takes. A tail leads everywhere."""
    if step.kind is Kind.LITERAL and step.text in node.literals:
        yield Kind.LITERAL, node.literals[step.text]
    elif step.kind is not Kind.LITERAL:
        yield from ((Kind.LITERAL, child) for text, child in node.literals.items() if _takes(step, text))
    for other, child in node.others.values():
        if other.kind is Kind.TAIL and step.kind is not Kind.TAIL:
            yield Kind.TAIL, child
        elif step.kind is Kind.TAIL and other.kind is not Kind.TAIL:
            yield Kind.STRING, child
        elif other.accepts(step.text) if step.kind is Kind.LITERAL else _ends_alike(step, other):
            yield other.kind, child


def _wider(node: _Node, step: Step) -> Iterator[_Way]:
    """Where every text leads that the step takes. Only a tail takes all of a tail."""
    if step.kind is Kind.LITERAL and step.text in node.literals:
        yield Kind.LITERAL, node.literals[step.text]
    for other, child in node.others.values():
        if other.kind is Kind.TAIL or (step.kind is not Kind.TAIL and all(map(other.accepts, words(step)))):
            yield other.kind, child


def _takes(step: Step, text: str) -> bool:
    return step.kind is Kind.TAIL or bool(step.accepts(text))


def _ends_alike(step: Step, other: Step) -> bool:
    begins = step.prefix.startswith(other.prefix) or other.prefix.startswith(step.prefix)
    return begins and (step.suffix.endswith(other.suffix) or other.suffix.endswith(step.suffix))
