"""Pure: finds two templates of one application that match one path while nothing ranks them."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, product

from router.declared import Declared
from router.errors import RouteConflict
from router.relation import accepted
from router.template import Kind, Parameter, Template

_TRIED = 200


def refuse_conflicts(side: str, routes: Iterable[Declared]) -> None:
    """Raises `RouteConflict` for the first pair found.

    The same template declared twice is no conflict: the first wins in every framework.
    """
    groups: defaultdict[tuple[str, str], dict[str, Template]] = defaultdict(dict)
    for route in routes:
        groups[route.method, _skeleton(route.template)].setdefault(route.template.full_text, route.template)
    for (method, _), templates in groups.items():
        for first, second in combinations(templates.values(), 2):
            path = shared_path(first, second)
            if path is not None:
                raise RouteConflict(side, method, first.full_text, second.full_text, path)


def shared_path(first: Template, second: Template) -> str | None:
    """A path that both match with equal rank, if one is found."""
    if [step.order for step in first.steps] != [step.order for step in second.steps]:
        return None
    return next((path for path in samples(first) if second.accepts(path)), None)


def samples(template: Template) -> Iterable[str]:
    """Some paths that the template matches."""
    choices = [
        sorted(accepted(piece.converter) - {""}) if isinstance(piece, Parameter) else [piece]
        for piece in template.pieces
    ]
    for _, words in zip(range(_TRIED), product(*choices), strict=False):
        path = "".join(words)
        if template.accepts(path):
            yield path


def _skeleton(template: Template) -> str:
    """Templates with different skeletons are ranked, or match different paths: only equal ones need comparing."""
    return "/".join(step.text if step.kind is Kind.LITERAL else str(step.kind) for step in template.steps)
