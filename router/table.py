"""Pure: every route of both applications as rows, and the row that a request belongs to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from router.conflict import refuse_conflicts
from router.declared import ANY_METHOD, Declared
from router.errors import PathTaken, UnknownRoute
from router.meeting import Meeting, meetings, shadows
from router.relation import relate
from router.row import OWN_PREFIX, UNMATCHED_KEY, Owner, Relation, Row, Side
from router.template import Kind, parse
from router.trie import Place, Trie, Turn, normal
from router.verdict import NOT_FOUND, UNKNOWN, Verdict, ask, compare_methods, judge, redirect

_Pair = tuple[list[Declared], list[Declared]]
_Groups = Mapping[tuple[str, str], _Pair]
_ROOT = "/{*}"


class RouteTable:
    """Rows in the order of declaration, legacy first, and `match`, which costs the path's length.

    Two templates of one shape are one row, named by the legacy template. Where both sides declare a row, the legacy
    converter says which paths belong to it. What no row takes belongs to the virtual row ``* /{path}``.

    The router's own paths are the row ``own``, which is matched and never listed: nobody moves it. Raises
    `RouteConflict`, and `PathTaken` for an application that declares one of them.
    """

    def __init__(self, legacy: Iterable[Declared] = (), modern: Iterable[Declared] = ()) -> None:
        sides = (tuple(legacy), tuple(modern))
        refuse_conflicts(Side.LEGACY, sides[0])
        refuse_conflicts(Side.MODERN, sides[1])
        _refuse_own(Side.LEGACY, sides[0])
        _refuse_own(Side.MODERN, sides[1])
        self.own = Row(f"{ANY_METHOD} /{OWN_PREFIX}", ANY_METHOD, f"/{OWN_PREFIX}", Owner.ROUTER, Relation.EQUAL)
        self.unmatched = Row(UNMATCHED_KEY, ANY_METHOD, "/{path}", Owner.BOTH, Relation.EQUAL)
        rows = _rows(_folded(_grouped(sides)))
        self.shadows = {**shadows(Side.LEGACY, sides[0]), **shadows(Side.MODERN, sides[1])}
        rows = [_marked(row, self.shadows) for row in rows]
        order = {route: number for number, route in enumerate((*sides[0], *sides[1]))}
        self._legacy = _tries(rows, order, lambda row: row.legacy)
        self._modern = _tries(rows, order, lambda row: () if row.legacy else row.modern)  # what is modern's alone
        self._tries = _tries(rows, order, lambda row: row.legacy or row.modern)
        for trie in self._tries.values():
            _add_own(trie, self.own)
        self._rows = {row.key: row for row in (*rows, self.unmatched)}
        self._shared = _tries(rows, order, lambda row: row.modern if row.legacy else ())
        self._judges = all(route.merges_slashes for route in sides[0])
        self._is_open = not sides[0] or any(map(_takes_all, (*sides[0], *sides[1])))

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
        found = trie.find(path)
        if not isinstance(found, Place):
            return self.unmatched
        if len(path) >= found.checked_from and not _belongs(found, normal(path)):
            return self.unmatched
        return found.row

    @property
    def matched(self) -> tuple[Row, ...]:
        """Every row that `match` may find."""
        return (*self, self.own)

    def verdict(self, method: str, path: str) -> Verdict:
        """What an unmatched request is told, whichever side tells it.

        Where legacy redirects a path that spells out a default, both do. Nothing is known of what a catch-all takes,
        and of routes told by hand no more than their paths.
        """
        home = self._home(method, path)
        if home is not None:
            return redirect(home)
        if self._is_open:
            return UNKNOWN
        if self._judges:
            return judge(self._legacy, self._modern, method, path)
        if ask(self._shared, method, path) is not None:
            return NOT_FOUND  # modern would take it, and legacy's converter does not
        return compare_methods(self._legacy, self._modern, path)

    def _home(self, method: str, path: str) -> str | None:
        """Where legacy redirects the path. OPTIONS, where the framework answers it, is redirected like the others."""
        found = ask(self._tries, method, path)
        places = [trie.find(path) for trie in self._tries.values()] if found is Turn.OPTIONS else [found]
        homes = (_home(place, normal(path)) for place in places if isinstance(place, Place))
        return next((home for home in homes if home is not None), None)

    @cached_property
    def meetings(self) -> Mapping[str, Sequence[Meeting]]:
        """By a row's key: the other rows that it can meet on a path."""
        return meetings([row for row in self if not row.unmatched])


def _refuse_own(side: Side, routes: Iterable[Declared]) -> None:
    """Raises `PathTaken`."""
    for route in routes:
        first = route.template.steps[0] if route.template.steps else None
        if first is not None and first.kind is Kind.LITERAL and first.text == OWN_PREFIX:
            raise PathTaken(side, f"{route.method} {route.template.text}", OWN_PREFIX)


def _add_own(trie: Trie, own: Row) -> None:
    for text in (f"/{OWN_PREFIX}", f"/{OWN_PREFIX}/{{path:path}}"):
        route = Declared(ANY_METHOD, parse(text))
        trie.add(route.template, Place(own, route))


def _grouped(sides: Sequence[Sequence[Declared]]) -> dict[tuple[str, str], _Pair]:
    groups: defaultdict[tuple[str, str], _Pair] = defaultdict(lambda: ([], []))
    for index, side in enumerate(sides):
        for route in side:
            known = groups[route.method, route.template.shape][index]
            if all(route.template.full_text != other.template.full_text for other in known):
                known.append(route)
    groups.pop((ANY_METHOD, _ROOT), None)  # a catch-all mount at the root is the virtual row
    return dict(groups)


def _folded(groups: dict[tuple[str, str], _Pair]) -> _Groups:
    """HEAD joins its GET; a route for any method stands in where the other side names methods, and is then used up."""
    named: defaultdict[str, set[str]] = defaultdict(set)
    for method, shape in groups:
        named[shape].add(method)
    for method, shape in list(groups):
        anything = groups.get((ANY_METHOD, shape))
        if method == ANY_METHOD or anything is None:
            continue
        for own, fallback in zip(groups[method, shape], anything, strict=True):
            if not own:
                own.extend(fallback)
    for shape, methods in named.items():
        if ANY_METHOD in methods and len(methods) > 1:
            del groups[ANY_METHOD, shape]
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


def _marked(row: Row, shadows: Mapping[Declared, Declared]) -> Row:
    """SHADOWED where a route of the row never runs in its own application."""
    hidden = any(route in shadows and route.method in {row.method, ANY_METHOD} for route in (*row.legacy, *row.modern))
    return replace(row, relation=Relation.SHADOWED) if hidden else row


def _tries(
    rows: Sequence[Row], order: Mapping[Declared, int], routes: Callable[[Row], Sequence[Declared]]
) -> dict[str, Trie]:
    """One trie per method, of those routes, as declared; those for any method stand behind those that name it."""
    pairs = sorted(((row, route) for row in rows for route in routes(row)), key=lambda pair: order[pair[1]])
    methods = {row.method for row in rows} | {ANY_METHOD, "OPTIONS"}
    methods |= {"HEAD"} if "GET" in methods else set()
    tries = {method: Trie() for method in sorted(methods)}
    for wanted in (False, True):
        for row, route in pairs:
            if (row.method == ANY_METHOD) is wanted:
                for method in _methods(row, methods):
                    _add(tries[method], row, route)
                if route.automatic_options:
                    _add_options(tries["OPTIONS"], route)
    return tries


def _methods(row: Row, methods: Iterable[str]) -> Iterable[str]:
    if row.method == ANY_METHOD:
        return methods
    return ("GET", "HEAD") if row.method == "GET" else (row.method,)


def _add(trie: Trie, row: Row, route: Declared) -> None:
    place = Place(row, route, checked_from=route.template.checked_from if route.home is None else 0)
    if route.loose_slash:
        lacking = replace(place, exact=False) if route.template.ends_in_slash else None
        trie.add(route.template, place, lacking, place)
    else:
        trie.add(route.template, place, Turn.SLASH if _redirects(route) else None)


def _add_options(trie: Trie, route: Declared) -> None:
    if route.loose_slash:
        lacking = Turn.BARE_OPTIONS if route.template.ends_in_slash else None
        trie.add(route.template, Turn.OPTIONS, lacking, Turn.OPTIONS)
    else:
        trie.add(route.template, Turn.OPTIONS, Turn.SLASH if _redirects(route) else None)


def _redirects(route: Declared) -> bool:
    return route.redirects_to_slash and route.template.ends_in_slash


def _belongs(place: Place, path: str) -> bool:
    """Whether the template's own checks take the path too, and legacy does not send it elsewhere."""
    return _spelling(place.route, path) is not None and _home(place, path) is None


def _home(place: Place, path: str) -> str | None:
    """Where legacy redirects a path of this place."""
    if place.route.home is None or (taken := _spelling(place.route, path)) is None:
        return None
    return place.route.home(taken)


def _spelling(route: Declared, path: str) -> str | None:
    """The path as the template takes it, slashes as loose as they were for the look-up; None where it does not."""
    ways = (path, path + "/", path.removesuffix("/")) if route.loose_slash else (path,)
    return next(filter(route.template.accepts, ways), None)


def _takes_all(route: Declared) -> bool:
    return route.method == ANY_METHOD and route.template.shape == _ROOT
