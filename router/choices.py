"""Pure: the steps that stand at one place of a trie and are no plain literals, in the order in which they are tried."""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from router.template import Kind, Order, Step

T = TypeVar("T")
FEW = 8


class Choices(Generic[T]):
    """Each step leads to one value. Many are looked up by how they begin and end; few are just tried.

    ``spans``: tails are among them.
    """

    __slots__ = ("_by_affix", "_by_word", "_entries", "_known", "spans")

    def __init__(self) -> None:
        self.spans = False
        self._known: dict[tuple[Kind, str, Order], T] = {}
        self._entries: list[tuple[Order, int, Step, T]] = []
        self._by_word: dict[str, list[tuple[Order, int, Step, T]]] = {}
        self._by_affix: dict[tuple[bool, int, int], dict[tuple[str, str], list[tuple[Order, int, Step, T]]]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def only(self, part: str) -> T | None:
        """Where the only one that there is leads to, if it accepts the segment."""
        _, _, step, value = self._entries[0]
        return value if step.accepts(part) else None

    def add(self, step: Step, new: Callable[[], T]) -> T:
        """The value of the step: a new one, if the step is new here."""
        identity = (step.kind, step.text, step.order)
        if identity in self._known:
            return self._known[identity]
        value = self._known[identity] = new()
        self.spans = self.spans or step.kind is Kind.TAIL
        entry = (step.order, len(self._entries), step, value)
        insort(self._entries, entry, key=_rank)
        for entries in self._places(step):
            insort(entries, entry, key=_rank)
        return value

    def candidates(self, part: str, rest: str) -> Iterable[tuple[Step, T]]:
        """In order, every step that may accept the segment, or the rest; some that don't may be among them."""
        entries = self._entries if len(self._entries) <= FEW else sorted(self._found(part, rest), key=_rank)
        return [(step, value) for _, _, step, value in entries]

    def _places(self, step: Step) -> Iterator[list[tuple[Order, int, Step, T]]]:
        if step.words is not None:
            for word in step.words:
                yield self._by_word.setdefault(word, [])
            return
        signature = (step.kind is Kind.TAIL, len(step.prefix), len(step.suffix))
        yield self._by_affix.setdefault(signature, {}).setdefault((step.prefix, step.suffix), [])

    def _found(self, part: str, rest: str) -> Iterator[tuple[Order, int, Step, T]]:
        yield from self._by_word.get(part, ())
        for (spans, begins, ends), entries in self._by_affix.items():
            text = rest if spans else part
            if begins + ends <= len(text):
                yield from entries.get((text[:begins], text[len(text) - ends :]), ())


def _rank(entry: tuple[Order, int, Step, object]) -> tuple[Order, int]:
    return entry[0], entry[1]
