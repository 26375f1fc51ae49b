"""Pure: every route of both applications as rows, and the row that a request belongs to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from router.conflict import refuse_conflicts
from router.declared import ANY_METHOD, Declared
from router.errors import UnknownRoute
from router.relation import relate
from router.row import UNMATCHED_KEY, Owner, Relation, Row, Side
from router.trie import Trie

_Pair = tuple[list[Declared], list[Declared]]
_Groups = Mapping[tuple[str, str], _Pair]


class RouteTable:
    """Rows in the order of declaration, legacy first, and `match`, which costs the path's length.

    Two templates of one shape are one row, named by the legacy template. Where both sides declare a row, the legacy
    converter says which paths belong to it. What no row takes belongs to the virtual row ``* /{path}``.
    """

    def __init__(self, legacy: Iterable[Declared] = (), modern: Iterable[Declared] = ()) -> None:
        sides = (tuple(legacy), tuple(modern))
        refuse_conflicts(Side.LEGACY, sides[0])
        refuse_conflicts(Side.MODERN, sides[1])
        self.unmatched = Row(UNMATCHED_KEY, ANY_METHOD, "/{path}", Owner.BOTH, Relation.EQUAL)
        rows = _rows(_folded(_grouped(sides)))
        self._rows = {row.key: row for row in (*rows, self.unmatched)}
        self._tries = _tries(rows, [row.legacy or row.modern for row in rows])
        narrowed = [row for row in rows if row.legacy and row.modern]
        self._refused = _tries(narrowed, [row.modern for row in narrowed])

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: str) -> Row:
        """Raises `UnknownRoute`."""
        try:
            return self._rows[key]
        except KeyError:
            raise UnknownRoute(key) from None

    def match(self, method: str, path: str) -> Row:
        """The row of a request. ``path`` is decoded; leading slashes count as one, as they do for Werkzeug."""
        trie = self._tries.get(method) or self._tries[ANY_METHOD]
        return trie.find(path) or self.unmatched

    def refuses(self, method: str, path: str) -> bool:
        """Whether an unmatched path is one that modern would take, and legacy's converter says 404 to."""
        trie = self._refused.get(method) or self._refused[ANY_METHOD]
        return trie.find(path) is not None


def _grouped(sides: Sequence[Sequence[Declared]]) -> dict[tuple[str, str], _Pair]:
    groups: defaultdict[tuple[str, str], _Pair] = defaultdict(lambda: ([], []))
    for index, side in enumerate(sides):
        for route in side:
            known = groups[route.method, route.template.shape][index]
            if all(route.template.full_text != other.template.full_text for other in known):
                known.append(route)
    groups.pop((ANY_METHOD, "/{*}"), None)  # a catch-all mount at the root is the virtual row
    return dict(groups)


def _folded(groups: dict[tuple[str, str], _Pair]) -> _Groups:
    """HEAD joins its GET; a route for any method stands in where the other side names methods, and is then used up."""
    for method, shape in list(groups):
        anything = groups.get((ANY_METHOD, shape))
        if method == ANY_METHOD or anything is None:
            continue
        for own, fallback in zip(groups[method, shape], anything, strict=True):
            if not own:
                own.extend(fallback)
    for method, shape in list(groups):
        if method == ANY_METHOD and any(other != ANY_METHOD and same == shape for other, same in groups):
            del groups[method, shape]
    for _, shape in [found for found in groups if found[0] == "HEAD" and ("GET", found[1]) in groups]:
        for own, head in zip(groups["GET", shape], groups.pop(("HEAD", shape)), strict=True):
            own.extend(head)
    return groups


def _rows(groups: _Groups) -> list[Row]:
    rows: dict[str, Row] = {}
    for (method, _), (legacy, modern) in groups.items():
        row = _row(method, legacy, modern)
        if row.key in rows:
            row = replace(row, key=f"{method} {(legacy or modern)[0].template.full_text}")
        rows[row.key] = row
    return list(rows.values())


def _row(method: str, legacy: Sequence[Declared], modern: Sequence[Declared]) -> Row:
    template = (legacy or modern)[0].template.text
    owner = Owner.BOTH if legacy and modern else Owner.LEGACY if legacy else Owner.MODERN
    named = [[route for route in side if route.method != "HEAD" or method == "HEAD"] for side in (legacy, modern)]
    return Row(f"{method} {template}", method, template, owner, relate(*named), tuple(legacy), tuple(modern))


def _tries(rows: Sequence[Row], matched_by: Sequence[Sequence[Declared]]) -> dict[str, Trie]:
    """One trie per method. Routes for any method are in each, behind those that name it."""
    methods = (
        {row.method for row in rows} | {ANY_METHOD} | ({"HEAD"} if any(row.method == "GET" for row in rows) else set())
    )
    tries = {method: Trie() for method in sorted(methods)}
    for wanted in (False, True):
        for row, routes in zip(rows, matched_by, strict=True):
            if (row.method == ANY_METHOD) is wanted:
                for method in _methods(row, methods):
                    _add(tries[method], row, routes)
    return tries


def _methods(row: Row, methods: Iterable[str]) -> Iterable[str]:
    if row.method == ANY_METHOD:
        return methods
    return ("GET", "HEAD") if row.method == "GET" else (row.method,)


def _add(trie: Trie, row: Row, routes: Iterable[Declared]) -> None:
    for route in routes:
        trie.add(route.template.steps, row)
        if route.loose_slash:
            trie.add(route.template.with_slash_toggled().steps, row)
