"""Pure: how two templates of one shape compare."""

from collections.abc import Sequence

from router.declared import Declared
from router.row import Relation
from router.template import Converter, Parameter, Template

WITNESSES = (
    *("0", "1", "7", "42", "1000", "12345678", "-1", "1.5", "-1.5", "a", "abc", "en", "Z9", "a-b", "a_b", "a.b"),
    *("2024", "2024-01-31", "12345678-9abc-def0-1234-56789abcdef0", "é", "a b", "", "a/b"),
)
"""Words that tell converters apart. Proof that two overlap; never proof that they don't."""


def relate(legacy: Sequence[Declared], modern: Sequence[Declared]) -> Relation:
    """The relation of a row: of its first templates, if both sides have one."""
    if not legacy or not modern:
        return Relation.ORPHAN
    if len(legacy) > 1 or len(modern) > 1:
        return Relation.SHADOWED
    return compare(legacy[0].template, modern[0].template)


def compare(legacy: Template, modern: Template) -> Relation:
    """WIDER: modern accepts paths that legacy refuses. NARROWER: the other way round only."""
    pairs = list(zip(legacy.parameters, modern.parameters, strict=True))
    if any(accepted(theirs.converter) - accepted(ours.converter) for ours, theirs in pairs):
        return Relation.WIDER
    if any(accepted(ours.converter) - accepted(theirs.converter) for ours, theirs in pairs):
        return Relation.NARROWER
    return Relation.EQUAL


def accepted(converter: Converter) -> frozenset[str]:
    """The witnesses that the converter accepts."""
    single = Template(("/", Parameter("x", converter))).steps[0]
    return frozenset(word for word in WITNESSES if single.accepts(word))
