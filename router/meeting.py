"""Pure: which routes can meet on a path, and which of one application's routes another one hides."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from router.declared import ANY_METHOD, Declared
from router.index import Index
from router.relation import contrast
from router.row import Relation, Row, Side
from router.samples import samples, witness
from router.template import Kind


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two rows whose templates both take ``path``, one as legacy has it and one as modern has it.

    ``relation`` compares all that the two templates take, as for the two of one row.
    """

    legacy_row: Row
    modern_row: Row
    legacy: Declared
    modern: Declared
    relation: Relation
    path: str


def meetings(rows: Iterable[Row]) -> Mapping[str, Sequence[Meeting]]:
    """By the key of either row: every pair of a legacy and a modern route, of different rows, that can meet."""
    legacy, modern = _by_route(rows, Side.LEGACY), _by_route(rows, Side.MODERN)
    index = Index(modern)
    found: defaultdict[str, list[Meeting]] = defaultdict(list)
    for ours, homes in legacy.items():
        for theirs in index.near(ours.template):
            pairs = [(home, other) for home in homes for other in modern[theirs] if _may_meet(home, other)]
            path = witness(ours.template, theirs.template) if pairs else None
            if path is None:
                continue
            relation = contrast(ours.template, theirs.template)
            for home, other in pairs:
                meeting = Meeting(home, other, ours, theirs, relation, path)
                found[home.key].append(meeting)
                found[other.key].append(meeting)
    return found


def _by_route(rows: Iterable[Row], side: Side) -> dict[Declared, list[Row]]:
    found: defaultdict[Declared, list[Row]] = defaultdict(list)
    for row in rows:
        for route in row.legacy if side is Side.LEGACY else row.modern:
            found[route].append(row)
    return found


def _may_meet(first: Row, second: Row) -> bool:
    return first is not second and (first.method == second.method or ANY_METHOD in {first.method, second.method})


def shadows(side: Side, routes: Sequence[Declared]) -> dict[Declared, Declared]:
    """Routes of one application that never run in it, each with the one that takes all of its paths before it."""
    ranked = sorted(routes, key=_legacy_rank) if side is Side.LEGACY else list(routes)
    place = {route: number for number, route in enumerate(ranked)}
    index = Index(ranked)
    hidden: dict[Declared, Declared] = {}
    for route in ranked:
        before = (other for other in index.covering(route.template) if place[other] < place[route])
        taker = min((other for other in before if _covers(other, route)), key=place.__getitem__, default=None)
        if taker is not None:
            hidden[route] = taker
    return hidden


def _covers(first: Declared, route: Declared) -> bool:
    """Whether ``first`` takes all of the other's requests, as far as samples tell."""
    if first.method not in {route.method, ANY_METHOD} or first.template.full_text == route.template.full_text:
        return False
    found = False
    for path in samples(route.template):
        if not first.template.accepts(path):
            return False
        found = True
    return found


def _legacy_rank(route: Declared) -> list[tuple[bool, object]]:
    """As the trie searches: segment by segment, literals first. Equal ones stay as declared."""
    return [(step.kind is not Kind.LITERAL, step.order) for step in route.template.steps]
