"""Pure: finds two templates of one application that match one path while nothing ranks them."""

from collections import defaultdict
from collections.abc import Iterable

from router.declared import Declared
from router.errors import RouteConflict
from router.index import Index
from router.samples import witness
from router.template import Kind, Step


def refuse_conflicts(side: str, routes: Iterable[Declared]) -> None:
    """Raises `RouteConflict` for the first pair found.

    The same template declared twice is no conflict: the first wins in every framework.
    """
    groups: defaultdict[tuple[str, tuple[object, ...]], dict[str, Declared]] = defaultdict(dict)
    for route in routes:
        rank = (route.method, tuple(map(_rank, route.template.steps)))
        groups[rank].setdefault(route.template.full_text, route)
    for (method, _), declared in groups.items():
        index = Index(())
        for route in declared.values():
            for other in index.near(route.template):
                path = witness(other.template, route.template)
                if path is not None:
                    raise RouteConflict(side, method, other.template.full_text, route.template.full_text, path)
            index.add(route)


def _rank(step: Step) -> object:
    """Templates of different ranks are ranked, or match different paths: only equal ones need comparing."""
    return step.text if step.kind is Kind.LITERAL else (step.kind, step.order)
