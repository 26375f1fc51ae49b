"""Pure: words and paths that templates take. They prove that two templates meet; they never prove the contrary."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from router.template import Converter, Kind, Parameter, Step, Template

WITNESSES = (
    *("0", "1", "7", "42", "1000", "12345678", "-1", "1.5", "-1.5", "a", "abc", "en", "Z9", "a-b", "a_b", "a.b"),
    *("2024", "2024-01-31", "12345678-9abc-def0-1234-56789abcdef0", "é", "a b", "", "a/b"),
)
"""Words that tell converters apart."""

_TRIED = 200


@lru_cache(4096)
def accepted(converter: Converter) -> frozenset[str]:
    """The witnesses that the converter accepts, and its own words where it has a list."""
    single = Template(("/", Parameter("x", converter)))
    known = (*WITNESSES, *sorted(converter.words or ())[:_TRIED])
    return frozenset(word for word in known if single.accepts("/" + word))


def samples(template: Template) -> Iterator[str]:
    """Some paths that the template takes."""
    return _joined(template.pieces, template.accepts)


def witness(first: Template, second: Template) -> str | None:
    """A path that both take, if one is found. Segment by segment: the cost is a sum and no product."""
    path = ""
    for index in range(max(len(first.steps), len(second.steps))):
        if index >= min(len(first.steps), len(second.steps)):
            return None
        one, other = first.steps[index], second.steps[index]
        if Kind.TAIL in {one.kind, other.kind}:
            rests = (*_rests(first.steps[index:]), *_rests(second.steps[index:]))
            return next((whole for rest in rests if _both(first, second, whole := f"{path}/{rest}")), None)
        word = next((word for word in (*words(one), *words(other)) if one.accepts(word) and other.accepts(word)), None)
        if word is None:
            return None
        path += "/" + word
    return path if _both(first, second, path) else None


@lru_cache(4096)
def words(step: Step) -> tuple[str, ...]:
    """Some texts that the step takes."""
    return (step.text,) if step.kind is Kind.LITERAL else tuple(_joined(step.pieces, step.accepts))


def _joined(pieces: Iterable[str | Parameter], accepts: Callable[[str], object]) -> Iterator[str]:
    choices = [
        sorted(accepted(piece.converter) - {""}) if isinstance(piece, Parameter) else [piece] for piece in pieces
    ]
    return (text for text in map("".join, islice(product(*choices), _TRIED)) if accepts(text))


def _rests(steps: Sequence[Step]) -> tuple[str, ...]:
    """Texts for the rest of a path: several where it is a tail, else one word per segment."""
    *singles, last = steps
    heads = [next(iter(words(step)), "") for step in singles]
    return tuple("/".join([*heads, word]) for word in words(last))


def _both(first: Template, second: Template, path: str) -> bool:
    return first.accepts(path) and second.accepts(path)
