"""Pure: how two templates compare."""

from collections.abc import Sequence

from router.declared import Declared
from router.row import Relation
from router.samples import accepted, samples
from router.template import Template


def relate(legacy: Sequence[Declared], modern: Sequence[Declared]) -> Relation:
    """The relation of a row: of its first templates, if both sides have one."""
    if not legacy or not modern:
        return Relation.ORPHAN
    if len(legacy) > 1 or len(modern) > 1:
        return Relation.SHADOWED
    return compare(legacy[0].template, modern[0].template)


def compare(legacy: Template, modern: Template) -> Relation:
    """Two templates of one shape.

    WIDER: modern accepts paths that legacy refuses. NARROWER: the other way round only.
    """
    pairs = list(zip(legacy.parameters, modern.parameters, strict=True))
    if any(accepted(theirs.converter) - accepted(ours.converter) for ours, theirs in pairs):
        return Relation.WIDER
    if any(accepted(ours.converter) - accepted(theirs.converter) for ours, theirs in pairs):
        return Relation.NARROWER
    return Relation.EQUAL


def contrast(legacy: Template, modern: Template) -> Relation:
    """`compare`, for two templates of any shape that meet on a path."""
    if beyond(modern, legacy) is not None:
        return Relation.WIDER
    return Relation.EQUAL if beyond(legacy, modern) is None else Relation.NARROWER


def beyond(template: Template, other: Template) -> str | None:
    """A path that the template takes and the other does not, if one is found."""
    return next((path for path in samples(template) if not other.accepts(path)), None)
